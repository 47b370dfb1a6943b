import type { TaskLogLine } from '../contract/index.ts';
import { redact } from './redact.ts';
import type { OutputSink } from './scope.ts';

/** Captured output of one attempt is cut here. Bytes of text. */
const LOG_MAX = 10 * 1024 * 1024;

/** Codec of stored logs: one JSON array `[msSinceEpoch, "o" | "e", text]` a line. */
export const LOG_CODEC = 'log/1';

/** One stored line of output. */
export interface LogLine {
  /** Ms since the Unix epoch. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Gathers what one attempt prints, line by line. */
export class TaskLog implements OutputSink {
  private readonly lines: string[] = [];
  private readonly partial = { stdout: '', stderr: '' };
  private size = 0;
  private cut = false;

  constructor(
    private readonly names: { readonly task: string; readonly label: string },
    private readonly onLine: (line: TaskLogLine) => void,
  ) {}

  write(stream: 'stdout' | 'stderr', text: string): void {
    const pieces = (this.partial[stream] + text).split('\n');
    this.partial[stream] = pieces.pop() ?? '';
    for (const piece of pieces) this.add(stream, piece);
  }

  /** The stored form; `undefined` when nothing was printed. */
  end(): Uint8Array | undefined {
    for (const stream of ['stdout', 'stderr'] as const) if (this.partial[stream] !== '') this.write(stream, '\n');
    return this.lines.length === 0 ? undefined : Buffer.from(`${this.lines.join('\n')}\n`, 'utf8');
  }

  private add(stream: 'stdout' | 'stderr', printed: string): void {
    const text = redact(printed);
    this.onLine({ ...this.names, stream, text });
    if (this.cut) return;
    this.size += text.length;
    this.cut = this.size > LOG_MAX;
    const kept = this.cut ? `[varve: output beyond ${LOG_MAX} characters was not stored]` : text;
    this.lines.push(JSON.stringify([Date.now(), stream === 'stdout' ? 'o' : 'e', kept]));
  }
}

/** Stored output back as lines. Lines that are not of the format are shown as they are. */
export function parseLog(bytes: Uint8Array): LogLine[] {
  const text = Buffer.from(bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseLine(line));
}

function parseLine(line: string): LogLine {
  try {
    const [at, stream, text] = JSON.parse(line) as [number, string, string];
    return { at: Number(at), stream: stream === 'e' ? 'stderr' : 'stdout', text: String(text) };
  } catch {
    return { at: 0, stream: 'stdout', text: line };
  }
}
