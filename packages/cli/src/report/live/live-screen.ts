import { width } from '../../print/text.ts';
import type { Terminal } from './terminal.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Makes the terminal cut a line that is wider than measured, so that it does not shift the others. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const ERASE_LINE = '\u001b[2K';
const ERASE_BELOW = '\u001b[J';

/**
 * Lines repainted in place. The cursor rests at the beginning of the line below them, so there may be one line less
 * than the window has rows. Each paint is one write, and leaves no terminal mode set.
 */
export class LiveScreen {
  private lines: readonly string[] = [];
  private columns = 0;
  private isCursorHidden = false;

  constructor(private readonly terminal: Terminal) {}

  paint(lines: readonly string[]): void {
    const { columns } = this.terminal.size();
    if (this.isCursorHidden && columns === this.columns && sameLines(lines, this.lines)) return;
    this.terminal.write(`${this.hideCursor()}${this.toTop()}${NO_WRAP}${draw(lines)}${ERASE_BELOW}${WRAP}`);
    this.lines = lines;
    this.columns = columns;
  }

  /** Writes permanent text above the lines. */
  writeAbove(text: string): void {
    const ended = text.endsWith('\n') ? text : `${text}\n`;
    this.terminal.write(`${this.erase()}${ended.replaceAll('\n', '\r\n')}${NO_WRAP}${draw(this.lines)}${WRAP}`);
  }

  /** Shows the cursor again; the lines stay where they are. */
  showCursor(): void {
    if (this.isCursorHidden) this.terminal.write(SHOW_CURSOR);
    this.isCursorHidden = false;
  }

  /** Writes the last frame. It may be longer than the window, and its long lines wrap. */
  finish(lines: readonly string[]): void {
    this.terminal.write(`${this.erase()}${lines.map((line) => `${line}\r\n`).join('')}`);
    this.leave();
  }

  /** Leaves the lines behind for good: the next paint starts below. */
  leave(): void {
    this.lines = [];
    this.showCursor();
  }

  private hideCursor(): string {
    if (this.isCursorHidden) return '';
    this.isCursorHidden = true;
    return HIDE_CURSOR;
  }

  private toTop(): string {
    return `\r${up(this.height())}`;
  }

  /** Erases line by line: on erasing everything, some terminals first copy it to the scrollback. */
  private erase(): string {
    const rows = this.height();
    return `\r${up(rows)}${`${ERASE_LINE}\r\n`.repeat(rows)}${up(rows)}`;
  }

  /** Rows that the lines take now: a window that became narrower has wrapped those that no longer fit. */
  private height(): number {
    const { columns } = this.terminal.size();
    return this.lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
  }
}

function up(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A`;
}

function draw(lines: readonly string[]): string {
  return lines.map((line) => `${ERASE_LINE}${line}\r\n`).join('');
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}
