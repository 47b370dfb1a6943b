import {
  type CallOptions,
  type ListingQuery,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  type RunSelection,
  type RunSummary,
  StoreError,
} from '@varve/core/contract';

export interface Journal {
  readonly record: RunRecord;
  readonly events: RunEvent[];
  summary?: RunSummary;
}

/** State that several handles share. */
export type Journals = Map<string, Journal>;

const keyOf = (flow: string, id: string): string => `${flow}\n${id}`;

/** A correct provider in memory, on which the broken ones are based. */
export class MemoryMetadata implements MetadataProvider {
  readonly name: string = 'memory:';
  readonly capabilities: MetadataProvider['capabilities'] = { conditionalAppend: true, selectsRuns: true };
  readonly journals: Journals;

  constructor(journals: Journals) {
    this.journals = journals;
  }

  journal(run: RunRecord): Journal {
    const journal = this.journals.get(keyOf(run.flow, run.id));
    if (journal === undefined) throw new StoreError('not-found', `there is no run ${run.id}`);
    return journal;
  }

  async createRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const key = keyOf(run.flow, run.id);
    if (this.journals.has(key)) throw new StoreError('already-exists', `there is a run ${run.id}`);
    this.journals.set(key, { record: structuredClone(run), events: [] });
  }

  async append(
    run: RunRecord,
    events: readonly RunEvent[],
    options: CallOptions & { readonly expectedLength: number },
  ): Promise<void> {
    options.signal?.throwIfAborted();
    const journal = this.journal(run);
    if (journal.events.length !== options.expectedLength) throw new StoreError('already-exists', 'another length');
    journal.events.push(...structuredClone(events));
  }

  async finishRun(run: RunRecord, summary: RunSummary, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.journal(run).summary ??= structuredClone(summary);
  }

  async run(flow: string, id: string, options: CallOptions = {}): Promise<RunListing | undefined> {
    options.signal?.throwIfAborted();
    const journal = this.journals.get(keyOf(flow, id));
    return journal && listing(journal);
  }

  async *events(run: RunRecord, options: CallOptions = {}): AsyncGenerator<RunEvent> {
    options.signal?.throwIfAborted();
    yield* structuredClone(this.journal(run).events);
  }

  async *runs({ flow, where = {} }: ListingQuery, options: CallOptions = {}): AsyncGenerator<RunListing> {
    options.signal?.throwIfAborted();
    const found = [...this.journals.values()].filter(
      (journal) => (flow === undefined || journal.record.flow === flow) && selects(where, listing(journal)),
    );
    for (const journal of found.sort((a, b) => (a.record.id < b.record.id ? 1 : -1))) yield listing(journal);
  }

  async close(): Promise<void> {
    // Nothing to release.
  }
}

export function listing({ record, summary }: Journal): RunListing {
  return structuredClone(summary === undefined ? { record } : { record, summary });
}

/** True for a run that is selected. */
export function selects(where: RunSelection, { record, summary }: RunListing): boolean {
  const { tags = [], since = -Infinity, until = Infinity, parameters = {}, ended } = where;
  if (ended && summary && !ended.includes(summary.status)) return false;
  if (record.createdAt < since || record.createdAt >= until) return false;
  const values = new Map(Object.entries(record.parameters));
  return (
    tags.every((tag) => record.tags.includes(tag)) &&
    Object.entries(parameters).every(([name, value]) => values.get(name) === value)
  );
}
