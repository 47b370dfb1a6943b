import type { CodeLocation, Hasher, Serializer, TaskLogLine, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { describeFlow, type FlowDescription } from '../../flow/index.ts';
import { storeError } from '../../store/index.ts';

import { executeTask, failedOutcome, type TaskHost } from '../attempt/execute-task.ts';
import { type FlowCalls, flowCalls, loadClass } from '../attempt/load-flow.ts';
import { AttemptAbort } from '../attempt/step-scope.ts';
import { installCapture, printOutside } from '../scope/capture.ts';
import { installUnhandledErrorHandlers } from '../scope/unhandled-errors.ts';
import type { BlobAccess } from '../values/blob-access.ts';
import { Values } from '../values/values.ts';
import { type Channel, serveCalls } from './calls.ts';
import { packOutcomes, unpackSpecs } from './packed-tasks.ts';

import type { FromWorker, ToWorker } from './protocol.ts';

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
  serveCalls<FlowCalls>(channel, flowCalls);
  const values = valuesOf(parts);
  // Parts that cannot be opened fail the tasks that need them, and nothing else.
  values.catch(() => {});
  new WorkerTasks(channel, values, current);
}

async function valuesOf(parts: TaskParts | PromiseLike<TaskParts>): Promise<Values> {
  const { blobs, serializer, hasher } = await parts;
  return new Values(blobs, serializer, hasher);
}

/** Runs the attempts a worker is sent: one after the other, or side by side for steps with `concurrency`. */
class WorkerTasks {
  private readonly queue: Attempt[] = [];
  private readonly known = new Map<number, Attempt>();
  private readonly current: Int32Array;
  private readonly outcomes = new Map<number, TaskOutcome>();
  private readonly logs: { id: number; line: TaskLogLine }[] = [];
  private description: FlowDescription | undefined;
  private prepared: (Prepared & { readonly code: CodeLocation }) | undefined;
  private draining = false;
  private flushing = false;
  private sentAt = performance.now();
  /** Lines that may still be sent on their own. */
  private credit = LINES_AT_ONCE;

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
    if ('description' in message) this.description = message.description;
    if (!('specs' in message)) return;
    for (const { id, spec, multiplexed } of unpackSpecs(message)) {
      const attempt = { id, spec, abort: new AttemptAbort() };
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
      if (performance.now() - yieldedAt > COALESCE_MS) {
        await nextTurn();
        yieldedAt = performance.now();
      }
    }
    this.draining = false;
  }

  private async execute({ id, spec, abort }: Attempt): Promise<void> {
    let outcome: TaskOutcome;
    try {
      outcome = await this.attempt(id, spec, abort);
    } catch (error) {
      outcome = failedOutcome(error, 0, abort);
    }
    // An attempt that failed, e.g. by an unhandled rejection, may have left work running: abort it.
    if (!outcome.ok) abort.abort(new Error('the attempt has failed'));
    this.known.delete(id);
    this.outcomes.set(id, outcome);
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
    const ended = this.outcomes.get(id);
    if (ended) this.outcomes.set(id, { ...outcome, ...(ended.log && { log: ended.log }) });
    else if (!this.known.has(id))
      printOutside(`${label}, after it had ended: ${outcome.error.stack ?? outcome.error.message}\n`);
  }

  /** At once while it can: after "training …" a step may hold the thread for minutes. */
  private log(id: number, line: TaskLogLine): void {
    this.logs.push({ id, line });
    this.credit = Math.min(LINES_AT_ONCE, this.credit + (performance.now() - this.sentAt) / COALESCE_MS);
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
      this.flushLogs();
      if (this.outcomes.size === 0) return;
      const ended = [...this.outcomes].map(([id, outcome]) => ({ id, outcome }));
      this.outcomes.clear();
      this.send(ended);
    });
  }

  /** Sends an outcome that cannot be encoded as a failure: a lost one would let the run wait for ever. */
  private send(ended: readonly { readonly id: number; readonly outcome: TaskOutcome }[]): void {
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
    this.sentAt = performance.now();
    const logs = this.logs.splice(0);
    if (logs.length > 0) this.channel.postMessage({ logs } satisfies FromWorker);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
