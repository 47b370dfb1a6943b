import type { RunTaskOptions, StoredError, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import type { FlowDescription } from '../../flow/index.ts';
import {
  crashOutcome,
  GRACE_MS,
  stoppedOutcome,
  TIMED_OUT,
  timeoutError,
  type WorkerEnd,
} from '../attempt/ended-attempts.ts';
import type { FlowCalls } from '../attempt/load-flow.ts';
import { type Caller, type Channel, createCaller } from './calls.ts';
import { packSpecs, unpackOutcomes } from './packed-tasks.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** Ms that an attempt may take after its timeout before its worker is killed. */
const TIMEOUT_GRACE_MS = 250;

/** A thread, process or machine that takes tasks: implemented by authors of runners. */
export interface WorkerHandle {
  /** Leads to the `serveTasks` of the worker. Messages arrive whole and in order, and are dropped once the worker has ended. */
  readonly channel: Channel;
  /**
   * Tasks it may hold at once besides multiplexed ones; those behind the first wait inside it. Default 1. More hides the
   * latency of the channel, but needs `current`: else a crash fails an attempt that only waited.
   */
  readonly depth?: number;
  /** Id of the attempt that runs exclusively; 0 for none, `undefined` when only `depth` can tell. */
  current?(): number | undefined;
  /** Ends it without asking. Resolves when it has ended, also when it had ended before. */
  kill(): Promise<void>;
  /** The listener is called once, when the worker has ended for whatever reason or could not be started. */
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
}

export interface PoolWorkerOptions {
  /** True for tasks that run side by side in one worker. Default: none do. */
  readonly isMultiplexed?: (spec: TaskSpec) => boolean;
  /** Ms that an attempt may take after the run was told to stop. Default 10 s. */
  readonly graceMs?: number | undefined;
}

/** Pool-side handle of one worker: dispatches tasks, reports outcomes and crashes. */
export class PoolWorker {
  private readonly held = new Map<number, Running>();
  private readonly queue: Running[] = [];
  private outbox: Running[] = [];
  private sent = 0;
  private killed = false;
  private spent = false;
  private readonly caller: Caller<FlowCalls>;
  private returnListener: (unbegun: Attempt[]) => void = () => {};
  private exitListener: (waiting: Attempt[]) => void = () => {};

  constructor(
    private readonly handle: WorkerHandle,
    private readonly options: PoolWorkerOptions = {},
  ) {
    this.caller = createCaller<FlowCalls>(handle.channel);
    handle.channel.on('message', (message) => this.receive(message as FromWorker));
    // A worker that could not be started may say so at once, before the pool listens.
    handle.onEnd((end) => queueMicrotask(() => this.ended(end)));
  }

  /** Attempts it was given and has not finished. */
  get load(): number {
    return this.held.size;
  }

  /** Asks the worker about the flow. */
  get call(): Caller<FlowCalls>['call'] {
    return this.caller.call;
  }

  /** True once it begins nothing more: it only ends what runs in it. */
  get isSpent(): boolean {
    return this.spent;
  }

  /** Called with attempts that had not begun when the worker became spent. */
  onReturn(listener: (unbegun: Attempt[]) => void): void {
    this.returnListener = listener;
  }

  /** Called once, with the attempts that had not begun. */
  onExit(listener: (waiting: Attempt[]) => void): void {
    this.exitListener = listener;
  }

  setDescription(description: FlowDescription): void {
    this.handle.channel.postMessage({ description } satisfies ToWorker);
  }

  run({ id, spec, options, resolve, reject }: Attempt): void {
    const running: Running = {
      id,
      spec,
      options,
      resolve,
      reject,
      multiplexed: this.options.isMultiplexed?.(spec) ?? false,
    };
    this.held.set(id, running);
    this.queue.push(running);
    this.fill();
    if (options.signal?.aborted) this.interrupt(running);
  }

  /** Stops every attempt that the aborted signal belongs to. */
  abort(signal: AbortSignal): void {
    for (const running of [...this.held.values()]) if (running.options.signal === signal) this.interrupt(running);
  }

  /** Ends it without asking. */
  stop(): Promise<void> {
    this.killed = true;
    return this.handle.kill();
  }

  /** Many tasks travel in one message. */
  private fill(): void {
    for (
      let next = this.queue[0];
      next && (next.multiplexed || this.sent < (this.handle.depth ?? 1));
      next = this.queue[0]
    ) {
      this.queue.shift();
      next.sentAt = performance.now();
      if (!next.multiplexed) this.sent++;
      if (this.outbox.push(next) === 1) queueMicrotask(() => this.send());
    }
  }

  private send(): void {
    if (this.outbox.length === 0) return;
    const specs = packSpecs(this.outbox);
    this.outbox = [];
    this.handle.channel.postMessage(specs satisfies ToWorker);
  }

  private receive(message: FromWorker): void {
    if ('outcomes' in message) for (const { id, outcome } of unpackOutcomes(message)) this.end(id, outcome);
    else if ('logs' in message) for (const { id, line } of message.logs) this.held.get(id)?.options.onLog?.(line);
    else if ('started' in message) this.watch(message.started);
    else if ('spent' in message) this.giveBack(message.spent);
  }

  /** A spent worker begins nothing more: it is ended once nothing runs in it. */
  private giveBack(ids: readonly number[]): void {
    this.spent = true;
    const unbegun = [...ids.flatMap((id) => this.held.get(id) ?? []), ...this.queue];
    for (const running of unbegun) this.drop(running, running.stopped && stoppedOutcome(running));
    this.returnListener(unbegun.filter(({ stopped }) => !stopped));
    if (this.held.size === 0) void this.stop().catch(() => {});
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

  private interrupt({ id, options }: Running): void {
    const message = String(options.signal?.reason?.message ?? 'stopped');
    this.stopAttempt(id, this.options.graceMs ?? GRACE_MS, { name: 'Error', message });
  }

  /** First asks through the attempt's signal; an attempt that does not listen takes its worker with it. */
  private stopAttempt(id: number, grace: number, error: StoredError): void {
    const running = this.held.get(id);
    if (!running || running.stopped) return;
    running.stopped = error;
    clearTimeout(running.timer);
    if (running.sentAt === undefined) return this.drop(running, stoppedOutcome(running));
    this.send(); // Behind the task itself: a worker does not know attempts that have not arrived.
    this.handle.channel.postMessage({ abort: [id], reason: error.message } satisfies ToWorker);
    running.timer = setTimeout(() => void this.stop().catch(() => {}), grace);
    running.timer.unref();
  }

  private end(id: number, outcome: TaskOutcome): void {
    const running = this.held.get(id);
    if (!running) return;
    if (!running.multiplexed) this.sent--;
    const timedOut = running.stopped?.code === TIMED_OUT;
    this.drop(running, timedOut ? stoppedOutcome(running, outcome.log) : outcome);
    if (this.spent && this.held.size === 0) void this.stop().catch(() => {});
    this.fill();
  }

  private drop(running: Running, outcome?: TaskOutcome): void {
    this.held.delete(running.id);
    if (running.sentAt === undefined) this.queue.splice(this.queue.indexOf(running), 1);
    clearTimeout(running.timer);
    if (outcome) running.resolve(outcome);
  }

  /**
   * Attempts that ran when the worker ended have failed with it; those still in its queue have not begun, and those
   * that only shared it with the one at fault start again elsewhere.
   */
  private ended(end: WorkerEnd): void {
    const rest = [...this.held.values()];
    const atFault = this.atFault(rest);
    const waiting: Attempt[] = [];
    for (const running of rest) {
      this.drop(running);
      if (running.stopped) running.resolve(stoppedOutcome(running));
      else if (atFault.includes(running)) running.resolve(crashOutcome(running, end, atFault.length));
      else if (atFault.length === 0 && end.error && !rest.some((r) => r.stopped)) running.reject(end.error);
      else waiting.push(running);
    }
    this.caller.fail(end.error ?? new Error(`a worker ended with code ${end.code}`));
    this.exitListener(waiting);
  }

  /** Attempts that the end of the worker is blamed on: none when it was ended on purpose; all that ran, if nothing tells. */
  private atFault(rest: readonly Running[]): Running[] {
    if (this.killed) return [];
    const blamed = this.handle.current?.();
    const exclusive = rest.find(
      (r) => !r.multiplexed && r.sentAt !== undefined && (blamed === undefined || r.id === blamed),
    );
    return exclusive ? [exclusive] : rest.filter((r) => r.multiplexed && r.sentAt !== undefined);
  }
}
