import {
  ambientReads,
  type CacheEntry,
  type Candidates,
  findResult,
  inputsDigest,
  observeReads,
  observer,
  type Reason,
  readNames,
  readReason,
  type Tokens,
  type Unusable,
  withAmbient,
} from '../../cache/index.ts';
import type { Reference, TaskSpec } from '../../contract/index.ts';
import { elementDigest } from '../plan/frame.ts';
import type { Job, JobContext, Success } from '../plan/job.ts';
import { type CachePort, type ForOthers, isStepCache, type RunCache, type StepCache } from '../plan/ports.ts';
import type { RunIdentity } from '../plan/task-spec.ts';
import { describeCall, madeCalls, NOTHING, storedTokens } from './ambient-look.ts';
import { IndexLoader, type OpenIndex } from './index-loader.ts';
import { SingleFlight, type Turn } from './single-flight.ts';
import { StepWarnings } from './step-warnings.ts';

/** A task that took less is executed twice rather than waited for. */
const WORTH_WAITING_MS = 100;

/** Looks each task up before it is executed: one whose result is known is not executed. */
export class CacheLookup {
  private readonly open = new Map<string, OpenIndex>();
  private readonly opening = new Map<string, Job[]>();
  /** Tasks that wait for the one that is executed with the same `dedupeKey`. */
  private readonly duplicates = new Map<string, Job[]>();
  /** Tasks that have ended and took so long that others wait for their results rather than execute them. By `dedupeKey`. */
  private readonly awaited = new Set<string>();
  private readonly warnings: StepWarnings;
  /** Steps with a task of which it is said why its result is not kept. */
  private readonly told = new Set<string>();
  private readonly loader: IndexLoader;
  private readonly flight: SingleFlight;

  constructor(
    private readonly run: RunCache,
    private readonly cache: CachePort,
    private readonly context: JobContext,
  ) {
    this.loader = new IndexLoader(run, cache, context);
    this.warnings = new StepWarnings((message) => context.warn(message));
    this.flight = new SingleFlight(cache, context.ports.clock, context.signal);
  }

  /** Decides on a task that may start: its result is delivered or it is executed, at once or later. */
  resolve(job: Job): void {
    const step = this.run.steps.get(job.step.name);
    if (!isStepCache(step)) return this.context.execute(step ? { ...job, why: step } : job);
    const open = this.open.get(step.key);
    if (open) return this.decide(job, open);
    const waiting = this.opening.get(step.key);
    if (waiting) waiting.push(job);
    else this.load(step, job);
  }

  /** Takes up the result of an executed task. */
  executed(job: Job, spec: TaskSpec, outcome: Success): ForOthers {
    const open = this.openOf(job);
    const entry = open && this.recorded(open, job, spec, outcome);
    if (!open || !entry) return {};
    if (typeof entry === 'string') return this.unkept(job.step.name, entry);
    this.warnOfCalls(job, outcome);
    const { step } = open;
    if (job.dedupeKey !== undefined && outcome.ms >= WORTH_WAITING_MS) this.awaited.add(job.dedupeKey);
    const other = open.index.add(entry);
    if (other)
      this.context.warn(
        `NONDETERMINISTIC ${entry.label} left something else than ${other.label} of ${other.origin.flow}/${other.origin.number} did from the same inputs`,
      );
    if (!step.policy.publish) return {};
    const { reads, tokens, label, generation } = entry;
    return { record: { key: step.key, step: job.step.name, reads, tokens, label, generation } };
  }

  /**
   * Takes the lease of a task that is worth waiting for; `undefined` for any other. Resolves with false when another
   * process has it. `lasts`: tasks of the step take long.
   */
  reserve(job: Job, lasts: boolean): Promise<boolean> | undefined {
    const open = this.openOf(job);
    if (!open || job.dedupeKey === undefined || !lasts || !open.step.policy.publish || !open.step.policy.lookup)
      return undefined;
    const known = open.index.newest?.ms;
    return known !== undefined && known < WORTH_WAITING_MS ? undefined : this.flight.reserve(job.dedupeKey);
  }

  /** Waits for the process that executes the task, then looks for its result. */
  wait(job: Job): void {
    const open = this.openOf(job);
    if (!open || job.dedupeKey === undefined) return this.context.execute({ ...job, flight: 'alone' });
    const refresh = async (turn: Turn): Promise<Job> => {
      await this.loader.refresh(open);
      if (turn === 'mine') return { ...job, flight: 'leased' };
      return { ...job, flight: 'alone', why: { code: 'LEASE_TIMEOUT', text: 'another process did not end' } };
    };
    this.context.pending.track(
      this.flight.wait(job.dedupeKey).then(refresh),
      (mine) => this.decideAgain(mine, open),
      () => this.context.execute({ ...job, flight: 'alone' }),
    );
  }

  /**
   * Releases the lease of a task that has ended, and resolves the tasks that waited for it anew. One that finds nothing
   * after a success reads its place in the run, and would gain nothing by waiting for another one.
   */
  ended(job: Job, succeeded: boolean): void {
    if (job.flight === 'leased' && job.dedupeKey !== undefined)
      this.cache.release(job.dedupeKey, this.awaited.delete(job.dedupeKey));
    const waiting = job.dedupeKey === undefined ? undefined : this.duplicates.get(job.dedupeKey);
    if (job.dedupeKey === undefined || !waiting) return;
    this.duplicates.delete(job.dedupeKey);
    for (const duplicate of waiting) this.resolve(succeeded ? { ...duplicate, neverDedupe: true } : duplicate);
  }

  private openOf(job: Job): OpenIndex | undefined {
    const step = this.run.steps.get(job.step.name);
    return isStepCache(step) ? this.open.get(step.key) : undefined;
  }

  private decideAgain(job: Job, open: OpenIndex): void {
    this.lookUp(job, open, ({ spec, ambient, candidates }) => {
      const found = findResult(candidates, ambient, (entry) => this.judge(entry, open, spec));
      if (found.type === 'hit') this.context.deliver({ job, spec, known: found.entry });
      else this.context.execute(job);
    });
  }

  /** Finds the results for the inputs of the task. `decide` is called at once unless one of them read something outside. */
  private lookUp(job: Job, open: OpenIndex, decide: (looked: Looked) => void): void {
    const spec = this.context.specOf(job);
    const element = elementDigest(job.frame);
    const candidates = open.index.candidates(observer(spec, element, NOTHING));
    const near = open.index.nearest(spec.label);
    const names = [...candidates.flat(), ...(near ? [near] : [])].flatMap((entry) =>
      ambientReads(entry).map(([read]) => read),
    );
    const looked = { spec, element, candidates, near };
    this.context.look.ask(names, (ambient) => decide({ ...looked, ambient }));
  }

  private decide(job: Job, open: OpenIndex): void {
    this.lookUp(job, open, (looked) => this.decideOn(job, open, looked));
  }

  private decideOn(job: Job, open: OpenIndex, looked: Looked): void {
    const { spec, element, ambient, candidates, near } = looked;
    const found = findResult(candidates, ambient, (entry) => this.judge(entry, open, spec));
    if (found.type === 'hit') return this.context.deliver({ job, spec, known: found.entry });
    const dedupeKey = inputsDigest(open.step.key, spec, element, job.step.sees.index);
    const waiting = job.neverDedupe ? undefined : this.duplicates.get(dedupeKey);
    if (waiting) {
      waiting.push(job);
      return;
    }
    if (!job.neverDedupe) this.duplicates.set(dedupeKey, []);
    const alike = near ?? open.index.newest;
    const execute = (why: Reason, expects = alike?.reads) =>
      this.context.execute({ ...job, why, dedupeKey, spec, ...(expects && { expects }) });
    if (found.type === 'unusable') return execute(unusableReason(found.entry, found.because));
    if (open.unavailable) return execute(open.unavailable);
    if (near) return execute(readReason(near, observer(spec, element, ambient)));
    if (open.damaged) return execute(open.damaged);
    if (open.index.newest) return execute({ code: 'NO_RECORD', text: 'new' });
    this.context.pending.track(
      this.loader.compare(open.step),
      ({ why, reads }) => execute(why, reads),
      () => execute({ code: 'NO_RECORD', text: 'no earlier result' }),
    );
  }

  /** The reason for not using an entry; `undefined` when it is used. A result of this very run always is. */
  private judge(entry: CacheEntry, { step, oldest }: OpenIndex, { task, label }: TaskSpec): Unusable | undefined {
    if (entry.origin.runId === this.context.identity.runId) return undefined;
    const { policy } = step;
    if (policy.forced || policy.forcedLabels.has(label) || policy.forcedLabels.has(task)) return 'forced';
    if (entry.withdrawn) return 'withdrawn';
    if (!policy.lookup) return 'forced';
    if (this.run.settings.purity === 'strict' && madeCalls(entry.reads).length > 0) return 'impure';
    return entry.at < oldest ? 'expired' : undefined;
  }

  private load(step: StepCache, job: Job): void {
    this.opening.set(step.key, [job]);
    this.context.pending.track(this.loader.open(step), (open) => {
      this.open.set(step.key, open);
      const waiting = this.opening.get(step.key) ?? [];
      this.opening.delete(step.key);
      for (const one of waiting) this.decide(one, open);
    });
  }

  /** Says it with the first such task of a step. */
  private unkept(step: string, why: string): ForOthers {
    if (this.told.has(step)) return {};
    this.told.add(step);
    return { unkept: why };
  }

  /** The entry, or why there is none. */
  private recorded({ index, step }: OpenIndex, job: Job, spec: TaskSpec, outcome: Success): CacheEntry | string {
    const { identity, ports } = this.context;
    const from = { identity, at: ports.clock.now(), element: elementDigest(job.frame) };
    try {
      const refused = this.refusal(outcome);
      if (refused !== undefined) throw new Error(refused);
      const entry = entryOf(spec, outcome, from, storedTokens(outcome.ambient, ports.ambient));
      return this.run.settings.mode === 'write' ? entry : { ...entry, generation: index.nextGeneration(entry) };
    } catch (error) {
      const why = (error as Error).message;
      this.warnings.add({
        step: step.components.step,
        kind: why,
        message: `the result of ${spec.label} is not kept for other runs: ${why}`,
        others: (steps) => `nor are results of ${steps}: ${why}`,
      });
      return why;
    }
  }

  /** The reason for not recording a result that was computed. */
  private refusal({ ambient }: Success): string | undefined {
    if (ambient?.load !== this.run.load) return 'what its modules read while they were loaded has changed meanwhile';
    if (!ambient) return undefined;
    if (ambient.unrecorded !== undefined) return ambient.unrecorded;
    if (!this.context.ports.ambient) return 'nothing observes what it read outside of the run';
    const [call] = this.run.settings.purity === 'strict' ? (ambient.calls ?? []) : [];
    return (
      call && `it ${describeCall(call)}, and purity is strict. Give it cache: false, or let cache.purity be 'warn'`
    );
  }

  /** Says once, of code that is new, that its result is more than a function of what it reads. */
  private warnOfCalls({ step, why }: Job, { ambient }: Success): void {
    const [call] = ambient?.calls ?? [];
    const expires = step.cache !== undefined && step.cache !== false && step.cache.ttlMs !== undefined;
    if (!call || expires || this.run.settings.purity !== 'warn' || !NEW_CODE.includes(why?.code ?? '')) return;
    const { file, line } = call;
    const kind = call.call.replace(/^child_process\..*/, 'child_process');
    this.warnings.add({
      step: step.name,
      kind: `calls ${kind}`,
      message: `${step.name} ${describeCall(call)}: its result is cached all the same. Give it cache: { ttl: '1d' }, effect or cache: false`,
      name: file === undefined ? step.name : `${step.name} (${file}${line === undefined ? '' : `:${line}`})`,
      others: (steps) => `so do ${steps} with ${kind}: what they leave is cached all the same`,
    });
  }

  /** Says what is left to be said. */
  end(): void {
    this.warnings.end();
  }
}

/** Reasons that come with code varve has not executed before: what is said of it then need not be said again. */
const NEW_CODE: readonly string[] = ['NO_RECORD', 'CODE', 'PACKAGE', 'OPTION'];

/** Answer to a lookup, before one of the candidates is chosen. */
interface Looked {
  readonly spec: TaskSpec;
  readonly element: string | undefined;
  readonly candidates: Candidates;
  /** The newest result of this task, to which it is compared. */
  readonly near: CacheEntry | undefined;
  readonly ambient: Tokens;
}

/** The entry of an executed task in the index of its step. Throws when it reports a read of an unknown kind. */
function entryOf(
  spec: TaskSpec,
  outcome: Success,
  from: { readonly identity: RunIdentity; readonly at: number; readonly element: string | undefined },
  ambient: Tokens,
): CacheEntry {
  const { flow, runId, runNumber } = from.identity;
  const writes: Record<string, Reference> = Object.create(null);
  for (const name in outcome.writes) writes[name] = outcome.writes[name]?.reference as Reference;
  const observed = observeReads(observer(spec, from.element, NOTHING), readNames(outcome.reads));
  return {
    ...withAmbient(observed, ambient),
    task: spec.task,
    label: spec.label,
    writes,
    deletes: outcome.deletes,
    ...(outcome.log && { log: outcome.log.reference }),
    ms: outcome.ms,
    generation: 0,
    origin: { flow, runId, number: runNumber },
    at: from.at,
  };
}

/** The reason that users see for a result that exists but is not used. */
function unusableReason(entry: CacheEntry, because: Unusable): Reason {
  if (because === 'forced') return { code: 'FORCED', text: 'asked for' };
  if (because === 'impure')
    return { code: 'IMPURE', text: `it calls ${madeCalls(entry.reads).join(', ')}, and purity is strict` };
  if (because === 'expired')
    return { code: 'EXPIRED', text: `the result of ${entry.origin.flow}/${entry.origin.number} is too old` };
  const { by, why } = entry.withdrawn ?? { by: 'somebody', why: '' };
  return { code: 'INVALIDATED', text: `by ${by}${why === '' ? '' : `: ${why}`}` };
}
