import type { RunTaskOptions, TaskOutcome, TaskRunner, TaskSpec } from '../../contract/index.ts';
import type { FlowDescription } from '../../flow/index.ts';
import { stoppedOutcome } from '../attempt/ended-attempts.ts';
import type { Attempt, PoolWorker } from './pool-worker.ts';

export interface PoolOptions {
  /** Name of the runner, as `--runner` and a step's `runner` option give it. */
  readonly name: string;
  /** Distance of the workers from the run. From `'process'` on, specs tell where in the store their inputs lie. */
  readonly isolation: TaskRunner['capabilities']['isolation'];
  /** Most workers at once. */
  readonly width: number;
  /** Starts a worker. Called when every worker is busy and there are fewer than `width`. */
  readonly spawn: () => PoolWorker;
}

/**
 * A `TaskRunner` over workers that execute tasks behind a channel with `serveTasks`. Workers are started when there is work
 * for them, load the flow once, and are kept until `close`. It queues, enforces timeouts, passes on aborts, and turns the
 * end of a worker into the failure of the attempt that ran in it; where workers live is left to `spawn`. The split into
 * a pool and a worker handle is that of Piscina and of Jest's workers.
 */
export class PoolRunner implements TaskRunner {
  readonly name: string;
  readonly capabilities: TaskRunner['capabilities'];
  private readonly workers = new Set<PoolWorker>();
  private readonly watched = new WeakSet<AbortSignal>();
  private description: FlowDescription | undefined;
  private next = 1;
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    this.name = options.name;
    this.capabilities = { isolation: options.isolation, width: options.width };
  }

  /** Rejects only if a worker cannot be started, or after `close`. */
  async run(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    if (this.closed) throw new Error('the runner was closed');
    if (options.signal?.aborted) return stoppedOutcome({ spec });
    return new Promise((resolve, reject) => {
      this.watch(options.signal);
      this.place({ id: this.next++, spec, options, resolve, reject });
    });
  }

  /** Spares every worker the construction of the flow class. Optional: workers describe the flow themselves otherwise. */
  setDescription(description: FlowDescription): void {
    this.description = description;
    for (const worker of this.workers) worker.setDescription(description);
  }

  /** A worker that has nothing better to do, for questions about the flow. */
  anyWorker(): PoolWorker {
    return this.leastBusy() ?? this.start();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.workers].map((worker) => worker.stop()));
  }

  /** One listener for all attempts of a run. */
  private watch(signal: AbortSignal | undefined): void {
    if (!signal || this.watched.has(signal)) return;
    this.watched.add(signal);
    signal.addEventListener('abort', () => this.abort(signal), { once: true });
  }

  private abort(signal: AbortSignal): void {
    for (const worker of this.workers) worker.abort(signal);
  }

  private place(attempt: Attempt): void {
    const idle = this.leastBusy();
    const worker = idle && (idle.load === 0 || this.usable().length >= this.options.width) ? idle : this.start();
    worker.run(attempt);
  }

  private leastBusy(): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.usable()) if (!best || worker.load < best.load) best = worker;
    return best;
  }

  private usable(): PoolWorker[] {
    return [...this.workers].filter((worker) => !worker.isSpent);
  }

  private placeAgain(unbegun: readonly Attempt[]): void {
    for (const attempt of unbegun) {
      if (this.closed) attempt.reject(new Error('the runner was closed'));
      else this.place(attempt);
    }
  }

  private start(): PoolWorker {
    const worker = this.options.spawn();
    this.workers.add(worker);
    if (this.description) worker.setDescription(this.description);
    worker.onReturn((unbegun) => this.placeAgain(unbegun));
    worker.onExit((waiting) => {
      this.workers.delete(worker);
      this.placeAgain(waiting);
    });
    return worker;
  }
}
