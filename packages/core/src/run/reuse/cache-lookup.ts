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

import type { Clock, Reference, TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { elementDigest } from '../plan/frame.ts';
import type { Job, PendingWork } from '../plan/job.ts';

import { type CachePort, isStepCache, type RunCache, type StepCache } from '../plan/ports.ts';
import type { RunIdentity } from '../plan/task-spec.ts';
import { type IndexHost, IndexLoader, type OpenIndex } from './index-loader.ts';

/** A task of a step that took less is executed twice rather than waited for, ms. */
const WORTH_WAITING_MS = 100;

type Success = TaskOutcome & { readonly ok: true };

export interface CacheLookupHost extends IndexHost {
  readonly pending: PendingWork;
  /** Aborted when the run is stopped. */
  readonly signal: AbortSignal;
  specOf(job: Job): TaskSpec;
  /** The task has to be executed. */
  execute(job: Job): void;
  /** The task has a result. */
  hit(job: Job, spec: TaskSpec, entry: CacheEntry): void;
}

/** Stands between what the plan wants and what is executed: a task whose result is known is not executed. */
export class CacheLookup {
  private readonly open = new Map<string, OpenIndex>();
  private readonly opening = new Map<string, Job[]>();
  /** Tasks that wait for another one that would do the very same. */
  private readonly duplicates = new Map<string, Job[]>();
  private readonly loader: IndexLoader;
  private readonly flight: SingleFlight;

  constructor(
    private readonly run: RunCache,
    private readonly host: CacheLookupHost,
  ) {
    this.loader = new IndexLoader(run, host);
    this.flight = new SingleFlight(host.cache, host.clock, host.signal);
  }

  /** Decides on a task that may start: `hit` or `execute` follows, at once or later. */
  resolve(job: Job): void {
    const step = this.run.steps.get(job.step.name);
    if (!isStepCache(step)) return this.host.execute(step ? { ...job, why: step } : job);
    const open = this.open.get(step.key);
    if (open) return this.decide(job, open);
    const waiting = this.opening.get(step.key);
    if (waiting) waiting.push(job);
    else this.load(step, job);
  }

  /** What other runs need to know of a task that was executed; `undefined` when it is not to be used again. */
  executed(job: Job, spec: TaskSpec, outcome: Success): PageRecord | undefined {
    const open = this.openOf(job);
    const entry = open && this.recorded(open, job, spec, outcome);
    if (!open || !entry) return undefined;
    const { step } = open;
    const other = open.index.add(entry);
    if (other)
      this.host.warn(
        `NONDETERMINISTIC ${entry.label} left something else than ${other.label} of ${other.origin.flow}/${other.origin.number} did from the same inputs`,
      );
    if (!step.policy.publish) return undefined;
    const { reads, tokens, label, generation } = entry;
    return { key: step.key, step: job.step.name, reads, tokens, label, generation };
  }

  /** Asks whether another process executes the task, where a wait would be worth it. `lasts`: it takes its time. */
  reserve(job: Job, lasts: boolean): Promise<boolean> | undefined {
    const open = this.openOf(job);
    if (!open || job.dedupeKey === undefined || !lasts || !open.step.policy.publish || !open.step.policy.lookup)
      return undefined;
    const known = open.index.newest?.ms;
    return known !== undefined && known < WORTH_WAITING_MS ? undefined : this.flight.reserve(job.dedupeKey);
  }

  /** Another process executes the task: its result is looked for when it has ended. */
  wait(job: Job): void {
    const open = this.openOf(job);
    if (!open || job.dedupeKey === undefined) return this.host.execute({ ...job, flight: 'alone' });
    const look = async (turn: Turn): Promise<Job> => {
      await this.loader.refresh(open);
      if (turn === 'mine') return { ...job, flight: 'leased' };
      return { ...job, flight: 'alone', why: { code: 'LEASE_TIMEOUT', text: 'another process did not end' } };
    };
    this.host.pending.track(
      this.flight.wait(job.dedupeKey).then(look),
      (mine) => this.decideAgain(mine, open),
      () => this.host.execute({ ...job, flight: 'alone' }),
    );
  }

  /**
   * The task has ended: who waited for it is decided anew. After a success, a task that finds nothing looks at its place
   * in the run, and would gain nothing by waiting for one more.
   */
  ended(job: Job, succeeded: boolean): void {
    if (job.flight === 'leased' && job.dedupeKey !== undefined) this.host.cache.release(job.dedupeKey);
    const waiting = job.dedupeKey === undefined ? undefined : this.duplicates.get(job.dedupeKey);
    if (job.dedupeKey === undefined || !waiting) return;
    this.duplicates.delete(job.dedupeKey);
    for (const twin of waiting) this.resolve(succeeded ? { ...twin, neverDedupe: true } : twin);
  }

  private openOf(job: Job): OpenIndex | undefined {
    const step = this.run.steps.get(job.step.name);
    return isStepCache(step) ? this.open.get(step.key) : undefined;
  }

  private decideAgain(job: Job, open: OpenIndex): void {
    const { spec, found } = this.lookUp(job, open);
    if (found.type === 'hit') this.host.hit(job, spec, found.entry);
    else this.host.execute(job);
  }

  private lookUp(job: Job, open: OpenIndex) {
    const spec = this.host.specOf(job);
    const element = elementDigest(job.frame);
    const observe = observer(spec, element);
    return { spec, element, observe, found: open.index.find(observe, (entry) => this.judge(entry, open, spec)) };
  }

  private decide(job: Job, open: OpenIndex): void {
    const { spec, element, observe, found } = this.lookUp(job, open);
    if (found.type === 'hit') return this.host.hit(job, spec, found.entry);
    const same = inputsDigest(open.step.key, spec, element, job.step.sees.index);
    const waiting = job.neverDedupe ? undefined : this.duplicates.get(same);
    if (waiting) {
      waiting.push(job);
      return;
    }
    if (!job.neverDedupe) this.duplicates.set(same, []);
    const execute = (why: Reason) => this.host.execute({ ...job, why, dedupeKey: same, spec });
    if (found.type === 'unusable') return execute(unusableReason(found.entry, found.because));
    if (open.unavailable) return execute(open.unavailable);
    const near = open.index.nearest(spec.label);
    if (near) return execute(readReason(near, observe));
    if (open.index.newest) return execute({ code: 'NO_RECORD', text: 'new' });
    this.host.pending.track(this.loader.compare(open.step), execute, () =>
      execute({ code: 'NO_RECORD', text: 'no earlier result' }),
    );
  }

  /** In this run's own eyes every result it made itself is good. */
  private judge(entry: CacheEntry, { step, oldest }: OpenIndex, { task, label }: TaskSpec): Unusable | undefined {
    if (entry.origin.runId === this.host.identity.runId) return undefined;
    const { policy } = step;
    if (policy.forced || policy.forcedLabels.has(label) || policy.forcedLabels.has(task)) return 'forced';
    if (entry.withdrawn) return 'withdrawn';
    if (!policy.lookup) return 'forced';
    return entry.at < oldest ? 'expired' : undefined;
  }

  private load(step: StepCache, job: Job): void {
    this.opening.set(step.key, [job]);
    const { pending: questions } = this.host;
    questions.track(this.loader.open(step), (open) => {
      this.open.set(step.key, open);
      const waiting = this.opening.get(step.key) ?? [];
      this.opening.delete(step.key);
      for (const one of waiting) this.decide(one, open);
    });
  }

  private recorded({ index: shelf }: OpenIndex, job: Job, spec: TaskSpec, outcome: Success): CacheEntry | undefined {
    const { identity, clock } = this.host;
    const from = { identity, at: clock.now(), element: elementDigest(job.frame) };
    try {
      const entry = entryOf(spec, outcome, from);
      return this.run.settings.mode === 'write' ? entry : { ...entry, generation: shelf.nextGeneration(entry) };
    } catch (error) {
      this.host.warn(`the result of ${spec.label} is not kept for other runs: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** What a task that was executed leaves for others. Throws when it says of itself what nobody understands. */
export function entryOf(
  spec: TaskSpec,
  outcome: TaskOutcome & { readonly ok: true },
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

/** Why a result that is there is not used. */
export function unusableReason(entry: CacheEntry, because: Unusable): Reason {
  if (because === 'forced') return { code: 'FORCED', text: 'asked for' };
  if (because === 'expired')
    return { code: 'EXPIRED', text: `the result of ${entry.origin.flow}/${entry.origin.number} is too old` };
  const { by, why } = entry.withdrawn ?? { by: 'somebody', why: '' };
  return { code: 'INVALIDATED', text: `by ${by}${why === '' ? '' : `: ${why}`}` };
}

/** Ms between two looks at whether somebody else has ended. */
const LOOK_MS = 500;
/** Longest wait for somebody else, ms: then the task is executed here too. */
const WAIT_MS = 30 * 60_000;

/** How a wait for another process ended: this one may execute the task now, in one case whatever the other does. */
export type Turn = 'mine' | 'late';

/**
 * Lets one process execute a task for all that share a store. Advisory: whatever goes wrong here, a task is executed twice
 * at worst, and whose result is used is decided by the pages alone.
 */
export class SingleFlight {
  constructor(
    private readonly cache: Pick<CachePort, 'lease'>,
    private readonly clock: Clock,
    /** Aborted when the run is stopped. */
    private readonly signal: AbortSignal,
  ) {}

  /** Whether nobody else executes the task now. */
  async reserve(name: string): Promise<boolean> {
    try {
      return await this.cache.lease(name);
    } catch {
      return true;
    }
  }

  /** Resolves when whoever executes the task has ended or died. Rejects when the run is stopped. */
  async wait(name: string): Promise<Turn> {
    const until = this.clock.now() + WAIT_MS;
    while (this.clock.now() < until) {
      await this.clock.sleep(LOOK_MS, this.signal);
      if (await this.reserve(name)) return 'mine';
    }
    return 'late';
  }
}
