import { AsyncLocalStorage } from 'node:async_hooks';
import type { Digest } from '../../contract/index.ts';

/** Receives the output of one attempt. */
export interface OutputSink {
  write(stream: 'stdout' | 'stderr', text: string): void;
}

/** The attempt to which the running code belongs: takes its output, and errors that no promise of the step passes on. */
export interface AttemptScope extends OutputSink {
  /** `train[knn]`. */
  readonly label: string;
  /** Reports an error that did not pass through the step's own promise. */
  fail(error: unknown): void;
  /** Reports an input that could not be read; `lost` when its bytes are missing or damaged. */
  failRead(error: unknown, lost: Digest | undefined): void;
}

const current = new AsyncLocalStorage<AttemptScope>();

/** Runs `body` so that everything it prints or throws, also after an await, belongs to `scope`. */
export function runInScope<T>(scope: AttemptScope, body: () => T): T {
  return current.run(scope, body);
}

/** The attempt to which the calling code belongs. */
export function currentScope(): AttemptScope | undefined {
  return current.getStore();
}

/** Prints to stderr outside of any attempt. */
export function printOutside(text: string): void {
  current.exit(() => process.stderr.write(text));
}

/**
 * Routes this thread's stdout and stderr to the task that prints. Output outside a task goes to stderr, because stdout
 * carries only requested data; with `keepStdout` it stays where it was, for a thread that also reports. Returns a function
 * that undoes it.
 */
export function installCapture({ keepStdout = false } = {}): () => void {
  const writeError = process.stderr.write;
  const undo = (['stdout', 'stderr'] as const).map((stream) => {
    const target = process[stream];
    const { write } = target;
    target.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
      const scope = current.getStore();
      if (!scope) {
        const [out, put] = keepStdout ? [target, write] : [process.stderr, writeError];
        return put.call(out, chunk as string, encoding as BufferEncoding, callback as () => void);
      }
      scope.write(stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }) as typeof write;
    return () => {
      target.write = write;
    };
  });
  return () => {
    for (const one of undo) one();
  };
}
