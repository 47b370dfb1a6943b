import type { RunTaskOptions, StoredError, TaskOutcome, TaskSpec } from '../contract/index.ts';
import type { FlowDescription } from '../flow/index.ts';
import { type Caller, type Channel, createCaller } from './calls.ts';
import { crashOutcome, stoppedOutcome, TIMED_OUT, timeoutError, type WorkerEnd } from './ended-attempts.ts';
import type { FlowCalls, FromWorker, ToWorker } from './worker-protocol.ts';

/** How long an attempt that was told to stop may take before its worker is ended. Ms. */
const GRACE_MS = 10_000;
/** The same for an attempt that ran out of its time. Ms. */
const TIMEOUT_GRACE_MS = 250;

/** A thread or a process that takes tasks. */
export interface WorkerHandle {
  readonly channel: Channel;
  /** Tasks it may hold at once besides multiplexed ones; those behind the first wait inside it. */
  readonly depth: number;
  /** Id of the attempt that runs exclusively; 0 for none, `undefined` when only `depth` can tell. */
  current(): number | undefined;
  /** Ends it without asking. */
  kill(): Promise<void>;
  onEnd(listener: (end: WorkerEnd) => void): void;
}

/** One attempt on its way through a worker. */
export interface Attempt {
  readonly id: number;
  readonly spec: TaskSpec;
  readonly options: RunTaskOptions;
  resolve(outcome: TaskOutcome): void;
  reject(error: unknown): void;
}

interface Running extends Attempt {
  readonly multiplexed: boolean;
  sentAt?: number;
  timer?: NodeJS.Timeout;
  /** Why it was stopped: what its outcome says when the worker has to be ended. */
  stopped?: StoredError;
  unlisten(): void;
}

/** One worker as the pool sees it: tasks in, outcomes out, and an honest word when it dies. */
export class PoolWorker {
  private readonly held = new Map<number, Running>();
  private readonly queue: Running[] = [];
  private outbox: Running[] = [];
  private sent = 0;
  private readonly caller: Caller<FlowCalls>;
  private exitListener: (waiting: Attempt[]) => void = () => {};

  constructor(
    private readonly handle: WorkerHandle,
    /** Whether tasks of this step run side by side in one worker. */
    private readonly isMultiplexed: (spec: TaskSpec) => boolean,
  ) {
    this.caller = createCaller<FlowCalls>(handle.channel);
    handle.channel.on('message', (message) => this.receive(message as FromWorker));
    handle.onEnd((end) => this.ended(end));
  }

  /** Attempts it was given and has not finished. */
  get load(): number {
    return this.held.size;
  }

  /** Asks the worker about the flow. */
  get call(): Caller<FlowCalls>['call'] {
    return this.caller.call;
  }

  /** Called once, with the attempts that had not begun. */
  onExit(listener: (waiting: Attempt[]) => void): void {
    this.exitListener = listener;
  }

  introduce(description: FlowDescription): void {
    this.handle.channel.postMessage({ description } satisfies ToWorker);
  }

  run(attempt: Attempt): void {
    const { id, spec, options } = attempt;
    const stop = () =>
      this.stopAttempt(id, GRACE_MS, { name: 'Error', message: String(options.signal?.reason?.message ?? 'stopped') });
    options.signal?.addEventListener('abort', stop, { once: true });
    const unlisten = () => options.signal?.removeEventListener('abort', stop);
    const running = { ...attempt, multiplexed: this.isMultiplexed(spec), unlisten };
    this.held.set(id, running);
    this.queue.push(running);
    this.fill();
    if (options.signal?.aborted) stop();
  }

  stop(): Promise<void> {
    return this.handle.kill();
  }

  /** Many tasks travel in one message. */
  private fill(): void {
    for (let next = this.queue[0]; next && (next.multiplexed || this.sent < this.handle.depth); next = this.queue[0]) {
      this.queue.shift();
      next.sentAt = performance.now();
      if (!next.multiplexed) this.sent++;
      if (this.outbox.push(next) === 1) queueMicrotask(() => this.send());
    }
  }

  private send(): void {
    const run = this.outbox.map(({ id, spec, multiplexed }) => ({ id, spec, multiplexed }));
    this.outbox = [];
    this.handle.channel.postMessage({ run } satisfies ToWorker);
  }

  private receive(message: FromWorker): void {
    if ('outcomes' in message) for (const { id, outcome } of message.outcomes) this.end(id, outcome);
    else if ('logs' in message) for (const { id, line } of message.logs) this.held.get(id)?.options.onLog?.(line);
    else if ('started' in message) this.watch(message.started);
  }

  private watch(id: number): void {
    const running = this.held.get(id);
    const limit = running?.spec.timeoutMs;
    if (!running || limit === undefined || running.stopped) return;
    running.timer = setTimeout(
      () => this.stopAttempt(id, TIMEOUT_GRACE_MS, timeoutError(running.spec.label, limit)),
      limit,
    );
  }

  /** First asks through the attempt's signal; an attempt that does not listen takes its worker with it. */
  private stopAttempt(id: number, grace: number, error: StoredError): void {
    const running = this.held.get(id);
    if (!running || running.stopped) return;
    running.stopped = error;
    clearTimeout(running.timer);
    if (running.sentAt === undefined) return this.drop(running, stoppedOutcome(running));
    this.handle.channel.postMessage({ abort: [id], reason: error.message } satisfies ToWorker);
    running.timer = setTimeout(() => void this.handle.kill(), grace);
    running.timer.unref();
  }

  private end(id: number, outcome: TaskOutcome): void {
    const running = this.held.get(id);
    if (!running) return;
    if (!running.multiplexed) this.sent--;
    const timedOut = running.stopped?.code === TIMED_OUT;
    this.drop(running, timedOut ? stoppedOutcome(running, outcome.log) : outcome);
    this.fill();
  }

  private drop(running: Running, outcome?: TaskOutcome): void {
    this.held.delete(running.id);
    const queued = this.queue.indexOf(running);
    if (queued >= 0) this.queue.splice(queued, 1);
    clearTimeout(running.timer);
    running.unlisten();
    if (outcome) running.resolve(outcome);
  }

  /** Attempts that ran when the worker ended have failed with it; those still in its queue have not begun. */
  private ended(end: WorkerEnd): void {
    const blamed = this.handle.current();
    const waiting: Attempt[] = [];
    const rest = [...this.held.values()];
    const begun = (r: Running) =>
      r.sentAt !== undefined && (r.multiplexed || (blamed === undefined ? this.sent > 0 : r.id === blamed));
    const nobody = !rest.some((r) => begun(r) || r.stopped);
    for (const running of rest) {
      if (running.stopped) this.drop(running, stoppedOutcome(running));
      else if (begun(running)) this.drop(running, crashOutcome(running, end));
      else {
        this.drop(running);
        if (nobody && end.error) running.reject(end.error);
        else waiting.push(running);
      }
    }
    this.caller.fail(end.error ?? new Error(`a worker ended with code ${end.code}`));
    this.exitListener(waiting);
  }
}
