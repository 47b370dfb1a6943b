import { type RunSummary, type TaskOutcome, type TaskSpec, VarveError } from '../contract/index.ts';
import type { Graph, GraphStep } from '../flow/index.ts';
import { checkOutcome } from './check-outcome.ts';
import { extendEnv } from './env.ts';
import { namesOf, type TaskNames } from './frame.ts';
import { type Job, JobQueue } from './job-queue.ts';
import { OpenQuestions } from './open-questions.ts';
import { Pace } from './pace.ts';
import { PlanDriver } from './plan-driver.ts';
import type { RunOptions, RunPorts } from './ports.ts';
import { storeError } from './problems.ts';
import { Recorder } from './recorder.ts';
import { pauseBeforeRetry } from './retry.ts';
import { Slots } from './slots.ts';
import { INIT, initSpec, type RunIdentity, specOf } from './task-spec.ts';

/** Most results that may wait for the journal before no more tasks are started. */
const UNWRITTEN_MAX = 20_000;

type Failure = TaskOutcome & { readonly ok: false };

/**
 * The loop of one run: asks the plan what can start, hands tasks to the runners, gives outcomes to the recorder.
 * It decides nothing about the graph and stores nothing itself.
 */
export class Scheduler {
  private readonly driver: PlanDriver;
  private readonly queue = new JobQueue();
  private readonly slots: Slots;
  private readonly pace: Pace;
  private readonly recorder: Recorder;
  private readonly abort = new AbortController();
  private inbox: { readonly job: Job; readonly names: TaskNames; readonly outcome: TaskOutcome }[] = [];
  /** Questions to the store and pauses before retries. */
  private readonly questions: OpenQuestions;
  /** Steps whose rate lets nothing start for now. */
  private readonly paced = new Set<string>();
  private pumping = false;
  private fault: { readonly error: unknown } | undefined;
  private finish: () => void = () => {};

  constructor(
    graph: Graph,
    private readonly identity: RunIdentity,
    private readonly ports: RunPorts,
    private readonly options: RunOptions,
  ) {
    this.slots = new Slots((name) => ports.runners.runner(name).capabilities.width, options.concurrency);
    this.pace = new Pace(ports.clock);
    this.recorder = new Recorder(ports);
    this.questions = new OpenQuestions(
      () => this.pumpSoon(),
      (error) => this.break(error),
    );
    this.driver = new PlanDriver(graph, {
      values: ports.values,
      recorder: this.recorder,
      questions: this.questions,
      ready: (job) => this.queue.push(job),
      refused: (job, error) => this.giveUp(job, { ok: false, ms: 0, error: storeError(error), retryable: false }),
    });
  }

  /** Runs everything that can run. Rejects only when the run could not be recorded or the runner itself broke. */
  async run(parameters: Readonly<Record<string, unknown>>): Promise<RunSummary> {
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.listen();
    const env = extendEnv(undefined, {});
    this.launch({ step: INIT, frame: this.driver.root, env, attempt: 1 }, initSpec(this.identity, parameters));
    await finished;
    if (this.fault) await this.ports.journal.flush().catch(() => {});
    else await this.ports.journal.flush();
    if (this.fault) throw this.fault.error;
    const summary = this.recorder.summary(this.queue.size > 0);
    await this.ports.journal.end(summary);
    return summary;
  }

  private listen(): void {
    this.ports.journal.onFlushed(() => this.pumpSoon());
    this.ports.journal.onStop((reason) =>
      this.stop(reason === 'fenced' ? 'another process resumed this run' : 'the run was cancelled'),
    );
    this.ports.journal.onError((error) => this.break(error));
    const signal = this.options.signal;
    if (signal?.aborted) this.stop('interrupted');
    else signal?.addEventListener('abort', () => this.stop('interrupted'), { once: true });
  }

  /** Stops scheduling; running attempts are told through their signal and may still end well. */
  private stop(reason: string): void {
    if (!this.abort.signal.aborted) this.abort.abort(new VarveError('VARVE_STOPPED', reason));
    this.pumpSoon();
  }

  private break(error: unknown): void {
    this.fault ??= { error };
    this.stop('the run cannot go on');
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
    for (const { job, names, outcome } of arrived) this.receive(job, names, outcome);
    const stopped = this.abort.signal.aborted;
    while (!stopped && this.recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step, waiting) => this.slots.mayStart(step, waiting) && this.isDue(step));
      if (!job) break;
      this.start(job);
    }
    const idle = this.slots.inFlight === 0 && this.questions.count === 0;
    if (idle && (stopped || this.queue.size === 0)) this.finish();
  }

  /** Comes back by itself when the step's rate lets the next task start. */
  private isDue(step: GraphStep): boolean {
    const wait = this.pace.wait(step);
    if (wait === 0) return true;
    if (this.paced.has(step.name)) return false;
    this.paced.add(step.name);
    const goOn = () => {
      this.paced.delete(step.name);
      this.pumpSoon();
    };
    this.ports.clock.sleep(Math.ceil(wait), this.abort.signal).then(goOn, goOn);
    return false;
  }

  private start(job: Job): void {
    const { step, frame, env, attempt } = job;
    const spec = specOf(this.identity, step, frame, env, attempt);
    this.recorder.started(job, spec, this.slots.isLong(step));
    this.pace.started(step);
    this.launch(job, spec);
  }

  private launch(job: Job, spec: TaskSpec): void {
    this.slots.start(job.step);
    const runner = this.ports.runners.runner(job.step.runner);
    runner
      .run(spec, { signal: this.abort.signal, onLog: this.recorder.log })
      .then((outcome) => {
        this.inbox.push({ job, names: spec, outcome: checkOutcome(outcome, runner.name, spec.label) });
        this.pumpSoon();
      })
      .catch((error) => {
        this.slots.end(job.step);
        this.break(error);
      });
  }

  private receive(job: Job, names: TaskNames, outcome: TaskOutcome): void {
    this.slots.end(job.step, outcome.ms);
    if (!outcome.ok) return this.fail(job, outcome);
    const env = extendEnv(job.env, this.recorder.succeeded(job, names, outcome), outcome.deletes);
    if (job.step === INIT) this.driver.start(env);
    else this.driver.done(job, env);
  }

  private fail(job: Job, outcome: Failure): void {
    const stopped = this.abort.signal.aborted;
    const pause = stopped ? undefined : pauseBeforeRetry(job.step, job.attempt, outcome, Math.random());
    if (pause !== undefined) {
      this.recorder.failed(job, outcome, true);
      this.later(pause, { ...job, attempt: job.attempt + 1 });
    } else if (job.step.catch !== undefined && !outcome.cancelled) this.catch(job, outcome, job.step.catch);
    else this.giveUp(job, outcome);
  }

  private later(pause: number, job: Job): void {
    const over = this.ports.clock.sleep(pause, this.abort.signal).catch(() => {});
    this.questions.ask(over, () => this.queue.push(job));
  }

  /** The error becomes the artifact that `catch` names, and the step counts as done. */
  private catch(job: Job, outcome: Failure, name: string): void {
    const use = (artifact: Awaited<ReturnType<typeof this.ports.values.store>>) =>
      this.driver.done(job, extendEnv(job.env, this.recorder.caught(job, outcome, name, artifact)));
    this.questions.ask(this.ports.values.store(outcome.error), use, () => this.giveUp(job, outcome));
  }

  private giveUp(job: Job, outcome: Failure): void {
    this.recorder.failed(job, outcome, false);
    if (job.step !== INIT) this.driver.failed(job);
    if (this.options.failFast && !outcome.cancelled) this.stop(`${namesOf(job.step, job.frame).label} failed`);
  }
}
