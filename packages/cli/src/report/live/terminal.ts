import { AsyncLocalStorage } from 'node:async_hooks';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Interface of a terminal that a report needs. */
export interface Terminal {
  /** Current size. */
  size(): TerminalSize;
  write(text: string): void;
  /** Calls `act` on each resize, until the returned function is called. */
  onResize(act: () => void): () => void;
}

/** Assumed for a window of unknown size. */
const UNKNOWN: TerminalSize = { columns: 80, rows: 24 };

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  const write = uncapturedWriter(stream);
  return {
    write,
    size: () => ({ columns: stream.columns || UNKNOWN.columns, rows: stream.rows || UNKNOWN.rows }),
    onResize: (act) => {
      stream.on('resize', act);
      return () => stream.off('resize', act);
    },
  };
}

/** Returns a writer that bypasses the capture of task output: events may arrive in the context of a task. */
export function uncapturedWriter(stream: { write(text: string): unknown }): (text: string) => void {
  const pass = stream.write.bind(stream);
  const outside = AsyncLocalStorage.snapshot();
  return (text) => void outside(() => pass(text));
}

const ENDING = ['SIGHUP', 'SIGQUIT'] as const;

export interface TerminalGuard {
  /** Called before another process may use the terminal. */
  suspend(): void;
  /** Called when the terminal is back, with unknown content. */
  resume(): void;
}

/** The subset of `process` that is used here. */
export interface SignalHost {
  readonly pid: number;
  on(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/**
 * Suspends the report however the process ends or pauses: by `exit`, an exception, a signal, Ctrl-Z. Leaves Ctrl-C and
 * SIGTERM to their own listeners. Call the returned function when the terminal is no longer held.
 */
export function guardTerminal(guard: TerminalGuard, host: SignalHost = process): () => void {
  const exit = () => guard.suspend();
  const end = (signal: NodeJS.Signals) => {
    release();
    guard.suspend();
    host.kill(host.pid, signal);
  };
  const pause = (signal: NodeJS.Signals) => {
    host.off('SIGTSTP', pause);
    guard.suspend();
    host.on('SIGCONT', resume);
    host.kill(host.pid, signal);
  };
  const resume = () => {
    host.off('SIGCONT', resume);
    host.on('SIGTSTP', pause);
    guard.resume();
  };
  const release = () => {
    host.off('exit', exit);
    host.off('SIGTSTP', pause);
    host.off('SIGCONT', resume);
    for (const signal of ENDING) host.off(signal, end);
  };
  host.on('exit', exit);
  host.on('SIGTSTP', pause);
  for (const signal of ENDING) host.on(signal, end);
  return release;
}

type Stream = Pick<NodeJS.WriteStream, 'write'>;

/** Redirects all writes to these streams to `take`, until the returned function is called. */
export function redirectStreams(streams: readonly Stream[], take: (text: string) => void): () => void {
  const originals = streams.map((stream) => {
    const { write } = stream;
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
      take(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }) as Stream['write'];
    return () => {
      stream.write = write;
    };
  });
  return () => {
    for (const restore of originals) restore();
  };
}
