/** Ms between two changes of the line. */
const PAUSE_MS = 100;

/** One line on a terminal that says how far a command is; nothing elsewhere. */
export class ProgressLine {
  private shownAt = 0;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  show(text: string): void {
    const now = Date.now();
    if (!this.stream.isTTY || now - this.shownAt < PAUSE_MS) return;
    this.shownAt = now;
    this.stream.write(`\r\x1b[K ${text}`);
  }

  say(message: string): void {
    this.clear();
    this.stream.write(`${message}\n`);
  }

  clear(): void {
    if (this.shownAt > 0) this.stream.write('\r\x1b[K');
    this.shownAt = 0;
  }
}
