import { setMaxListeners } from 'node:events';
import { type RunSummary, VarveError } from '../../contract/index.ts';
import type { Graph } from '../../flow/index.ts';
import { type ArtifactScope, extendScope, storeError } from '../../store/index.ts';
import { namesOf } from '../plan/frame.ts';
import { type Failure, type Job, type JobResult, PendingWork } from '../plan/job.ts';
import type { JournalPort, RunOptions, RunPorts } from '../plan/ports.ts';
import { INIT, initSpec, type RawParameter, type RunIdentity, specOf } from '../plan/task-spec.ts';
import { AmbientLook } from '../reuse/ambient-look.ts';
import { CacheLookup } from '../reuse/cache-lookup.ts';
import { withEarlierAttempts } from '../reuse/earlier-attempts.ts';
import { ResumePlan } from '../reuse/resume-plan.ts';
import { returnedWarning, StepWarnings } from '../reuse/step-warnings.ts';
import { Dispatcher } from './dispatcher.ts';
import { Failures } from './failures.ts';
import { LeafCheck } from './leaf-check.ts';
import type { LoopContext } from './loop-context.ts';
import { PlanDriver } from './plan-driver.ts';
import { Recorder } from './recorder.ts';
import { Rewind } from './recovery.ts';

/** Taken when this module loads: fake timers may later replace `queueMicrotask` by a queue that stands still. */
const soon = queueMicrotask;

/**
 * The loop of one run: asks the plan what can start, has it looked up or executed, and gives the results to the
 * recorder and back to the plan. It decides nothing about the graph and stores nothing itself.
 */
export class Scheduler {
  private readonly halt = new RunAbort(() => this.pumpSoon());
  private readonly context: LoopContext;
  private readonly resumePlan: ResumePlan | undefined;
  private readonly lookup: CacheLookup | undefined;
  private readonly dispatcher: Dispatcher;
  private readonly failures: Failures;
  private readonly driver: PlanDriver;
  private readonly leaves: LeafCheck;
  private readonly returned: StepWarnings;
  private inbox: JobResult[] = [];
  private pumping = false;
  private finish: () => void = () => {};

  constructor(graph: Graph, identity: RunIdentity, ports: RunPorts, options: RunOptions) {
    const context = this.createContext(identity, ports, options);
    const { origin, cache } = options;
    this.context = context;
    this.resumePlan = origin && new ResumePlan(graph, origin, cache, (message) => context.warn(message));
    this.lookup = cache && ports.cache && new CacheLookup(cache, ports.cache, context);
    this.dispatcher = new Dispatcher(context, this.lookup);
    this.leaves = new LeafCheck(context);
    this.returned = new StepWarnings((message) => context.warn(message));
    this.failures = new Failures(context, {
      caught: (job, artifacts) => {
        this.resumePlan?.settled(job, artifacts.own, artifacts.deleted);
        this.leaves.executed(job, artifacts.own);
        this.done(job, artifacts);
      },
      failed: (job, outcome) => this.failed(job, outcome),
    });
    this.driver = new PlanDriver(graph, context, {
      ready: (job) => this.ready(job),
      skipped: (step, frame) => this.resumePlan?.skipped(step, frame),
      refused: (job, error) =>
        this.failures.giveUp(job, { ok: false, ms: 0, error: storeError(error), retryable: false }),
    });
  }

  /** Runs everything that can run. Rejects only when the run could not be recorded or the runner itself broke. */
  async run(parameters: Readonly<Record<string, RawParameter>>): Promise<RunSummary> {
    const { identity, ports, options, recorder } = this.context;
    const { journal } = ports;
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    journal.onFlushed(() => this.pumpSoon());
    this.halt.listen(journal, options.signal);
    const init = { step: INIT, frame: this.driver.root, artifacts: extendScope(undefined, {}), attempt: 1 };
    const spec = initSpec(identity, parameters);
    const known = this.resumePlan?.init;
    if (known) this.context.deliver({ job: init, spec, known });
    else this.dispatcher.launch(init, spec);
    await finished;
    this.lookup?.end();
    this.returned.end();
    await this.halt.settle(journal);
    const summary = recorder.summary(this.dispatcher.waiting > 0);
    await journal.end(summary);
    return summary;
  }

  /** Everything in it is called only after the constructor has ended. */
  private createContext(identity: RunIdentity, ports: RunPorts, options: RunOptions): LoopContext {
    const { halt } = this;
    const recorder = new Recorder(ports);
    const wake = () => this.pumpSoon();
    const fail = (error: unknown) => halt.fail(error);
    const execute = (job: Job) => this.dispatcher.push(job);
    const rewind = new Rewind((job) => {
      execute(job);
      wake();
    });
    const pending = new PendingWork(wake, fail);
    return {
      ...{ identity, ports, options, recorder, rewind, execute, wake, fail, pending },
      signal: halt.signal,
      look: new AmbientLook(ports.ambient, pending),
      specOf: ({ spec, step, frame, artifacts, attempt }) =>
        rewind.repair(spec?.attempt === attempt ? spec : specOf(identity, step, frame, artifacts, attempt)),
      deliver: (result) => {
        this.inbox.push(result);
        wake();
      },
      warn: (message) => recorder.warn(message),
    };
  }

  /** Results arrive many at a time: they are handled together, once. */
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
    for (const result of arrived) this.receive(result);
    this.dispatcher.fill();
    const idle = this.dispatcher.inFlight === 0 && this.context.pending.count === 0 && this.inbox.length === 0;
    if (!idle || (!this.halt.stopped && this.dispatcher.waiting > 0)) return;
    if (this.halt.stopped || !this.leaves.begin()) this.finish();
  }

  /** A stopped run looks nothing up any more: tasks that are left count as not done. */
  private ready(job: Job): void {
    const known = this.halt.stopped ? undefined : this.resumePlan?.find(job);
    if (!known) return this.start(job);
    this.context.look.ask(Object.keys(known.ambient ?? {}), (ambient) => {
      const still = this.resumePlan?.verify(job, known, ambient);
      if (still) this.context.deliver({ job, spec: this.context.specOf(job), known: still });
      else this.start(job);
    });
  }

  private start(job: Job): void {
    if (this.lookup && !this.halt.stopped) this.lookup.resolve(job);
    else this.dispatcher.push(job);
  }

  private receive(result: JobResult): void {
    const { recorder } = this.context;
    const { job, spec } = result;
    if ('known' in result) {
      const { writes, deletes } = result.known;
      recorder.known(job, spec, result.known);
      this.leaves.known(job, writes, 'from' in result.known ? 'resumed' : 'cache');
      return this.succeeded({ ...job, known: 'from' in result.known ? 'cloned' : 'cached' }, writes, deletes);
    }
    const ended = job.step === INIT && this.resumePlan ? this.resumePlan.mergeInit(result.outcome) : result.outcome;
    this.dispatcher.release(job, ended.ms);
    if (!ended.ok) return this.failures.handle(job, spec, ended);
    if (ended.returned) this.returned.add(returnedWarning(job.step));
    const outcome = withEarlierAttempts(job, ended);
    const known = this.lookup?.executed(job, spec, outcome);
    const writes = recorder.succeeded(job, spec, outcome, known);
    this.leaves.executed(job, writes);
    this.succeeded(job, writes, outcome.deletes);
  }

  private succeeded(job: Job, writes: ArtifactScope['own'], deletes: readonly string[]): void {
    const { rewind } = this.context;
    if (job.rerun) return rewind.finished(job, writes);
    rewind.remember(job, writes);
    this.resumePlan?.settled(job, writes, deletes);
    this.done(job, extendScope(job.artifacts, writes, deletes));
  }

  private done(job: Job, artifacts: ArtifactScope): void {
    if (job.step === INIT) this.driver.start(artifacts);
    else this.driver.done(job, artifacts);
    this.lookup?.ended(job, true);
  }

  private failed(job: Job, outcome: Failure): void {
    if (job.rerun) this.context.rewind.failed(job);
    else if (job.step !== INIT) this.driver.failed(job);
    if (this.context.options.failFast && !outcome.cancelled)
      this.halt.stop(`${namesOf(job.step, job.frame).label} failed`);
    this.lookup?.ended(job, false);
  }
}

/** Each task and each pause listens to the signal: Node would warn of the eleventh. */
function endlessAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Ends a run before its time. Running attempts get the signal and may still end well. */
class RunAbort {
  private readonly abort = endlessAbort();
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

  /** Stops the run with an error that is not a task's: a broken runner, or a journal that cannot be written. */
  fail(error: unknown): void {
    this.fault ??= { error };
    this.stop('the run cannot go on');
  }

  /** Throws the first error that stopped the run, if there was one, once everything recorded so far is durable. */
  async settle(journal: JournalPort): Promise<void> {
    if (!this.fault) return;
    await journal.flush().catch(() => {});
    throw this.fault.error;
  }
}
