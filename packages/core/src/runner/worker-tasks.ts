import type { TaskLogLine, TaskOutcome, TaskSpec } from '../contract/index.ts';
import type { FlowDescription } from '../flow/index.ts';
import type { Channel } from './calls.ts';
import { executeTask } from './execute-task.ts';
import { loadClass } from './load-flow.ts';
import { transferOf } from './transfer.ts';
import type { Values } from './values.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/** Outcomes of short tasks are sent together once this much time has passed. Ms. */
const COALESCE_MS = 4;

interface Attempt {
  readonly id: number;
  readonly spec: TaskSpec;
  readonly abort: AbortController;
}

/** Runs the attempts a worker is sent: one after the other, or side by side for steps with `concurrency`. */
export class WorkerTasks {
  private readonly queue: Attempt[] = [];
  private readonly known = new Map<number, Attempt>();
  private readonly current: Int32Array;
  private readonly outcomes: { id: number; outcome: TaskOutcome }[] = [];
  private readonly logs: { id: number; line: TaskLogLine }[] = [];
  private introduced: (description: FlowDescription) => void = () => {};
  private readonly description = new Promise<FlowDescription>((resolve) => {
    this.introduced = resolve;
  });
  private draining = false;
  private sentAt = performance.now();

  constructor(
    private readonly channel: Channel,
    /** Tasks may arrive before the serializer is loaded. */
    private readonly values: Promise<Values>,
    current: SharedArrayBuffer,
  ) {
    this.current = new Int32Array(current);
    channel.on('message', (message) => this.receive(message as ToWorker));
  }

  private receive(message: ToWorker): void {
    if ('abort' in message) {
      for (const id of message.abort) this.known.get(id)?.abort.abort(new Error(message.reason));
      return;
    }
    if ('description' in message) this.introduced(message.description);
    if (!('run' in message)) return;
    for (const { id, spec, multiplexed } of message.run) {
      const attempt = { id, spec, abort: new AbortController() };
      this.known.set(id, attempt);
      if (multiplexed) void this.execute(attempt);
      else this.queue.push(attempt);
    }
    if (!this.draining) void this.drain();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    let yieldedAt = performance.now();
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      Atomics.store(this.current, 0, next.id);
      await this.execute(next);
      Atomics.store(this.current, 0, 0);
      if (performance.now() - yieldedAt > 10) {
        await new Promise((resolve) => setImmediate(resolve));
        yieldedAt = performance.now();
      }
    }
    this.draining = false;
    this.flush();
  }

  private async execute({ id, spec, abort }: Attempt): Promise<void> {
    if (spec.timeoutMs !== undefined) this.channel.postMessage({ started: id } satisfies FromWorker);
    const [Class, description, values] = await Promise.all([loadClass(spec.code), this.description, this.values]);
    const host = { flow: { Class, description }, values, onLog: (line: TaskLogLine) => this.log(id, line) };
    const outcome = await executeTask(spec, host, abort.signal);
    this.known.delete(id);
    this.outcomes.push({ id, outcome });
    if (performance.now() - this.sentAt > COALESCE_MS || this.queue.length === 0) this.flush();
  }

  private log(id: number, line: TaskLogLine): void {
    this.logs.push({ id, line });
    if (performance.now() - this.sentAt > COALESCE_MS) this.flush();
  }

  private flush(): void {
    this.sentAt = performance.now();
    const logs = this.logs.splice(0);
    if (logs.length > 0) this.channel.postMessage({ logs } satisfies FromWorker);
    const outcomes = this.outcomes.splice(0);
    if (outcomes.length > 0) this.channel.postMessage({ outcomes } satisfies FromWorker, transferOf(outcomes));
  }
}
