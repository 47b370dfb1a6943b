import type { RunTaskOptions, TaskOutcome, TaskRunner, TaskSpec } from '../contract/index.ts';
import { executeTask } from './execute-task.ts';
import { loadFlow } from './load-flow.ts';
import type { Values } from './values.ts';

/**
 * Runs tasks in the calling thread, one at a time: for debuggers and tests. A busy loop cannot be stopped here,
 * and a step that ends the process ends the run.
 */
export class InlineRunner implements TaskRunner {
  readonly name = 'inline';
  readonly capabilities = { isolation: 'none', width: 1 } as const;

  constructor(private readonly values: Values) {}

  async run(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    const abort = new AbortController();
    const stop = () => abort.abort(options.signal?.reason);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    const timer =
      spec.timeoutMs === undefined ? undefined : setTimeout(() => abort.abort(new Error('timed out')), spec.timeoutMs);
    try {
      const flow = await loadFlow(spec.code);
      return await executeTask(
        spec,
        { flow, values: this.values, onLog: (line) => options.onLog?.(line) },
        abort.signal,
      );
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
    }
  }
}
