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
