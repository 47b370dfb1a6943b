import type { CacheEntry } from '../../cache/index.ts';
import { type RunSummary, type TaskOutcome, type TaskSpec, VarveError } from '../../contract/index.ts';
import type { Graph } from '../../flow/index.ts';
import { type ArtifactScope, extendScope, isLoss, storeError } from '../../store/index.ts';

import { namesOf } from '../plan/frame.ts';
import { type Job, PendingWork } from '../plan/job.ts';
import type { JournalPort, RunOptions, RunPorts } from '../plan/ports.ts';
import type { OriginTask } from '../plan/resume-source.ts';
import { INIT, initSpec, type RunIdentity, specOf } from '../plan/task-spec.ts';
import { CacheLookup } from '../reuse/cache-lookup.ts';
import { ResumePlan } from '../reuse/resume-plan.ts';
import { Dispatcher } from './dispatcher.ts';
import { type Failure, Failures } from './failures.ts';
import { PlanDriver } from './plan-driver.ts';
import { Recorder } from './recorder.ts';
import { Rewind } from './recovery.ts';

type Arrived = { readonly job: Job; readonly spec: TaskSpec } & (
  | { readonly outcome: TaskOutcome }
  | { readonly known: CacheEntry | OriginTask }
);

/**
 * The loop of one run: asks the plan what can start, has it looked up or executed, and gives what came of it to the
 * recorder and back to the plan. It decides nothing about the graph and stores nothing itself.
 */
export class Scheduler {
  private readonly driver: PlanDriver;
  private readonly dispatcher: Dispatcher;
  private readonly recorder: Recorder;
  private readonly failures: Failures;
  private readonly rewind = new Rewind((job) => {
    this.dispatcher.push(job);
    this.pumpSoon();
  });
  private readonly lookup: CacheLookup | undefined;
  private readonly resumePlan: ResumePlan | undefined;
  private readonly halt = new RunAbort(() => this.pumpSoon());
  private readonly pending: PendingWork;
  private inbox: Arrived[] = [];
  private pumping = false;
  private finish: () => void = () => {};

  constructor(
    graph: Graph,
    private readonly identity: RunIdentity,
    private readonly ports: RunPorts,
    private readonly options: RunOptions,
  ) {
    const { clock, values } = ports;
    const { rewind, halt } = this;
    const recorder = new Recorder(ports);
    const questions = new PendingWork(
      () => this.pumpSoon(),
      (error) => halt.fail(error),
    );
    this.recorder = recorder;
    this.pending = questions;
    this.dispatcher = new Dispatcher({
      ...{ ports, recorder, signal: halt.signal, concurrency: options.concurrency },
      specOf: (job) => this.specOf(job),
      reserve: (job, lasts) => this.lookup?.reserve(job, lasts),
      wait: (job) => this.lookup?.wait(job),
      ended: (job, spec, outcome) => this.arrive({ job, spec, outcome }),
      broken: (error) => halt.fail(error),
      look: () => this.pumpSoon(),
    });
    this.failures = new Failures({
      ...{ recorder, values, clock, questions, rewind, signal: halt.signal },
      retry: (job) => this.dispatcher.push(job),
      caught: (job, env) => {
        this.resumePlan?.settled(job, env.own, env.deleted);
        this.done(job, env);
      },
      failed: (job, outcome) => this.failed(job, outcome),
    });
    this.driver = new PlanDriver(graph, {
      ...{ values, recorder, pending: questions },
      ready: (job) => this.ready(job),
      skipped: (step, frame) => this.resumePlan?.skipped(step, frame),
      refused: (job, error) =>
        this.failures.giveUp(job, { ok: false, ms: 0, error: storeError(error), retryable: false }),
      current: (reference) => rewind.current(reference),
      recover: (lost, error, then) => isLoss(error) && rewind.recover(lost.digest, lost, then),
    });
    this.lookup = this.createLookup();
    const { origin, cache } = options;
    this.resumePlan = origin && new ResumePlan(graph, origin, cache, (message) => recorder.warn(message));
  }

  /** Runs everything that can run. Rejects only when the run could not be recorded or the runner itself broke. */
  async run(parameters: Readonly<Record<string, unknown>>): Promise<RunSummary> {
    const { journal } = this.ports;
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    journal.onFlushed(() => this.pumpSoon());
    this.halt.listen(journal, this.options.signal);
    const env = extendScope(undefined, {});
    const init = { step: INIT, frame: this.driver.root, env, attempt: 1 };
    const spec = initSpec(this.identity, parameters);
    const kept = this.resumePlan?.init;
    if (kept) this.arrive({ job: init, spec, known: kept });
    else this.dispatcher.launch(init, spec);
    await finished;
    await this.halt.settle(journal);
    const summary = this.recorder.summary(this.dispatcher.waiting > 0);
    await journal.end(summary);
    return summary;
  }

  private createLookup(): CacheLookup | undefined {
    const { identity, pending: questions, recorder } = this;
    const { cache, clock } = this.ports;
    if (!cache || !this.options.cache) return undefined;
    return new CacheLookup(this.options.cache, {
      ...{ cache, clock, pending: questions, identity, signal: this.halt.signal },
      specOf: (job) => this.specOf(job),
      execute: (job) => this.dispatcher.push(job),
      hit: (job, spec, known) => this.arrive({ job, spec, known }),
      warn: (message) => recorder.warn(message),
    });
  }

  /** Outcomes arrive many at a time: they are handled together, once. */
  private pumpSoon(): void {
    if (this.pumping) return;
    this.pumping = true;
    soon(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    const arrived = this.inbox;
    this.inbox = [];
    for (const one of arrived) this.receive(one);
    this.dispatcher.fill();
    const idle = this.dispatcher.inFlight === 0 && this.pending.count === 0 && this.inbox.length === 0;
    if (idle && (this.halt.stopped || this.dispatcher.waiting === 0)) this.finish();
  }

  /** A run that was stopped looks nothing up any more: what is left shows as not done. */
  private ready(job: Job): void {
    const kept = this.halt.stopped ? undefined : this.resumePlan?.find(job);
    if (kept) this.arrive({ job, spec: this.specOf(job), known: kept });
    else if (this.lookup && !this.halt.stopped) this.lookup.resolve(job);
    else this.dispatcher.push(job);
  }

  private specOf({ spec, step, frame, env, attempt }: Job): TaskSpec {
    const known = spec?.attempt === attempt ? spec : specOf(this.identity, step, frame, env, attempt);
    return this.rewind.repair(known);
  }

  private arrive(arrived: Arrived): void {
    this.inbox.push(arrived);
    this.pumpSoon();
  }

  private receive(arrived: Arrived): void {
    const { job, spec } = arrived;
    if ('known' in arrived) {
      const { writes, deletes } = arrived.known;
      this.recorder.known(job, spec, arrived.known);
      return this.left({ ...job, known: 'from' in arrived.known ? 'cloned' : 'cached' }, writes, deletes);
    }
    const outcome = job.step === INIT && this.resumePlan ? this.resumePlan.reused(arrived.outcome) : arrived.outcome;
    this.dispatcher.release(job, outcome.ms);
    if (!outcome.ok) return this.failures.handle(job, spec, outcome);
    const record = this.lookup?.executed(job, spec, outcome);
    this.left(job, this.recorder.succeeded(job, spec, outcome, record), outcome.deletes);
  }

  private left(job: Job, writes: ArtifactScope['own'], deletes: readonly string[]): void {
    if (job.rerun) return this.rewind.finished(job, writes);
    this.rewind.remember(job, writes);
    this.resumePlan?.settled(job, writes, deletes);
    this.done(job, extendScope(job.env, writes, deletes));
  }

  private done(job: Job, env: ArtifactScope): void {
    if (job.step === INIT) this.driver.start(env);
    else this.driver.done(job, env);
    this.lookup?.ended(job, true);
  }

  private failed(job: Job, outcome: Failure): void {
    if (job.rerun) this.rewind.failed(job);
    else if (job.step !== INIT) this.driver.failed(job);
    if (this.options.failFast && !outcome.cancelled) this.halt.stop(`${namesOf(job.step, job.frame).label} failed`);
    this.lookup?.ended(job, false);
  }
}

/** Everything that ends a run before its time. Running attempts are told through the signal and may still end well. */
export class RunAbort {
  private readonly abort = new AbortController();
  private fault: { readonly error: unknown } | undefined;

  constructor(private readonly onStop: () => void) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  listen(journal: JournalPort, signal: AbortSignal | undefined): void {
    journal.onStop((reason) =>
      this.stop(reason === 'fenced' ? 'another process resumed this run' : 'the run was cancelled'),
    );
    journal.onError((error) => this.fail(error));
    if (signal?.aborted) this.stop('interrupted');
    else signal?.addEventListener('abort', () => this.stop('interrupted'), { once: true });
  }

  stop(reason: string): void {
    if (!this.stopped) this.abort.abort(new VarveError('VARVE_STOPPED', reason));
    this.onStop();
  }

  /** The run could not be recorded, or the runner itself broke. */
  fail(error: unknown): void {
    this.fault ??= { error };
    this.stop('the run cannot go on');
  }

  /** Makes everything durable that there is, then throws what broke the run, if anything did. */
  async settle(journal: JournalPort): Promise<void> {
    if (!this.fault) return journal.flush();
    await journal.flush().catch(() => {});
    throw this.fault.error;
  }
}

/** `queueMicrotask`, taken here: a test may put a queue of its own in its place, and let it stand still. */
export const soon = queueMicrotask;
