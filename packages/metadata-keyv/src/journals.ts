import { randomUUID } from 'node:crypto';
import {
  type CallOptions,
  type ListingQuery,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  type RunSummary,
  StoreError,
  type VarveError,
} from '@varve/core/contract';
import { damaged } from './errors.ts';
import { runKey } from './keys.ts';
import { Records } from './records.ts';
import { type Entry, RunIndex } from './run-index.ts';
import type { Settings } from './settings.ts';

/** Batches fetched at once: each may hold some MB. */
const BATCHES = 16;
/** Runs fetched at once when they are listed. */
const PAGE = 50;

interface Batch {
  /** Number of the events before it. */
  readonly first: number;
  readonly events: readonly RunEvent[];
}

/** The end of a journal. */
interface Tail {
  readonly length: number;
  readonly batches: number;
}

/**
 * Journals in a store of Keyv. A batch of events is one record under a key of its own, never changed once it is written: it is
 * there or not. `head` says how many batches there must be, so that one that was lost is noticed. There is no compare-and-set,
 * so a run must have one writer: varve sees to it in the Datastore.
 */
export class KeyvJournals implements MetadataProvider {
  readonly capabilities = { conditionalAppend: false };
  private readonly records: Records;
  private readonly index: RunIndex;
  /** Tells the records of this process from those of another. */
  private readonly writer = randomUUID();
  private readonly created = new Set<string>();
  private readonly tails = new Map<string, Tail>();

  constructor(settings: Settings) {
    this.records = new Records(settings);
    this.index = new RunIndex(this.records);
  }

  get name(): string {
    return `journals in ${this.records.name}`;
  }

  /** The record comes before the index: what is listed is there. Goes on where a call before was broken off. */
  async createRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    const key = runKey(run.flow, run.id, 'record');
    const found = await this.records.readOne<{ readonly writer: string }>(key, options);
    if (found && (found.writer !== this.writer || this.created.has(key)))
      throw new StoreError('already-exists', `run ${run.id} of ${run.flow} exists already`, { key });
    await this.index.requireFree(run, options);
    await this.records.write(runKey(run.flow, run.id, 'head'), { batches: 0 }, options);
    await this.records.write(key, { record: run, writer: this.writer }, options);
    await this.index.add(run, options);
    this.created.add(key);
  }

  async append(
    run: RunRecord,
    events: readonly RunEvent[],
    options: CallOptions & { readonly expectedLength: number },
  ): Promise<void> {
    const { length, batches } = await this.tailAt(run, options);
    if (events.length === 0) return;
    const batch: Batch = { first: length, events };
    await this.records.write(runKey(run.flow, run.id, `batch/${batches}`), batch, options);
    await this.records.write(runKey(run.flow, run.id, 'head'), { batches: batches + 1 }, options);
    this.tails.set(run.id, { length: length + events.length, batches: batches + 1 });
  }

  async finishRun(run: RunRecord, summary: RunSummary, options: CallOptions = {}): Promise<void> {
    const key = runKey(run.flow, run.id, 'summary');
    if (!(await this.records.readOne(key, options))) await this.records.write(key, { summary }, options);
    // Another process may have written the same entry of the index at the same time.
    await this.index.touch(run, options);
    this.tails.delete(run.id);
  }

  async run(flow: string, id: string, options: CallOptions = {}): Promise<RunListing | undefined> {
    return (await this.listings([{ flow, id }], options))[0] ?? undefined;
  }

  async *events(run: RunRecord, options: CallOptions = {}): AsyncGenerator<RunEvent> {
    for await (const { events } of this.batches(run, options)) yield* events;
  }

  async *runs(
    { flow, except, ahead = PAGE, onDamage }: ListingQuery,
    options: CallOptions = {},
  ): AsyncGenerator<RunListing> {
    const found = (await this.index.runs(flow, options)).filter(({ id }) => id !== except);
    const page = Math.min(PAGE, ahead);
    for (let start = 0; start < found.length; start += page) {
      const wanted = found.slice(start, start + page);
      const listings = await this.listings(wanted, options, onDamage);
      for (const [i, entry] of wanted.entries()) {
        const listing = listings[i];
        if (listing) yield listing;
        else if (listing === undefined && (await this.index.has(entry, options))) this.tell(entry, onDamage);
      }
    }
  }

  /** Out of the index first: what is listed is there. */
  async removeRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    const { flow, id } = run;
    await this.index.remove(run, options);
    const head = await this.records.readOne<{ readonly batches: number }>(runKey(flow, id, 'head'), options);
    const batches = Array.from({ length: (head?.batches ?? 0) + 1 }, (_, n) => runKey(flow, id, `batch/${n}`));
    await this.records.remove(
      [runKey(flow, id, 'record'), runKey(flow, id, 'summary'), ...batches, runKey(flow, id, 'head')],
      options,
    );
    this.tails.delete(id);
  }

  close(): Promise<void> {
    return this.records.close();
  }

  /** In order. A batch behind those that `head` counts is one whose writer was stopped before it could count it. */
  private async *batches(run: RunRecord, options: CallOptions): AsyncGenerator<Batch> {
    const { flow, id } = run;
    const counted = await this.counted(run, options);
    if (counted === undefined) return;
    let length = 0;
    for (let start = 0; ; start += BATCHES) {
      const keys = Array.from({ length: BATCHES }, (_, i) => runKey(flow, id, `batch/${start + i}`));
      for (const [i, batch] of (await this.records.read<Batch>(keys, options)).entries()) {
        if (!batch && start + i >= counted) return;
        if (!batch) throw this.lost(keys[i] ?? '');
        if (batch.first !== length)
          throw damaged(this.name, keys[i] ?? '', `it begins at event ${batch.first} instead of ${length}`);
        length += batch.events.length;
        yield batch;
      }
    }
  }

  /** The number of batches that must be there; `undefined` for an unknown run. The record was written after the head. */
  private async counted({ flow, id }: RunRecord, options: CallOptions): Promise<number | undefined> {
    if (!(await this.records.readOne(runKey(flow, id, 'record'), options))) return undefined;
    const key = runKey(flow, id, 'head');
    const head = await this.records.readOne<{ readonly batches: number }>(key, options);
    if (!head) throw this.lost(key);
    return head.batches;
  }

  /** Throws unless the journal has the length that the caller expects: as far as one can tell without a compare-and-set. */
  private async tailAt(run: RunRecord, options: CallOptions & { readonly expectedLength: number }): Promise<Tail> {
    const known = this.tails.get(run.id);
    if (known?.length === options.expectedLength) return known;
    if ((await this.counted(run, options)) === undefined)
      throw new StoreError('not-found', `there is no run ${run.id} of ${run.flow} in ${this.name}`);
    let [length, batches] = [0, 0];
    for await (const { events } of this.batches(run, options))
      [length, batches] = [length + events.length, batches + 1];
    if (length === options.expectedLength) return { length, batches };
    const what = `the journal of ${run.flow}#${run.number} holds ${length} events, not ${options.expectedLength}`;
    throw new StoreError('already-exists', what);
  }

  private async listings(
    runs: readonly Pick<Entry, 'flow' | 'id'>[],
    options: CallOptions,
    onDamage?: ListingQuery['onDamage'],
  ): Promise<(RunListing | null | undefined)[]> {
    const keysOf = (record: 'record' | 'summary') => runs.map(({ flow, id }) => runKey(flow, id, record));
    const [records, summaries] = await Promise.all([
      this.records.read<{ readonly record: RunRecord }>(keysOf('record'), options, onDamage),
      this.records.read<{ readonly summary: RunSummary }>(keysOf('summary'), options, onDamage),
    ]);
    return records.map((found, i) => {
      const summary = summaries[i]?.summary;
      return found && { record: found.record, ...(summary && { summary }) };
    });
  }

  /** A run that is listed and not there. */
  private tell({ flow, id }: Entry, onDamage: ListingQuery['onDamage']): void {
    const error = this.lost(runKey(flow, id, 'record'));
    if (!onDamage) throw error;
    onDamage(error);
  }

  private lost(key: string): VarveError {
    return damaged(this.name, key, 'it is not there');
  }
}
