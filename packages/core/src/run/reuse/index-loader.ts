import { type CacheEntry, componentsReason, type Reason, readPages, StepIndex } from '../../cache/index.ts';
import { VarveError } from '../../contract/index.ts';
import type { JobContext } from '../plan/job.ts';
import { type CachePort, type EarlierStep, isStepCache, type RunCache, type StepCache } from '../plan/ports.ts';

/** Longest wait for the pages of a step before its tasks are executed without them. */
const LOOKUP_MS = 30_000;

/** The results of one step that this run knows. */
export interface OpenIndex {
  readonly step: StepCache;
  readonly index: StepIndex;
  /** Set when nothing could be looked up. */
  readonly unavailable?: Reason;
  /** Set when some of the results could not be read. */
  readonly damaged?: Reason;
  /** Results published before this are too old. Ms since the Unix epoch. */
  readonly oldest: number;
}

const DAMAGED: Reason = { code: 'CORRUPT', text: 'a page of its results is damaged' };

/** Loads the index of a step from its pages, and says why a step has none. */
export class IndexLoader {
  private before: Promise<Readonly<Record<string, EarlierStep>>> | undefined;

  constructor(
    private readonly run: RunCache,
    private readonly cache: CachePort,
    private readonly context: JobContext,
  ) {}

  /** Loads everything that is kept under the step's key. Never rejects: without an answer of the store tasks are executed. */
  async open(step: StepCache): Promise<OpenIndex> {
    const { clock } = this.context.ports;
    const index = new StepIndex(step.key);
    const done = new AbortController();
    const late = clock.sleep(LOOKUP_MS, done.signal).then(() => {
      throw new VarveError('VARVE_LOOKUP_TIMEOUT', `the store did not answer within ${LOOKUP_MS / 1000} s`);
    });
    late.catch(() => {});
    try {
      if (!looksUp(step)) {
        const text = `--cache ${this.run.settings.mode}`;
        return { step, index, oldest: 0, unavailable: { code: 'DISABLED', text } };
      }
      const answers = Promise.all([this.cache.pages(step.key), this.oldestOf(step)]);
      const [stored, oldest] = await Promise.race([answers, late]);
      const { pages, damaged } = readPages(stored);
      for (const { error } of damaged) this.context.warn(`CORRUPT ${error.message}`);
      for (const page of pages) for (const entry of page.entries) this.addStored(index, entry);
      return { step, index, oldest, ...(damaged.length > 0 && { damaged: DAMAGED }) };
    } catch (error) {
      const why = (error as Error).message;
      this.context.warn(`UNAVAILABLE results of ${step.components.step} cannot be looked up: ${why}`);
      return { step, index, oldest: 0, unavailable: { code: 'UNAVAILABLE', text: why } };
    } finally {
      done.abort();
    }
  }

  /** Adds the pages that were written since. Never rejects: without an answer of the store nothing is added. */
  async refresh({ step, index }: OpenIndex): Promise<void> {
    try {
      const { pages } = readPages(await this.cache.pages(step.key));
      for (const page of pages) for (const entry of page.entries) index.add(entry);
    } catch {
      // The task is executed then.
    }
  }

  private addStored(index: StepIndex, entry: CacheEntry): void {
    const other = index.add(entry);
    if (!other) return;
    const [a, b] = [other, entry].map(({ origin }) => `${origin.flow}/${origin.number}`);
    this.context.warn(`NONDETERMINISTIC ${entry.label} left something else in ${b} than in ${a}, from the same inputs`);
  }

  /** Ages are measured by the store's clock: a result may come from a machine whose clock is wrong. */
  private async oldestOf({ policy }: StepCache): Promise<number> {
    if (policy.maxAgeMs === undefined) return 0;
    return this.context.ports.clock.now() + (await this.cache.skew()) - policy.maxAgeMs;
  }

  /** The reason of a step without results: what changed since the last run, when that had another key. With what it read then. */
  async compare(step: StepCache): Promise<{ readonly why: Reason; readonly reads?: readonly string[] }> {
    const { flow } = this.context.identity;
    const names = [...this.run.steps].flatMap(([name, one]) => (isStepCache(one) ? [name] : []));
    this.before ??= this.cache.before(flow, names);
    const before = (await this.before)[step.components.step];
    if (!before) return { why: { code: 'NO_RECORD', text: 'first run' } };
    const { unkept, reads } = before;
    const text = unkept === undefined ? 'no earlier result' : `the last result was not kept: ${unkept}`;
    const why = componentsReason(before, step.components) ?? { code: 'NO_RECORD', text };
    return reads ? { why, reads } : { why };
  }
}

/** A step whose results are only replaced needs its index too: the new one takes the next generation. */
function looksUp({ policy }: StepCache): boolean {
  return policy.lookup || policy.forced || policy.forcedLabels.size > 0;
}
