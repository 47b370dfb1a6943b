import {
  type CacheEntry,
  inputsDigest,
  observeReads,
  observer,
  type PageRecord,
  type Reason,
  readNames,
  readReason,
  type Unusable,
} from '../../cache/index.ts';
import type { Clock, Reference, TaskSpec } from '../../contract/index.ts';
import { elementDigest } from '../plan/frame.ts';
import type { Job, JobContext, Success } from '../plan/job.ts';
import { type CachePort, isStepCache, type RunCache, type StepCache } from '../plan/ports.ts';
import type { RunIdentity } from '../plan/task-spec.ts';
import { IndexLoader, type OpenIndex } from './index-loader.ts';

/** A task that took less is executed twice rather than waited for. */
const WORTH_WAITING_MS = 100;

/** Looks each task up before it is executed: one whose result is known is not executed. */
export class CacheLookup {
  private readonly open = new Map<string, OpenIndex>();
  private readonly opening = new Map<string, Job[]>();
  /** Tasks that wait for the one that is executed with the same `dedupeKey`. */
  private readonly duplicates = new Map<string, Job[]>();
  private readonly loader: IndexLoader;
  private readonly flight: SingleFlight;

  constructor(
    private readonly run: RunCache,
    private readonly cache: CachePort,
    private readonly context: JobContext,
  ) {
    this.loader = new IndexLoader(run, cache, context);
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

  /** Takes up the result of an executed task. Returns its record for other runs; `undefined` when they must not use it. */
  executed(job: Job, spec: TaskSpec, outcome: Success): PageRecord | undefined {
    const open = this.openOf(job);
    const entry = open && this.recorded(open, job, spec, outcome);
    if (!open || !entry) return undefined;
    const { step } = open;
    const other = open.index.add(entry);
    if (other)
      this.context.warn(
        `NONDETERMINISTIC ${entry.label} left something else than ${other.label} of ${other.origin.flow}/${other.origin.number} did from the same inputs`,
      );
    if (!step.policy.publish) return undefined;
    const { reads, tokens, label, generation } = entry;
    return { key: step.key, step: job.step.name, reads, tokens, label, generation };
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
    if (job.flight === 'leased' && job.dedupeKey !== undefined) this.cache.release(job.dedupeKey);
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
    const { spec, found } = this.lookUp(job, open);
    if (found.type === 'hit') this.context.deliver({ job, spec, known: found.entry });
    else this.context.execute(job);
  }

  private lookUp(job: Job, open: OpenIndex) {
    const spec = this.context.specOf(job);
    const element = elementDigest(job.frame);
    const observe = observer(spec, element);
    return { spec, element, observe, found: open.index.find(observe, (entry) => this.judge(entry, open, spec)) };
  }

  private decide(job: Job, open: OpenIndex): void {
    const { spec, element, observe, found } = this.lookUp(job, open);
    if (found.type === 'hit') return this.context.deliver({ job, spec, known: found.entry });
    const dedupeKey = inputsDigest(open.step.key, spec, element, job.step.sees.index);
    const waiting = job.neverDedupe ? undefined : this.duplicates.get(dedupeKey);
    if (waiting) {
      waiting.push(job);
      return;
    }
    if (!job.neverDedupe) this.duplicates.set(dedupeKey, []);
    const execute = (why: Reason) => this.context.execute({ ...job, why, dedupeKey, spec });
    if (found.type === 'unusable') return execute(unusableReason(found.entry, found.because));
    if (open.unavailable) return execute(open.unavailable);
    const near = open.index.nearest(spec.label);
    if (near) return execute(readReason(near, observe));
    if (open.index.newest) return execute({ code: 'NO_RECORD', text: 'new' });
    this.context.pending.track(this.loader.compare(open.step), execute, () =>
      execute({ code: 'NO_RECORD', text: 'no earlier result' }),
    );
  }

  /** The reason for not using an entry; `undefined` when it is used. A result of this very run always is. */
  private judge(entry: CacheEntry, { step, oldest }: OpenIndex, { task, label }: TaskSpec): Unusable | undefined {
    if (entry.origin.runId === this.context.identity.runId) return undefined;
    const { policy } = step;
    if (policy.forced || policy.forcedLabels.has(label) || policy.forcedLabels.has(task)) return 'forced';
    if (entry.withdrawn) return 'withdrawn';
    if (!policy.lookup) return 'forced';
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

  private recorded({ index }: OpenIndex, job: Job, spec: TaskSpec, outcome: Success): CacheEntry | undefined {
    const { identity, ports } = this.context;
    const from = { identity, at: ports.clock.now(), element: elementDigest(job.frame) };
    try {
      const entry = entryOf(spec, outcome, from);
      return this.run.settings.mode === 'write' ? entry : { ...entry, generation: index.nextGeneration(entry) };
    } catch (error) {
      this.context.warn(`the result of ${spec.label} is not kept for other runs: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** The entry of an executed task in the index of its step. Throws when it reports a read of an unknown kind. */
function entryOf(
  spec: TaskSpec,
  outcome: Success,
  from: { readonly identity: RunIdentity; readonly at: number; readonly element: string | undefined },
): CacheEntry {
  const { flow, runId, runNumber } = from.identity;
  const writes: Record<string, Reference> = Object.create(null);
  for (const name in outcome.writes) writes[name] = outcome.writes[name]?.reference as Reference;
  return {
    ...observeReads(observer(spec, from.element), readNames(outcome.reads)),
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
  if (because === 'expired')
    return { code: 'EXPIRED', text: `the result of ${entry.origin.flow}/${entry.origin.number} is too old` };
  const { by, why } = entry.withdrawn ?? { by: 'somebody', why: '' };
  return { code: 'INVALIDATED', text: `by ${by}${why === '' ? '' : `: ${why}`}` };
}

/** Time between two tries to take a lease. */
const POLL_MS = 500;
/** Longest wait for another process: then the task is executed here too. */
const WAIT_MS = 30 * 60_000;

/** Result of a wait for another process: this one has the lease now, or waited too long. */
type Turn = 'mine' | 'late';

/**
 * Lets one process execute a task for all that share a store. Advisory: at worst a task is executed twice, and the pages
 * alone decide which result is used.
 */
class SingleFlight {
  constructor(
    private readonly cache: Pick<CachePort, 'lease'>,
    private readonly clock: Clock,
    /** Aborted when the run is stopped. */
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves with false when another process has the lease; a store that fails does not hold a task back. */
  async reserve(name: string): Promise<boolean> {
    try {
      return await this.cache.lease(name);
    } catch {
      return true;
    }
  }

  /** Resolves when the process that executes the task has ended or died. Rejects when the run is stopped. */
  async wait(name: string): Promise<Turn> {
    const until = this.clock.now() + WAIT_MS;
    while (this.clock.now() < until) {
      await this.clock.sleep(POLL_MS, this.signal);
      if (await this.reserve(name)) return 'mine';
    }
    return 'late';
  }
}
