import {
  type StoredError,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
  type WrittenArtifact,
} from '../../contract/index.ts';
import {
  asBoolean,
  asFields,
  asNumber,
  asString,
  asStrings,
  CAUSES_MAX,
  isDigest,
  ShapeError,
} from '../../store/index.ts';

import { type Job, JobQueue } from '../plan/job.ts';
import type { RunPorts } from '../plan/ports.ts';
import { ConcurrencyLimits, RatedStarts } from './limits.ts';
import type { Recorder } from './recorder.ts';

/** Most results that may wait for the journal before no more tasks are started. */
const UNWRITTEN_MAX = 20_000;

export interface DispatcherHost {
  readonly ports: RunPorts;
  readonly recorder: Recorder;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
  /** Most tasks at once. */
  readonly concurrency: number | undefined;
  specOf(job: Job): TaskSpec;
  /** Whether another process may be executing the same task; `undefined` when nobody needs to ask. */
  reserve(job: Job, lasts: boolean): Promise<boolean> | undefined;
  /** Another process executes it: it comes back through `push`, or has a result then. */
  wait(job: Job): void;
  ended(job: Job, spec: TaskSpec, outcome: TaskOutcome): void;
  /** The runner itself broke. */
  broken(error: unknown): void;
  /** Something may start that could not before. */
  look(): void;
}

/** Tasks that are to be executed: which may start now, and the runners they start on. */
export class Dispatcher {
  private readonly queue = new JobQueue();
  private readonly limits: ConcurrencyLimits;
  private readonly starts: RatedStarts;

  constructor(private readonly host: DispatcherHost) {
    const { ports, signal, concurrency } = host;
    this.limits = new ConcurrencyLimits((name) => ports.runners.runner(name).capabilities.width, concurrency);
    this.starts = new RatedStarts(ports.clock, signal, () => host.look());
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

  /** Starts whatever may start. */
  fill(): void {
    while (!this.host.signal.aborted && this.host.recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step, waiting) => this.limits.mayStart(step, waiting) && this.starts.isDue(step));
      if (!job) return;
      this.start(job);
    }
  }

  launch(job: Job, spec: TaskSpec): void {
    const { ports, recorder, signal } = this.host;
    this.limits.start(job.step);
    const runner = ports.runners.runner(job.step.runner);
    runner
      .run(spec, { signal, onLog: recorder.log })
      .then((outcome) => this.host.ended(job, spec, checkOutcome(outcome, runner.name, spec.label)))
      .catch((error) => {
        this.limits.end(job.step);
        this.host.broken(error);
      });
  }

  /** The task needs its place no longer. */
  release(job: Job, ms: number): void {
    this.limits.end(job.step, ms);
  }

  private start(job: Job): void {
    const asked = job.flight === undefined ? this.host.reserve(job, this.limits.isLong(job.step)) : undefined;
    if (!asked) return this.execute(job);
    // Its place is kept while the question is on its way: else all that wait would ask at once.
    this.limits.start(job.step);
    asked.then(
      (free) => {
        this.limits.end(job.step);
        if (free) this.execute({ ...job, flight: 'leased' });
        else this.host.wait(job);
        this.host.look();
      },
      (error) => this.host.broken(error),
    );
  }

  private execute(job: Job): void {
    const spec = this.host.specOf(job);
    this.host.recorder.started(job, spec, this.limits.isLong(job.step));
    this.starts.started(job.step);
    this.launch(job, spec);
  }
}

/**
 * What a runner said of an attempt, checked before it reaches the journal: runners are plugins, and what is stored
 * must be readable for ever. Throws `VARVE_RUNNER_OUTCOME` with the field that is wrong.
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
    return value;
  }
  checkError(fields.error, '.error');
  asBoolean(fields.retryable, '.retryable');
  if (fields.lost !== undefined && !isDigest(fields.lost)) throw new ShapeError('.lost', 'a digest');
  return value;
}

/** Done for every task: the place is put into words only when something is wrong. */
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
