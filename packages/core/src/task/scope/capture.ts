import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Digest } from '../../contract/index.ts';
import type { AmbientInputs } from './ambient-inputs.ts';

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
  /** Takes what the attempt reads besides artifacts. */
  readonly ambient: AmbientInputs;
}

const current = new AsyncLocalStorage<AttemptScope>();
/** The inputs of a flow's file that is being loaded. */
const loading = new AsyncLocalStorage<AmbientInputs>();

/** Runs `body` so that everything it prints or throws, also after an await, belongs to `scope`. */
export function runInScope<T>(scope: AttemptScope, body: () => T): T {
  // What `body` enters with an `AsyncLocalStorage` of its own ends with it.
  return new AsyncResource('varve.attempt').runInAsyncScope(() => current.run(scope, body));
}

/** The attempt to which the calling code belongs. */
export function currentScope(): AttemptScope | undefined {
  return current.getStore();
}

/** Runs `body`, which loads the file of a flow, so that what it looks at belongs to `inputs`. */
export function runLoading<T>(inputs: AmbientInputs, body: () => T): T {
  return loading.run(inputs, body);
}

/** The inputs of the flow's file that the calling code belongs to: it is being loaded, or was left running by that. */
export function loadingInputs(): AmbientInputs | undefined {
  return loading.getStore();
}

/** Runs `body` so that what it looks at belongs to `inputs`; its output and errors stay with the attempt that it is part of. */
export function runReading<T>(inputs: AmbientInputs, body: () => T): T {
  const scope = current.getStore();
  if (!scope) return loading.run(inputs, body);
  const part: AttemptScope = {
    label: scope.label,
    write: (stream, text) => scope.write(stream, text),
    fail: (error) => scope.fail(error),
    failRead: (error, lost) => scope.failRead(error, lost),
    ambient: inputs,
  };
  return current.run(part, body);
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
