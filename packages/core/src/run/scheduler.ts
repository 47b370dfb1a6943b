import { type RunSummary, type TaskOutcome, type TaskSpec, VarveError } from '../contract/index.ts';
import type { Graph, GraphStep } from '../flow/index.ts';
import { extendEnv } from './env.ts';
import type { Frame } from './frame.ts';
import { type Job, JobQueue } from './job-queue.ts';
import { type Action, createPlan, decide, expand, type Plan, settle, startPlan } from './plan.ts';
import type { RunOptions, RunPorts } from './ports.ts';
import { problemError, storeError } from './problems.ts';
import { Recorder } from './recorder.ts';
import { pauseBeforeRetry } from './retry.ts';
import { Slots } from './slots.ts';
import { initSpec, type RunIdentity, specOf } from './task-spec.ts';

/** Most results that may wait for the journal before no more tasks are started. */
const UNWRITTEN_MAX = 20_000;
const INIT: GraphStep = {
  name: 'init',
  kind: 'root',
  options: {},
  after: [],
  arity: 0,
  parents: [],
  children: [],
  scope: [],
};

/**
 * The loop of one run: asks the plan what can start, hands tasks to the runner, gives outcomes to the recorder.
 * It decides nothing about the graph and stores nothing itself.
 */
export class Scheduler {
  private readonly plan: Plan;
  private readonly queue = new JobQueue();
  private readonly slots: Slots;
  private readonly recorder: Recorder;
  private readonly abort = new AbortController();
  private readonly inbox: { readonly job: Job; readonly outcome: TaskOutcome }[] = [];
  /** Questions to the store and pauses before retries that are still open. */
  private open = 0;
  private pumping = false;
  private fault: { readonly error: unknown } | undefined;
  private finish: () => void = () => {};

  constructor(
    graph: Graph,
    private readonly identity: RunIdentity,
    private readonly ports: RunPorts,
    private readonly options: RunOptions,
  ) {
    this.plan = createPlan(graph);
    this.slots = new Slots(ports.runner.capabilities.width, options.concurrency);
    this.recorder = new Recorder(ports);
  }

  /** Runs everything that can run. Rejects only when the run could not be recorded or the runner itself broke. */
  async run(parameters: Readonly<Record<string, unknown>>): Promise<RunSummary> {
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.listen();
    this.launch(
      { step: INIT, frame: this.plan.root, env: extendEnv(undefined, {}), attempt: 1 },
      initSpec(this.identity, parameters),
    );
    await finished;
    if (this.fault) await this.ports.journal.flush().catch(() => {});
    else await this.ports.journal.flush();
    if (this.fault) throw this.fault.error;
    const summary = this.recorder.summary(this.abort.signal.aborted);
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
    for (const { job, outcome } of this.inbox.splice(0)) this.receive(job, outcome);
    const stopped = this.abort.signal.aborted;
    while (!stopped && this.recorder.unwritten < UNWRITTEN_MAX) {
      const job = this.queue.take((step) => this.slots.mayStart(step));
      if (!job) break;
      this.start(job);
    }
    if (this.slots.inFlight === 0 && this.open === 0 && (stopped || this.queue.size === 0)) this.finish();
  }

  private start(job: Job): void {
    const { step, frame, env, attempt } = job;
    const limit = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs };
    const spec = specOf(this.identity, step, frame, env, { attempt, ...limit });
    this.recorder.started(job, spec.task, spec.label, this.slots.isLong(step));
    this.launch(job, spec);
  }

  private launch(job: Job, spec: TaskSpec): void {
    this.slots.start(job.step);
    const options = { signal: this.abort.signal, onLog: this.recorder.log.bind(this.recorder) };
    this.ports.runner
      .run(spec, options)
      .then(
        (outcome) => this.inbox.push({ job, outcome }),
        (error) => {
          this.slots.end(job.step, 0);
          this.break(error);
        },
      )
      .finally(() => this.pumpSoon());
  }

  private receive(job: Job, outcome: TaskOutcome): void {
    this.slots.end(job.step, outcome.ms);
    if (!outcome.ok) return this.fail(job, outcome);
    const env = extendEnv(job.env, this.recorder.succeeded(job, outcome), outcome.deletes);
    this.apply(
      job.step === INIT ? startPlan(this.plan, env) : settle(this.plan, job.step, job.frame, { status: 'done', env }),
    );
  }

  private fail(job: Job, outcome: TaskOutcome & { ok: false }): void {
    const pause = this.abort.signal.aborted
      ? undefined
      : pauseBeforeRetry(job.step, job.attempt, outcome, Math.random());
    this.recorder.failed(job, outcome, pause !== undefined);
    if (pause !== undefined) return this.later(pause, { ...job, attempt: job.attempt + 1 });
    settle(this.plan, job.step, job.frame, { status: 'failed' });
    if (this.options.failFast && !outcome.cancelled) this.stop(`${job.step.name} failed`);
  }

  private later(pause: number, job: Job): void {
    this.ask(
      this.ports.clock.sleep(pause, this.abort.signal).catch(() => {}),
      () => this.queue.push(job),
    );
  }

  /** Waits for an answer from outside without ending the run meanwhile. */
  private ask<T>(
    question: Promise<T>,
    use: (answer: T) => void,
    refuse: (error: unknown) => void = (e) => this.break(e),
  ): void {
    this.open++;
    question
      .then(use, refuse)
      .catch((error) => this.break(error))
      .finally(() => {
        this.open--;
        this.pumpSoon();
      });
  }

  private apply(actions: readonly Action[]): void {
    for (const action of actions) this.act(action);
  }

  private act(action: Action): void {
    const { step, frame } = action;
    if (action.type === 'run') this.queue.push({ step, frame, env: action.env, attempt: 1 });
    else if (action.type === 'skip') this.recorder.skipped(step, frame, action.reason);
    else if (action.type === 'reject') this.refuse(step, frame, problemError(step, action.problem));
    else if (action.type === 'test') this.test(action);
    else this.split(action);
  }

  private split(action: Action & { type: 'expand' }): void {
    const { step, frame, list } = action;
    const use = (labels: readonly string[]) => {
      this.recorder.expanded(step, frame, labels);
      this.apply(expand(this.plan, action, labels));
    };
    this.ask(this.ports.values.expand(list, step.foreach ?? ''), use, (error) => this.refuse(step, frame, error));
  }

  private test(action: Action & { type: 'test' }): void {
    const { step, frame, flag } = action;
    const when = step.when;
    const use = (holds: boolean) =>
      this.apply(decide(this.plan, action, holds, `${when?.artifact} is not ${when?.text ?? 'set'}`));
    this.ask(this.ports.values.test(flag, when?.values), use, (error) => this.refuse(step, frame, error));
  }

  private refuse(step: GraphStep, frame: Frame, error: unknown): void {
    const job: Job = { step, frame, env: extendEnv(undefined, {}), attempt: 1 };
    this.fail(job, { ok: false, ms: 0, error: storeError(error), retryable: false });
  }
}
