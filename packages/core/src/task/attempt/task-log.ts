import type { StoredError, TaskLogLine } from '../../contract/index.ts';
import { revealedSecrets } from '../../flow/index.ts';
import type { OutputSink } from '../scope/capture.ts';
import { wallNow } from '../scope/own-clock.ts';

/** Captured output of one attempt is cut here. Characters. */
const LOG_MAX = 10 * 1024 * 1024;
/** Shorter pieces of secrets are not hidden: they are everyday words. Characters. */
const SECRET_MIN = 4;

/** Codec of stored logs: one JSON array `[msSinceEpoch, "o" | "e", text]` a line. */
export const LOG_CODEC = 'log/1';

/** One stored line of output. */
export interface LogLine {
  /** Ms since the Unix epoch. */
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Collects the output of one attempt, line by line. */
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
    const line = this.cut ? `[varve: output beyond ${LOG_MAX} characters was not stored]` : text;
    this.lines.push(JSON.stringify([wallNow(), stream === 'stdout' ? 'o' : 'e', line]));
  }
}

/** Reads stored output. Lines of another format are kept as they are. */
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

/** Replaces the values of secrets that a step has used by `[secret NAME]`. */
export function redact(text: string): string {
  let clean = text;
  // The longest first: a secret may be the beginning of another one.
  for (const [piece, name] of pieces().sort(([a], [b]) => b.length - a.length)) {
    if (clean.includes(piece)) clean = clean.replaceAll(piece, `[secret ${name}]`);
  }
  return clean;
}

function pieces(): [piece: string, name: string][] {
  return [...revealedSecrets()].flatMap(([value, name]) =>
    value
      .split(/\r?\n/)
      .filter((line) => line.length >= SECRET_MIN)
      .map((line): [string, string] => [line, name]),
  );
}

/** Redacts every text of an error. */
export function redactError(error: StoredError): StoredError {
  if (revealedSecrets().size === 0) return error;
  return {
    ...error,
    name: redact(error.name),
    message: redact(error.message),
    ...(error.code !== undefined && { code: redact(error.code) }),
    ...(error.location !== undefined && { location: { ...error.location, file: redact(error.location.file) } }),
    ...(error.hint !== undefined && { hint: redact(error.hint) }),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && { cause: redactError(error.cause) }),
  };
}
