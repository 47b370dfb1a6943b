import { AsyncLocalStorage } from 'node:async_hooks';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A terminal as far as a report needs it. */
export interface Terminal {
  /** As it is now. */
  size(): TerminalSize;
  write(text: string): void;
  /** Until the returned function is called. */
  onResize(act: () => void): () => void;
}

/** A window that does not tell its size counts as this big. */
const UNKNOWN: TerminalSize = { columns: 80, rows: 24 };

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  const write = outsideTasks(stream);
  return {
    write,
    size: () => ({ columns: stream.columns || UNKNOWN.columns, rows: stream.rows || UNKNOWN.rows }),
    onResize: (act) => {
      stream.on('resize', act);
      return () => stream.off('resize', act);
    },
  };
}

/** Writes past everything that captures the output of tasks: a report may be told things from within a task. */
export function outsideTasks(stream: NodeJS.WriteStream): (text: string) => void {
  const pass = stream.write.bind(stream);
  const outside = AsyncLocalStorage.snapshot();
  return (text) => void outside(() => pass(text));
}

const ENDING = ['SIGHUP', 'SIGQUIT'] as const;

export interface TerminalGuard {
  /** The terminal is about to belong to somebody else. */
  giveBack(): void;
  /** It is ours again, and may show anything. */
  comeBack(): void;
}

/** The part of `process` that is needed. */
export interface SignalHost {
  readonly pid: number;
  on(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/**
 * Gives the terminal back however the process ends or pauses: by `exit`, an exception, a signal, Ctrl-Z. Ctrl-C and
 * SIGTERM are left to those who listen to them. Call what it returns when the terminal is no longer held.
 */
export function guardTerminal(guard: TerminalGuard, host: SignalHost = process): () => void {
  const exit = () => guard.giveBack();
  const end = (signal: NodeJS.Signals) => {
    release();
    guard.giveBack();
    host.kill(host.pid, signal);
  };
  const pause = (signal: NodeJS.Signals) => {
    host.off('SIGTSTP', pause);
    guard.giveBack();
    host.on('SIGCONT', resume);
    host.kill(host.pid, signal);
  };
  const resume = () => {
    host.off('SIGCONT', resume);
    host.on('SIGTSTP', pause);
    guard.comeBack();
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

/** Hands everything others write to these streams to `take`, until the returned function is called. */
export function shareStreams(streams: readonly Stream[], take: (text: string) => void): () => void {
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
