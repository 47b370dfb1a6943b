import xterm from '@xterm/headless';
import type { Terminal } from '../../../src/report/live/terminal.ts';

/** Terminal for tests: a real emulator interprets the output. */
export class Screen implements Terminal {
  private readonly emulator: xterm.Terminal;
  private readonly listeners = new Set<() => void>();
  /** Raw output. */
  raw = '';
  writes = 0;

  constructor(columns = 80, rows = 24) {
    this.emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 5000, allowProposedApi: true });
  }

  size() {
    return { columns: this.emulator.cols, rows: this.emulator.rows };
  }

  write(text: string): void {
    this.raw += text;
    this.writes++;
    this.emulator.write(text);
  }

  /** Writes like a shell before the command starts. */
  type(text: string): Promise<void> {
    return new Promise((resolve) => this.emulator.write(text.replaceAll('\n', '\r\n'), resolve));
  }

  onResize(act: () => void): () => void {
    this.listeners.add(act);
    return () => this.listeners.delete(act);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.settle();
    this.emulator.resize(columns, rows);
    for (const act of this.listeners) act();
  }

  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  /** Visible lines of the window, without empty ones at its end. */
  async window(): Promise<string[]> {
    await this.settle();
    const { baseY } = this.emulator.buffer.active;
    return this.read(baseY);
  }

  /** Lines of the window and of the scrollback. */
  async everything(): Promise<string[]> {
    await this.settle();
    return this.read(0);
  }

  /** Line of the cursor, counted as in `everything`. */
  async cursorLine(): Promise<number> {
    await this.settle();
    const { baseY, cursorY } = this.emulator.buffer.active;
    return baseY + cursorY;
  }

  get cursorIsHidden(): boolean {
    return this.raw.lastIndexOf('\u001b[?25l') > this.raw.lastIndexOf('\u001b[?25h');
  }

  get wraps(): boolean {
    return this.emulator.modes.wraparoundMode;
  }

  private settle(): Promise<void> {
    return new Promise((resolve) => this.emulator.write('', resolve));
  }

  private read(from: number): string[] {
    const { active } = this.emulator.buffer;
    const lines: string[] = [];
    for (let at = from; at < active.length; at++) lines.push(active.getLine(at)?.translateToString(true) ?? '');
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }
}
