import { type Datastore, VarveError } from '@varve/core/contract';
import {
  type ArtifactStore,
  COMPONENTS_CODEC,
  type PageFault,
  readComponents,
  type StepComponents,
} from '@varve/core/internal';

import type { History } from '../runs/history.ts';
import { type InvalidationNote, invalidate, restore } from './invalidate.ts';
import { readIndexes, resultsIn } from './read-indexes.ts';
import {
  matchesQuery,
  nameOfResult,
  parseResultSelector,
  type Result,
  type ResultQuery,
  type ResultSelector,
} from './result.ts';
import { type CacheStats, cacheStats } from './stats.ts';
import { type Verification, verifyResults } from './verify.ts';

export interface ListOptions {
  readonly limit: number;
  /** Only invalidated results. */
  readonly withdrawn?: boolean;
  /** Called for each page that could not be read and is skipped. */
  readonly onFault?: (fault: PageFault) => void;
}

/** The results that are kept for later runs: lists, verifies, invalidates and restores them. */
export class ResultCache {
  constructor(
    private readonly store: Datastore,
    private readonly artifacts: ArtifactStore,
    private readonly history: History,
  ) {}

  /** `runs` is the number of newest runs that are counted. */
  stats(runs: number): Promise<CacheStats> {
    return cacheStats(this.store, this.history.list({ limit: runs, onDamage: () => {} }));
  }

  /** Newest first. */
  async list(query: ResultQuery, { limit, withdrawn = false, onFault }: ListOptions): Promise<Result[]> {
    let kept: Result[] = [];
    for await (const result of this.all(query, onFault)) {
      if (withdrawn && !result.entry.withdrawn) continue;
      kept.push(result);
      if (kept.length > limit + 10_000) kept = newest(kept, limit);
    }
    return newest(kept, limit);
  }

  /** One result, by `Penguins/12/train[2]` or a prefix of its key. Throws `VARVE_NO_RESULT` or `VARVE_SEVERAL_RESULTS`. */
  async find(name: string): Promise<Result> {
    const isKey = /^[0-9a-f]{6,64}$/.test(name);
    const query = isKey ? {} : await this.resolve(name);
    const found: Result[] = [];
    for await (const result of this.all(query)) if (!isKey || result.key.startsWith(name)) found.push(result);
    const [first, second] = found;
    if (first && !second) return first;
    if (first) throw severalResults(name, found);
    const origin = await this.originOf(name);
    if (origin !== undefined && origin !== name) return this.find(origin);
    throw new VarveError('VARVE_NO_RESULT', `no result ${name} is kept in ${this.store.name}`, {
      hint: 'See which are: varve cache ls',
    });
  }

  /** The components of a result's step key; `undefined` when the run that computed it was removed. */
  async componentsOf({ step, stepKey, entry }: Result): Promise<StepComponents | undefined> {
    try {
      const { flow, runId } = entry.origin;
      const keyed = (await this.history.find({ flow, run: { id: runId } })).state.keyed?.[step];
      if (keyed?.key !== stepKey || keyed.components.codec !== COMPONENTS_CODEC) return undefined;
      return readComponents(JSON.parse(Buffer.from(await this.artifacts.read(keyed.components)).toString('utf8')));
    } catch (error) {
      if (VarveError.is(error)) return undefined;
      throw error;
    }
  }

  /** Checks results and their bytes. With `repair`, which names the user, damaged ones are invalidated and removed. */
  verify(query: ResultQuery, repair?: InvalidationNote): Promise<Verification> {
    return verifyResults(this.store, this.artifacts, query, repair);
  }

  /** Usable results that match any of the queries. */
  async select(queries: readonly ResultQuery[], onFault?: ListOptions['onFault']): Promise<Result[]> {
    const found: Result[] = [];
    for await (const result of this.all({}, onFault))
      if (!result.entry.withdrawn && queries.some((query) => matchesQuery(result, query))) found.push(result);
    return found;
  }

  /** Returns the id for `restore`. */
  invalidate(results: readonly Result[], note: InvalidationNote): Promise<string> {
    return invalidate(this.store, results, note);
  }

  /** Undoes an invalidation. Returns the number of deleted pages. Throws `VARVE_NO_RESULT`. */
  restore(id: string): Promise<number> {
    return restore(this.store, id);
  }

  /** Parses a selector. Throws `VARVE_USAGE`, or `VARVE_NO_RUN` when it names a run that does not exist. */
  async resolve(text: string): Promise<ResultQuery> {
    const selector = parseResultSelector(text);
    if (!selector)
      throw new VarveError('VARVE_USAGE', `'${text}' names no results`, {
        hint: 'Name a flow, a step of it, a run or a task: Penguins, Penguins/train, Penguins/12, Penguins/12/train[2].',
      });
    const { run, ...rest } = selector;
    return run === undefined ? rest : this.withRun(rest, run);
  }

  private async withRun(rest: ResultSelector, run: NonNullable<ResultSelector['run']>): Promise<ResultQuery> {
    const { task, flow } = rest;
    const others = task === undefined ? {} : { task };
    if (flow !== undefined && 'number' in run) return { flow, run: run.number, ...others };
    const { record } = await this.history.find({ run, ...(flow !== undefined && { flow }) });
    return { flow: record.flow, run: record.number, ...others };
  }

  /** Path of the task that computed the result of a cached or cloned task. */
  private async originOf(name: string): Promise<string | undefined> {
    const { flow, run, task } = /^[0-9a-f]{6,64}$/.test(name) ? {} : await this.resolve(name);
    if (flow === undefined || run === undefined || task === undefined) return undefined;
    try {
      return (await this.history.find({ flow, run: { number: run } })).task(task).state.from;
    } catch (error) {
      if (VarveError.is(error)) return undefined;
      throw error;
    }
  }

  private async *all(query: ResultQuery, onFault?: ListOptions['onFault']): AsyncGenerator<Result> {
    for await (const index of readIndexes(this.store)) {
      for (const fault of index.faults) onFault?.(fault);
      for (const result of resultsIn(index)) if (matchesQuery(result, query)) yield result;
    }
  }
}

function newest(results: readonly Result[], limit: number): Result[] {
  return [...results].sort((a, b) => b.entry.at - a.entry.at || (a.key < b.key ? -1 : 1)).slice(0, limit);
}

function severalResults(name: string, found: readonly Result[]): VarveError {
  const shown = found.slice(0, 4).map((result) => `${nameOfResult(result)} (${result.key.slice(0, 12)})`);
  const more = found.length > shown.length ? `, and ${found.length - shown.length} more` : '';
  return new VarveError('VARVE_SEVERAL_RESULTS', `${name} names ${found.length} results`, {
    hint: `Name one of them, by its key if need be: ${shown.join(', ')}${more}`,
  });
}
