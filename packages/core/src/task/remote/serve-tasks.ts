import type { CodeLocation, Hasher, Serializer, TaskLogLine, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { describeFlow, type FlowDescription } from '../../flow/index.ts';
import { storeError } from '../../store/index.ts';

import { executeTask, failedOutcome, type TaskHost } from '../attempt/execute-task.ts';
import { Leftovers } from '../attempt/leftovers.ts';
import { type FlowCalls, flowCalls, loadClass } from '../attempt/load-flow.ts';
import { AttemptAbort } from '../attempt/step-scope.ts';
import { attributeStrayLooks } from '../scope/ambient-scope.ts';
import { installCapture, printOutside } from '../scope/capture.ts';
import { monotonicNow } from '../scope/own-clock.ts';
import { installUnhandledErrorHandlers } from '../scope/unhandled-errors.ts';
import type { BlobAccess } from '../values/blob-access.ts';
import { Values } from '../values/values.ts';
import { type Channel, serveCalls } from './calls.ts';
import { type Ended, HeldOutcomes, type Pace } from './held-outcomes.ts';
import { packOutcomes, unpackSpecs } from './packed-tasks.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

// Tasks may install timers that stand still.
const { setImmediate, setTimeout } = globalThis;

/** Outcomes of short tasks are sent together once this much time has passed. Ms. */
const COALESCE_MS = 4;
/** So many lines may be sent on their own, one after the other; then one each `COALESCE_MS`. */
const LINES_AT_ONCE = 64;

interface Attempt {
  readonly id: number;
  readonly spec: TaskSpec;
  readonly abort: AttemptAbort;
}

type Prepared = Pick<TaskHost, 'flow' | 'values'>;

/** The parts of a stack that a worker executes tasks with. */
export interface TaskParts {
  /** Stored bytes. `read` and `materializeSync` may block the thread: fields of a flow are read synchronously. */
  readonly blobs: BlobAccess;
  readonly serializer: Serializer;
  readonly hasher: Hasher;
  /**
   * False once a task has changed what all code of the thread shares, such as a built-in object or the umask. Asked
   * before a task of another step begins: it is given back to the pool then, which starts a fresh worker. Left out: never.
   */
  readonly isIntact?: () => boolean;
  /**
   * Names what tasks have changed that others of their step may see. Asked once for some of them: the results of those that
   * may have seen it are kept from other runs. Left out: nothing.
   */
  readonly changes?: () => readonly string[];
}

export interface ServeOptions {
  /**
   * One Int32 in memory shared with `WorkerHandle.current`: the id of the attempt that runs exclusively, 0 for none. A pool
   * that can read it blames a crash on that attempt alone.
   */
  readonly current?: SharedArrayBuffer;
}

/**
 * Turns the calling thread into a worker of a `PoolRunner`: executes the tasks that arrive over the channel and answers
 * with their outcomes and the lines they print. Call it once per thread, before the first message can arrive; `parts` may
 * still be opening then, and every task fails if they reject. From then on the thread's stdout and stderr belong to the
 * running tasks, and errors outside any promise, as well as `process.exit()`, fail the task they come from instead of the
 * thread. Ending a worker whose pool is gone is left to the caller. The shape, one call over a port that the caller brings,
 * is that of Comlink's `expose`.
 */
export function serveTasks(
  channel: Channel,
  parts: TaskParts | PromiseLike<TaskParts>,
  { current = new SharedArrayBuffer(4) }: ServeOptions = {},
): void {
  process.setSourceMapsEnabled(true);
  installCapture();
  installUnhandledErrorHandlers();
  attributeStrayLooks();
  serveCalls<FlowCalls>(channel, flowCalls);
  new WorkerTasks(channel, Promise.resolve(parts), current);
}

/** Runs the attempts a worker is sent: one after the other, or side by side for steps with `concurrency`. */
class WorkerTasks {
  private readonly queue: Attempt[] = [];
  private readonly known = new Map<number, Attempt>();
  private readonly current: Int32Array;
  private readonly values: Promise<Values>;
  private isIntact: TaskParts['isIntact'];
  private changes: TaskParts['changes'];
  private readonly leftovers = new Leftovers();
  private readonly outcomes = new HeldOutcomes(
    () => this.changes?.(),
    () => this.leftovers.areActive(),
  );
  private readonly logs: { id: number; line: TaskLogLine }[] = [];
  private description: FlowDescription | undefined;
  private prepared: (Prepared & { readonly code: CodeLocation }) | undefined;
  private lastStep: string | undefined;
  private spent = false;
  private draining = false;
  private flushing = false;
  /** An attempt side by side with others has begun or ended since the last turn: its step may have a place for the next one. */
  private isOwed = false;
  /** That of the outcomes that leave in the next turn, unless the queue tells it. */
  private nextPace: Pace | undefined;
  private later: NodeJS.Timeout | undefined;
  private sentAt = monotonicNow();
  /** Lines that may still be sent on their own. */
  private credit = LINES_AT_ONCE;

  constructor(
    private readonly channel: Channel,
    /** Tasks may arrive before the serializer is loaded. */
    parts: Promise<TaskParts>,
    current: SharedArrayBuffer,
  ) {
    this.current = new Int32Array(current);
    this.values = parts.then(({ blobs, serializer, hasher, isIntact, changes }) => {
      this.isIntact = isIntact;
      this.changes = changes;
      return new Values(blobs, serializer, hasher);
    });
    // Parts that cannot be opened fail the tasks that need them, and nothing else.
    this.values.catch(() => {});
    channel.on('message', (message) => this.receive(message as ToWorker));
  }

  private receive(message: ToWorker): void {
    if ('abort' in message) {
      for (const id of message.abort) this.known.get(id)?.abort.abort(new Error(message.reason));
      return;
    }
    if ('description' in message) this.description = message.description;
    if (!('specs' in message)) return;
    const attempts = unpackSpecs(message);
    for (const { id, spec, multiplexed } of attempts) {
      const attempt = { id, spec, abort: new AttemptAbort() };
      if (this.isSpent(spec)) {
        this.giveBack([attempt]);
        continue;
      }
      this.known.set(id, attempt);
      if (multiplexed) void this.executeBeside(attempt);
      else this.queue.push(attempt);
    }
    if (!this.draining) void this.drain();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    let yieldedAt = monotonicNow();
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      if (this.isSpent(next.spec)) {
        this.giveBack([next, ...this.queue.splice(0)]);
        break;
      }
      // It may hold the thread for long, and what others have done by now would leave after it.
      while (this.isOwed) {
        this.isOwed = false;
        await nextTurn();
      }
      Atomics.store(this.current, 0, next.id);
      await this.execute(next);
      Atomics.store(this.current, 0, 0);
      if (monotonicNow() - yieldedAt > COALESCE_MS) {
        await nextTurn();
        yieldedAt = monotonicNow();
      }
    }
    this.draining = false;
  }

  private async executeBeside(attempt: Attempt): Promise<void> {
    this.isOwed = true;
    await this.execute(attempt, 'idle');
    this.isOwed = true;
  }

  /** Code of one step may change built-in objects for itself, never for other steps. */
  private isSpent({ step }: TaskSpec): boolean {
    if (!this.spent && this.lastStep !== undefined && step !== this.lastStep) {
      this.spent = this.isIntact?.() === false;
      if (!this.spent) this.outcomes.intact();
    }
    if (!this.spent) this.lastStep = step;
    return this.spent;
  }

  /** Sent behind the outcomes so far: the pool may end the worker at once. */
  private giveBack(attempts: readonly Attempt[]): void {
    for (const { id } of attempts) this.known.delete(id);
    this.flushOutcomes('awaited');
    this.channel.postMessage({ spent: attempts.map(({ id }) => id) } satisfies FromWorker);
  }

  private async execute({ id, spec, abort }: Attempt, pace?: Pace): Promise<void> {
    const stay = this.outcomes.begin();
    let outcome: TaskOutcome;
    try {
      outcome = await this.attempt(id, spec, abort);
    } catch (error) {
      outcome = failedOutcome(error, 0, abort);
    }
    // An attempt that failed, e.g. by an unhandled rejection, may have left work running: abort it.
    if (!outcome.ok) abort.abort(new Error('the attempt has failed'));
    this.known.delete(id);
    // The time that a limit allows passes until the outcome is there.
    const isAwaited = spec.timeoutMs !== undefined || !this.changes;
    this.outcomes.end({ id, outcome }, stay, isAwaited ? 'awaited' : (pace ?? this.pace));
    this.nextPace ??= pace;
    this.flushSoon();
  }

  private async attempt(id: number, spec: TaskSpec, abort: AttemptAbort): Promise<TaskOutcome> {
    const { flow, values } = this.ready(spec.code) ?? (await this.prepare(spec.code));
    // Told to stop before it had begun, e.g. while its code was loading.
    abort.throwIfAborted();
    if (spec.timeoutMs !== undefined) {
      this.channel.postMessage({ started: id } satisfies FromWorker);
      // A process sends in the background: it must have sent this before the step takes hold of the thread.
      await nextTurn();
    }
    const host: TaskHost = {
      flow,
      values,
      onLog: (line) => this.log(id, line),
      onLateFailure: (outcome) => this.amend(id, spec.label, outcome),
    };
    return executeTask(spec, host, abort);
  }

  /** The same for all tasks of a run: waited for once. */
  private ready({ bundle, flow }: CodeLocation): Prepared | undefined {
    const { prepared } = this;
    return prepared?.code.bundle === bundle && prepared.code.flow === flow ? prepared : undefined;
  }

  /** A pool that knows the description sends it before the first task; for others the class is constructed here. */
  private async prepare(code: CodeLocation): Promise<Prepared> {
    const [Class, values] = await Promise.all([loadClass(code), this.values]);
    const description = this.description?.name === code.flow ? this.description : describeFlow(Class);
    this.prepared = { code, flow: { Class, description }, values };
    return this.prepared;
  }

  /** An outcome that was not sent yet is still open to correction. */
  private amend(id: number, label: string, outcome: TaskOutcome & { readonly ok: false }): void {
    const isHeld = this.outcomes.amend(id, ({ log }) => ({ ...outcome, ...(log && { log }) }));
    if (!isHeld && !this.known.has(id))
      printOutside(`${label}, after it had ended: ${outcome.error.stack ?? outcome.error.message}\n`);
  }

  /** At once while it can: after "training …" a step may hold the thread for minutes. */
  private log(id: number, line: TaskLogLine): void {
    this.logs.push({ id, line });
    this.credit = Math.min(LINES_AT_ONCE, this.credit + (monotonicNow() - this.sentAt) / COALESCE_MS);
    if (this.credit < 1) return this.flushSoon();
    this.credit--;
    this.flushLogs();
  }

  /** Waits for the next turn: only then have unhandled rejections surfaced. */
  private flushSoon(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      const { nextPace = this.pace } = this;
      this.nextPace = undefined;
      this.flushOutcomes(nextPace);
    });
  }

  private get pace(): Pace {
    return this.queue.length > 0 ? 'busy' : 'idle';
  }

  private flushOutcomes(pace = this.pace): void {
    this.flushLogs();
    const ended = this.outcomes.take(pace);
    if (ended.length > 0) this.send(ended);
    if (this.outcomes.isWaiting) this.flushLater();
  }

  /** What waits for a look must leave although the next task holds on. */
  private flushLater(): void {
    this.later ??= setTimeout(() => {
      this.later = undefined;
      this.flushOutcomes();
    }, COALESCE_MS).unref();
  }

  /** Sends an outcome that cannot be encoded as a failure: a lost one would let the run wait for ever. */
  private send(ended: readonly Ended[]): void {
    let message: ReturnType<typeof packOutcomes>;
    try {
      message = packOutcomes(ended);
    } catch (error) {
      message = packOutcomes(
        ended.map(({ id, outcome: { ms } }) => ({
          id,
          outcome: { ok: false, ms, error: storeError(error), retryable: false },
        })),
      );
    }
    this.channel.postMessage(message satisfies FromWorker, [message.packed.buffer]);
  }

  private flushLogs(): void {
    this.sentAt = monotonicNow();
    const logs = this.logs.splice(0);
    if (logs.length > 0) this.channel.postMessage({ logs } satisfies FromWorker);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
