import { AsyncLocalStorage } from 'node:async_hooks';

/** Where the output of one attempt goes. */
export interface OutputSink {
  write(stream: 'stdout' | 'stderr', text: string): void;
}

const current = new AsyncLocalStorage<OutputSink>();

/** Everything printed inside `body`, also after an await, goes to `sink`. */
export function captureOutput<T>(sink: OutputSink, body: () => T): T {
  return current.run(sink, body);
}

/** Routes this thread's stdout and stderr to the task that prints. What is printed outside a task passes as before. */
export function installCapture(): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const target = process[stream];
    const pass = target.write.bind(target);
    target.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
      const sink = current.getStore();
      if (!sink) return pass(chunk, encoding as BufferEncoding, callback as () => void);
      sink.write(stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }) as typeof target.write;
  }
}
