import type { TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { type Job, JobQueue } from '../plan/job-queue.ts';
import type { RunPorts } from '../plan/ports.ts';
import { checkOutcome } from './check-outcome.ts';
import { PacedStarts } from './paced-starts.ts';
import type { Recorder } from './recorder.ts';
import { Slots } from './slots.ts';

/** Most results that may wait for the journal before no more tasks are started. */
const UNWRITTEN_MAX = 20_000;

export interface LauncherHost {
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
export class Launcher {
  private readonly queue = new JobQueue();
  private readonly slots: Slots;
  private readonly starts: PacedStarts;

  constructor(private readonly host: LauncherHost) {
    const { ports, signal, concurrency } = host;
    this.slots = new Slots((name) => ports.runners.runner(name).capabilities.width, concurrency);
    this.starts = new PacedStarts(ports.clock, signal, () => host.look());
  }

  get waiting(): number {
    return this.queue.size;
  }

  get inFlight(): number {
    return this.slots.inFlight;
  }

  push(job: Job): void {
    this.queue.push(job);
  }

  /** Starts whatever may start. */
  fill(): void {
    while (!this.host.signal.aborted && this.host.recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step, waiting) => this.slots.mayStart(step, waiting) && this.starts.isDue(step));
      if (!job) return;
      this.start(job);
    }
  }

  launch(job: Job, spec: TaskSpec): void {
    const { ports, recorder, signal } = this.host;
    this.slots.start(job.step);
    const runner = ports.runners.runner(job.step.runner);
    runner
      .run(spec, { signal, onLog: recorder.log })
      .then((outcome) => this.host.ended(job, spec, checkOutcome(outcome, runner.name, spec.label)))
      .catch((error) => {
        this.slots.end(job.step);
        this.host.broken(error);
      });
  }

  /** The task needs its place no longer. */
  release(job: Job, ms: number): void {
    this.slots.end(job.step, ms);
  }

  private start(job: Job): void {
    const asked = job.flight === undefined ? this.host.reserve(job, this.slots.isLong(job.step)) : undefined;
    if (!asked) return this.execute(job);
    // Its place is kept while the question is on its way: else all that wait would ask at once.
    this.slots.start(job.step);
    asked.then(
      (free) => {
        this.slots.end(job.step);
        if (free) this.execute({ ...job, flight: 'leased' });
        else this.host.wait(job);
        this.host.look();
      },
      (error) => this.host.broken(error),
    );
  }

  private execute(job: Job): void {
    const spec = this.host.specOf(job);
    this.host.recorder.started(job, spec, this.slots.isLong(job.step));
    this.starts.started(job.step);
    this.launch(job, spec);
  }
}
