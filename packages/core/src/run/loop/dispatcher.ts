import {
  isAmbientRead,
  type StoredError,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
  type WrittenArtifact,
} from '../../contract/index.ts';
import {
  asArray,
  asBoolean,
  asFields,
  asNumber,
  asRecord,
  asString,
  asStrings,
  CAUSES_MAX,
  isDigest,
  ShapeError,
} from '../../store/index.ts';
import type { Job } from '../plan/job.ts';
import type { CacheLookup } from '../reuse/cache-lookup.ts';
import { JobQueue } from './job-queue.ts';
import { ConcurrencyLimits } from './limits.ts';
import type { LoopContext } from './loop-context.ts';
import { RatedStarts } from './rates.ts';
import { Tenure } from './tenure.ts';

/** Results waiting for the journal beyond which no more tasks are started. */
const UNWRITTEN_MAX = 20_000;

/** Queues the tasks that are to be executed and starts them on their runners, within all limits. */
export class Dispatcher {
  private readonly queue = new JobQueue();
  private readonly limits: ConcurrencyLimits;
  private readonly starts: RatedStarts;
  /** What the last task of each step read in this run. */
  private readonly reads = new Map<string, readonly string[]>();
  private readonly tenure: Tenure;

  constructor(
    private readonly context: LoopContext,
    private readonly lookup: CacheLookup | undefined,
  ) {
    const { ports, signal, options } = context;
    this.limits = new ConcurrencyLimits((name) => ports.runners.runner(name).capabilities.width, options.concurrency);
    this.starts = new RatedStarts(ports.clock, signal, () => context.wake());
    const { journal, clock } = ports;
    this.tenure = new Tenure({ journal, clock, wake: () => context.wake(), fail: (error) => context.fail(error) });
  }

  get waiting(): number {
    return this.queue.size;
  }

  get inFlight(): number {
    return this.limits.inFlight;
  }

  push(job: Job): void {
    this.queue.push(job);
  }

  /** Starts every job that may start now. */
  fill(): void {
    const { signal, recorder } = this.context;
    if (this.queue.size === 0 || signal.aborted || !this.tenure.isSure) return;
    while (!signal.aborted && recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step, waiting) => this.limits.mayStart(step, waiting) && this.starts.isDue(step));
      if (!job) return;
      this.starts.started(job.step);
      this.start(job);
    }
  }

  launch(job: Job, spec: TaskSpec): void {
    const { ports, recorder, signal } = this.context;
    this.limits.start(job.step);
    const runner = ports.runners.runner(job.step.runner);
    const expects = this.reads.get(job.step.name) ?? artifactsIn(job.expects);
    runner
      .run(expects ? { ...spec, expects } : spec, { signal, onLog: recorder.log })
      .then((outcome) => this.arrived(job, spec, checkOutcome(outcome, runner.name, spec.label)))
      .catch((error) => {
        this.limits.end(job.step);
        this.context.fail(error);
      });
  }

  private async arrived(job: Job, spec: TaskSpec, outcome: TaskOutcome): Promise<void> {
    const preparing = outcome.ok && this.context.ports.ambient?.prepare(Object.keys(outcome.ambient?.tokens ?? {}));
    if (preparing) await preparing;
    const reads = outcome.ok ? artifactsIn(outcome.reads) : undefined;
    if (reads) this.reads.set(job.step.name, reads);
    this.context.deliver({ job, spec, outcome });
  }

  /** Frees the place of a task that has ended. `ms`: wall time it took. */
  release(job: Job, ms: number): void {
    this.limits.end(job.step, ms);
  }

  private start(job: Job): void {
    const answer = job.flight === undefined ? this.lookup?.reserve(job, this.limits.isLong(job.step)) : undefined;
    if (!answer) return this.execute(job);
    // Its place is taken while the question is on its way: else all queued tasks would ask at once.
    this.limits.start(job.step);
    answer.then(
      (free) => {
        this.limits.end(job.step);
        const leased: Job = { ...job, flight: 'leased' };
        if (!free) {
          this.starts.returned(job.step);
          this.lookup?.wait(job);
        } else if (this.tenure.isSure) this.execute(leased);
        else this.queue.push(leased);
        this.context.wake();
      },
      (error) => this.context.fail(error),
    );
  }

  private execute(job: Job): void {
    const spec = this.context.specOf(job);
    this.context.recorder.started(job, spec, this.limits.isLong(job.step));
    this.launch(job, spec);
  }
}

/** The reads of artifacts by name; `undefined` for fewer than two, which need not be fetched together. */
function artifactsIn(reads: readonly string[] = []): readonly string[] | undefined {
  const names = reads.filter((read) => !/^[@![*]/.test(read));
  return names.length > 1 ? names : undefined;
}

/**
 * Checks the outcome that a runner reports before it reaches the journal: runners are plugins, and the journal must
 * stay readable. Throws `VARVE_RUNNER_OUTCOME` with the field that is wrong.
 */
export function checkOutcome(outcome: TaskOutcome, runner: string, label: string): TaskOutcome {
  try {
    return readOutcome(outcome);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new VarveError(
      'VARVE_RUNNER_OUTCOME',
      `the runner '${runner}' reported ${label} wrongly: outcome${error.message}`,
      {
        hint: 'That is a fault of the runner: tell its author, or run with --runner threads.',
      },
    );
  }
}

function readOutcome(value: TaskOutcome): TaskOutcome {
  const fields = asFields(value, '');
  if (asNumber(fields.ms, '.ms') < 0) throw new ShapeError('.ms', 'a duration');
  if (value.log !== undefined) checkArtifact(value.log, '.', 'log');
  if (asBoolean(fields.ok, '.ok')) {
    const writes = asFields(fields.writes, '.writes');
    for (const name of Object.keys(writes)) checkArtifact(writes[name], '.writes.', name);
    asStrings(fields.deletes, '.deletes');
    asStrings(fields.reads, '.reads');
    if (fields.ambient !== undefined) checkAmbient(fields.ambient);
    return value;
  }
  checkError(fields.error, '.error');
  asBoolean(fields.retryable, '.retryable');
  if (fields.retryAfterMs !== undefined && asNumber(fields.retryAfterMs, '.retryAfterMs') < 0)
    throw new ShapeError('.retryAfterMs', 'a duration');
  if (fields.lost !== undefined && !isDigest(fields.lost)) throw new ShapeError('.lost', 'a digest');
  if (fields.reads !== undefined) asStrings(fields.reads, '.reads');
  if (fields.ambient !== undefined) checkAmbient(fields.ambient);
  return value;
}

function checkAmbient(value: unknown): void {
  const { tokens, calls, unrecorded } = asFields(value, '.ambient');
  asRecord(tokens, '.ambient.tokens', (token, at) => asString(token, at));
  for (const read of Object.keys(tokens as object))
    if (!isAmbientRead(read)) throw new ShapeError(`.ambient.tokens.${read}`, 'a read outside of the run');
  if (unrecorded !== undefined) asString(unrecorded, '.ambient.unrecorded');
  if (calls !== undefined)
    for (const [i, call] of asArray(calls, '.ambient.calls').entries())
      asString(asFields(call, `.ambient.calls[${i}]`).call, `.ambient.calls[${i}].call`);
}

/** Runs for every task: the path of a field is formatted only for an error. */
function checkArtifact(value: unknown, at: string, name: string): void {
  const { reference, bytes } = (value ?? {}) as Partial<WrittenArtifact>;
  const { digest, codec, size } = (reference ?? {}) as Partial<WrittenArtifact['reference']>;
  const place = (field: string) => `${at}${name}${field}`;
  if (!isDigest(digest)) throw new ShapeError(place('.reference.digest'), 'a digest');
  if (typeof codec !== 'string') throw new ShapeError(place('.reference.codec'), 'a string');
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw new ShapeError(place('.reference.size'), 'a whole number that is not negative');
  if (bytes === undefined) return;
  if (!(bytes instanceof Uint8Array)) throw new ShapeError(place('.bytes'), 'a Uint8Array');
  if (bytes.byteLength !== size) throw new ShapeError(place('.bytes'), `${size} bytes long, but ${bytes.byteLength}`);
}

function checkError(value: unknown, path: string, depth = 0): void {
  if (depth > CAUSES_MAX) throw new ShapeError(path, `at most ${CAUSES_MAX} causes deep`);
  const error = asFields(value, path) as Partial<StoredError>;
  asString(error.name, `${path}.name`);
  asString(error.message, `${path}.message`);
  for (const name of ['code', 'hint', 'stack'] as const)
    if (error[name] !== undefined) asString(error[name], `${path}.${name}`);
  if (error.location !== undefined) checkLocation(error.location, `${path}.location`);
  if (error.cause !== undefined) checkError(error.cause, `${path}.cause`, depth + 1);
}

function checkLocation(value: unknown, path: string): void {
  const { file, line, column } = asFields(value, path);
  asString(file, `${path}.file`);
  if (!Number.isSafeInteger(line)) throw new ShapeError(`${path}.line`, 'a whole number');
  if (column !== undefined && !Number.isSafeInteger(column)) throw new ShapeError(`${path}.column`, 'a whole number');
}
