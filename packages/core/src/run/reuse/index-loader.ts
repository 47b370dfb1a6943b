import {
  type CacheEntry,
  componentsReason,
  type Reason,
  readPages,
  type StepComponents,
  StepIndex,
} from '../../cache/index.ts';

import { type Clock, VarveError } from '../../contract/index.ts';
import { type CachePort, isStepCache, type RunCache, type StepCache } from '../plan/ports.ts';

import type { RunIdentity } from '../plan/task-spec.ts';

/** Longest wait for what is kept under a step's key before its tasks are executed without it, ms. */
const LOOKUP_MS = 30_000;

export interface IndexHost {
  readonly cache: CachePort;
  readonly clock: Clock;
  readonly identity: RunIdentity;
  warn(message: string): void;
}

/** What is known of one step's results. */
export interface OpenIndex {
  readonly step: StepCache;
  readonly index: StepIndex;
  /** Why nothing could be looked up. */
  readonly unavailable?: Reason;
  /** Results published before are too old, ms since the Unix epoch. */
  readonly oldest: number;
}

/** Whoever replaces a result has to know it. */
function looksUp({ policy }: StepCache): boolean {
  return policy.lookup || policy.forced || policy.forcedLabels.size > 0;
}

/** Fetches what is known of a step's results, and, where nothing is, what has changed since the last run. */
export class IndexLoader {
  private before: Promise<Readonly<Record<string, StepComponents>>> | undefined;

  constructor(
    private readonly run: RunCache,
    private readonly host: IndexHost,
  ) {}

  /** Everything that is kept under the step's key. Never rejects: a store that does not answer is a reason to execute. */
  async open(step: StepCache): Promise<OpenIndex> {
    const { cache, clock } = this.host;
    const shelf = new StepIndex(step.key);
    const done = new AbortController();
    const late = clock.sleep(LOOKUP_MS, done.signal).then(() => {
      throw new VarveError('VARVE_LOOKUP_TIMEOUT', `the store did not answer within ${LOOKUP_MS / 1000} s`);
    });
    late.catch(() => {});
    try {
      if (!looksUp(step)) {
        const text = `--cache ${this.run.settings.mode}`;
        return { step, index: shelf, oldest: 0, unavailable: { code: 'DISABLED', text } };
      }
      const asked = Promise.all([cache.pages(step.key), this.oldestOf(step)]);
      const [stored, oldest] = await Promise.race([asked, late]);
      const { pages, damaged } = readPages(stored);
      for (const { error } of damaged) this.host.warn(`CORRUPT ${error.message}`);
      for (const page of pages) for (const entry of page.entries) this.addStored(shelf, entry);
      return { step, index: shelf, oldest };
    } catch (error) {
      const why = (error as Error).message;
      this.host.warn(`UNAVAILABLE results of ${step.components.step} cannot be looked up: ${why}`);
      return { step, index: shelf, oldest: 0, unavailable: { code: 'UNAVAILABLE', text: why } };
    } finally {
      done.abort();
    }
  }

  /** What has come since; what cannot be looked up is as if nothing had. */
  async refresh({ step, index: shelf }: OpenIndex): Promise<void> {
    try {
      const { pages } = readPages(await this.host.cache.pages(step.key));
      for (const page of pages) for (const entry of page.entries) shelf.add(entry);
    } catch {
      // The task is executed then.
    }
  }

  private addStored(shelf: StepIndex, entry: CacheEntry): void {
    const other = shelf.add(entry);
    if (!other) return;
    const [a, b] = [other, entry].map(({ origin }) => `${origin.flow}/${origin.number}`);
    this.host.warn(`NONDETERMINISTIC ${entry.label} left something else in ${b} than in ${a}, from the same inputs`);
  }

  /** Ages are judged by the store's clock: a result may come from a machine whose clock is wrong. */
  private async oldestOf({ policy }: StepCache): Promise<number> {
    if (policy.maxAgeMs === undefined) return 0;
    return this.host.clock.now() + (await this.host.cache.skew()) - policy.maxAgeMs;
  }

  /** Nothing is kept under this key: the last run may have had another one. */
  async compare(step: StepCache): Promise<Reason> {
    const { flow } = this.host.identity;
    const names = [...this.run.steps].flatMap(([name, one]) => (isStepCache(one) ? [name] : []));
    this.before ??= this.host.cache.before(flow, names);
    const before = (await this.before)[step.components.step];
    if (!before) return { code: 'NO_RECORD', text: 'first run' };
    return componentsReason(before, step.components) ?? { code: 'NO_RECORD', text: 'no earlier result' };
  }
}
