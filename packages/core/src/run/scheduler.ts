import type { CacheEntry } from '../cache/index.ts';
import type { Digest, RunSummary, TaskOutcome, TaskSpec } from '../contract/index.ts';
import type { Graph } from '../flow/index.ts';
import { CacheGate } from './cache-gate.ts';
import { checkOutcome } from './check-outcome.ts';
import { type Env, extendEnv } from './env.ts';
import { type Failure, Failures } from './failures.ts';
import { namesOf } from './frame.ts';
import { type Job, JobQueue } from './job-queue.ts';
import { OpenQuestions } from './open-questions.ts';
import { PacedStarts } from './paced-starts.ts';
import { PlanDriver } from './plan-driver.ts';
import type { RunOptions, RunPorts } from './ports.ts';
import { storeError } from './problems.ts';
import { Recorder } from './recorder.ts';
import { isLoss, Rewind } from './rewind.ts';
import { RunStop } from './run-stop.ts';
import { Slots } from './slots.ts';
import { INIT, initSpec, type RunIdentity, specOf } from './task-spec.ts';

/** Most results that may wait for the journal before no more tasks are started. */
const UNWRITTEN_MAX = 20_000;

type Arrived = { readonly job: Job; readonly spec: TaskSpec } & (
  | { readonly outcome: TaskOutcome }
  | { readonly entry: CacheEntry }
);

/**
 * The loop of one run: asks the plan what can start, hands tasks to the runners, gives outcomes to the recorder.
 * It decides nothing about the graph and stores nothing itself.
 */
export class Scheduler {
  private readonly driver: PlanDriver;
  private readonly queue = new JobQueue();
  private readonly slots: Slots;
  private readonly starts: PacedStarts;
  private readonly recorder: Recorder;
  private readonly failures: Failures;
  private readonly rewind = new Rewind((job, lost) => this.makeAgain(job, lost));
  private readonly gate: CacheGate | undefined;
  private readonly halt = new RunStop(() => this.pumpSoon());
  private inbox: Arrived[] = [];
  /** Questions to the store and pauses before retries. */
  private readonly questions: OpenQuestions;
  private pumping = false;
  private finish: () => void = () => {};

  constructor(
    graph: Graph,
    private readonly identity: RunIdentity,
    private readonly ports: RunPorts,
    private readonly options: RunOptions,
  ) {
    const { clock, values, runners } = ports;
    this.slots = new Slots((name) => runners.runner(name).capabilities.width, options.concurrency);
    this.starts = new PacedStarts(clock, this.halt.signal, () => this.pumpSoon());
    this.recorder = new Recorder(ports);
    this.questions = new OpenQuestions(
      () => this.pumpSoon(),
      (error) => this.halt.break(error),
    );
    const { recorder, questions, rewind } = this;
    this.failures = new Failures({
      ...{ recorder, values, clock, questions, rewind, signal: this.halt.signal },
      retry: (job) => this.queue.push(job),
      caught: (job, env) => this.done(job, env),
      failed: (job, outcome) => this.failed(job, outcome),
    });
    this.driver = new PlanDriver(graph, {
      ...{ values, recorder, questions },
      ready: (job) => this.ready(job),
      refused: (job, error) => this.failures.giveUp(job, refusal(error)),
      current: (reference) => rewind.current(reference),
      recover: ({ digest }, error, then) => isLoss(error) && rewind.recover(digest, then),
    });
    this.gate = this.createGate();
  }

  /** Runs everything that can run. Rejects only when the run could not be recorded or the runner itself broke. */
  async run(parameters: Readonly<Record<string, unknown>>): Promise<RunSummary> {
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.ports.journal.onFlushed(() => this.pumpSoon());
    this.halt.listen(this.ports.journal, this.options.signal);
    const env = extendEnv(undefined, {});
    this.launch({ step: INIT, frame: this.driver.root, env, attempt: 1 }, initSpec(this.identity, parameters));
    await finished;
    await this.halt.settle(this.ports.journal);
    const summary = this.recorder.summary(this.queue.size > 0);
    await this.ports.journal.end(summary);
    return summary;
  }

  private createGate(): CacheGate | undefined {
    const { cache, clock } = this.ports;
    if (!cache || !this.options.cache) return undefined;
    return new CacheGate(this.options.cache, {
      ...{ cache, clock, questions: this.questions, identity: this.identity },
      specOf: (job) => this.specOf(job),
      execute: (job) => this.queue.push(job),
      hit: (job, spec, entry) => {
        this.inbox.push({ job, spec, entry });
        this.pumpSoon();
      },
      warn: (message) => this.recorder.warn(message),
    });
  }

  /** Outcomes arrive many at a time: they are handled together, once. */
  private pumpSoon(): void {
    if (this.pumping) return;
    this.pumping = true;
    queueMicrotask(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    const arrived = this.inbox;
    this.inbox = [];
    for (const one of arrived) this.receive(one);
    const { stopped } = this.halt;
    while (!stopped && this.recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step, waiting) => this.slots.mayStart(step, waiting) && this.starts.isDue(step));
      if (!job) break;
      this.start(job);
    }
    const idle = this.slots.inFlight === 0 && this.questions.count === 0 && this.inbox.length === 0;
    if (idle && (stopped || this.queue.size === 0)) this.finish();
  }

  /** A run that was stopped looks nothing up any more: what is left shows as not done. */
  private ready(job: Job): void {
    if (this.gate && !this.halt.stopped) this.gate.offer(job);
    else this.queue.push(job);
  }

  private specOf({ step, frame, env, attempt }: Job): TaskSpec {
    return this.rewind.repair(specOf(this.identity, step, frame, env, attempt));
  }

  private start(job: Job): void {
    const spec = this.specOf(job);
    this.recorder.started(job, spec, this.slots.isLong(job.step));
    this.starts.started(job.step);
    this.launch(job, spec);
  }

  private launch(job: Job, spec: TaskSpec): void {
    this.slots.start(job.step);
    const runner = this.ports.runners.runner(job.step.runner);
    runner
      .run(spec, { signal: this.halt.signal, onLog: this.recorder.log })
      .then((outcome) => {
        this.inbox.push({ job, spec, outcome: checkOutcome(outcome, runner.name, spec.label) });
        this.pumpSoon();
      })
      .catch((error) => {
        this.slots.end(job.step);
        this.halt.break(error);
      });
  }

  private receive(arrived: Arrived): void {
    const { job, spec } = arrived;
    if ('entry' in arrived) {
      this.recorder.cached(job, spec, arrived.entry);
      return this.left(job, arrived.entry.writes, arrived.entry.deletes);
    }
    const { outcome } = arrived;
    this.slots.end(job.step, outcome.ms);
    if (!outcome.ok) return this.failures.handle(job, outcome);
    const record = this.gate?.executed(job, spec, outcome);
    this.left(job, this.recorder.succeeded(job, spec, outcome, record), outcome.deletes);
  }

  private left(job: Job, writes: Env['own'], deletes: readonly string[]): void {
    if (job.again) return this.rewind.finished(job, writes);
    this.rewind.remember(job, writes);
    this.done(job, extendEnv(job.env, writes, deletes));
  }

  private done(job: Job, env: Env): void {
    if (job.step === INIT) this.driver.start(env);
    else this.driver.done(job, env);
    this.gate?.ended(job);
  }

  private failed(job: Job, outcome: Failure): void {
    if (job.again) this.rewind.failed(job);
    else if (job.step !== INIT) this.driver.failed(job);
    if (this.options.failFast && !outcome.cancelled) this.halt.stop(`${namesOf(job.step, job.frame).label} failed`);
    this.gate?.ended(job);
  }

  private makeAgain(job: Job, lost: Digest): void {
    this.queue.push({
      ...job,
      why: { code: 'BLOB_MISSING', text: `${lost.slice(0, 19)}… that it left cannot be read` },
    });
    this.pumpSoon();
  }
}

function refusal(error: unknown): Failure {
  return { ok: false, ms: 0, error: storeError(error), retryable: false };
}
