import { randomUUID } from 'node:crypto';
import {
  type CallOptions,
  type Datastore,
  type ListingQuery,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  type RunSummary,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import { createOnce, readObject } from '../objects/body.ts';
import { decodeEnvelope, encodeEnvelope, readStored } from '../objects/envelope.ts';
import {
  batchKey,
  encodeName,
  partsOfRecordKey,
  RECORDS,
  type RecordKeyParts,
  recordKey,
  recordsPrefix,
  summaryKey,
} from '../objects/keys.ts';
import { asFields, ShapeError } from '../objects/shape.ts';
import { encodeBatch } from './batch.ts';
import { readAhead, readBatches } from './batch-reader.ts';
import { readRecord, readSummary } from './event-shape.ts';

/** Runs fetched at once when they are listed: two requests each. */
const PAGE = 20;

/** The end of a journal. */
interface Tail {
  readonly length: number;
  readonly batches: number;
}

/**
 * The default MetadataProvider: stores journals as commit batches in any Datastore with a conditional put. Runs are listed by their records alone, whose keys sort by time. The idea that an append is one conditional
 * put is that of the log in object storage.
 */
export class DatastoreJournal implements MetadataProvider {
  readonly name: string;
  readonly capabilities = { conditionalAppend: true };
  private readonly writer: string;
  private readonly tails = new Map<string, Tail>();

  /** `writer` must differ from that of any other process; default random. */
  constructor(
    private readonly store: Datastore,
    writer: string = randomUUID(),
  ) {
    this.name = `journal in ${store.name}`;
    this.writer = writer;
  }

  async createRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    const key = recordKey(run.flow, run.id);
    if (await createOnce(this.store, key, [encodeEnvelope('record', { writer: this.writer, record: run })], options))
      return;
    throw new StoreError('already-exists', `run ${run.id} of ${run.flow} exists already`, { key });
  }

  async append(
    run: RunRecord,
    events: readonly RunEvent[],
    options: CallOptions & { readonly expectedLength: number },
  ): Promise<void> {
    const tail = await this.tailAt(run, options);
    if (events.length === 0) return;
    const key = batchKey(run.flow, run.id, tail.batches);
    const content = {
      runId: run.id,
      batch: tail.batches,
      first: tail.length,
      writer: this.writer,
      events,
      blobs: new Map(),
    };
    const { parts } = encodeBatch(key, content, () => undefined);
    if (!(await createOnce(this.store, key, parts, options))) {
      this.tails.delete(recordKey(run.flow, run.id));
      throw wrongLength(run, options.expectedLength);
    }
    this.tails.set(recordKey(run.flow, run.id), { length: tail.length + events.length, batches: tail.batches + 1 });
  }

  async finishRun(run: RunRecord, summary: RunSummary, options: CallOptions = {}): Promise<void> {
    await createOnce(this.store, summaryKey(run.flow, run.id), [encodeEnvelope('summary', summary)], options);
  }

  /** Deletes the record first, so that no incomplete run is listed. Batches stay: they may hold bytes of other runs. */
  async removeRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    await this.store.delete(recordKey(run.flow, run.id), options);
    await this.store.delete(summaryKey(run.flow, run.id), options);
    this.tails.delete(recordKey(run.flow, run.id));
  }

  async run(flow: string, id: string, options: CallOptions = {}): Promise<RunListing | undefined> {
    return this.listingAt({ record: recordKey(flow, id), summary: summaryKey(flow, id) }, options);
  }

  async *events(run: RunRecord, options: CallOptions = {}): AsyncGenerator<RunEvent> {
    for await (const batch of readBatches(this.store, run.flow, run.id, options)) yield* batch.events;
  }

  async *runs(query: ListingQuery, options: CallOptions = {}): AsyncGenerator<RunListing> {
    const except = query.except === undefined ? undefined : encodeName(query.except);
    const found: RecordKeyParts[] = [];
    const prefix = query.flow === undefined ? RECORDS : recordsPrefix(query.flow);
    for await (const { key } of this.store.list(prefix, options)) {
      const parts = partsOfRecordKey(key);
      if (parts && parts.id !== except) found.push(parts);
    }
    found.sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
    for await (const listing of readAhead(found, Math.min(PAGE, query.ahead ?? PAGE), (run) =>
      this.listingAt(run, options, query.onDamage),
    )) {
      if (listing) yield listing;
    }
  }

  /** The run of a record's key; `undefined` when there is none. */
  async listingAt(
    { record, summary }: Pick<RecordKeyParts, 'record' | 'summary'>,
    options: CallOptions = {},
    onDamage?: ListingQuery['onDamage'],
  ): Promise<RunListing | undefined> {
    const [found, ended] = await Promise.all([
      unlessDamaged(
        this.read('record', record, options, (value) => readRecordAt(value, record)),
        onDamage,
      ),
      unlessDamaged(this.read('summary', summary, options, readSummary), onDamage),
    ]);
    if (!found) return undefined;
    return ended ? { record: found, summary: ended } : { record: found };
  }

  /** The end of the journal. Throws unless it has the length that the caller expects. */
  private async tailAt(run: RunRecord, options: CallOptions & { readonly expectedLength: number }): Promise<Tail> {
    const key = recordKey(run.flow, run.id);
    const known = this.tails.get(key);
    if (known?.length === options.expectedLength) return known;
    const info = await this.store.stat(key, options);
    if (!info) throw new StoreError('not-found', `there is no run ${run.id} of ${run.flow}`, { key });
    const tail = { length: 0, batches: 0 };
    for await (const batch of readBatches(this.store, run.flow, run.id, options)) {
      tail.length += batch.count;
      tail.batches = batch.batch + 1;
    }
    if (tail.length !== options.expectedLength) throw wrongLength(run, options.expectedLength, tail.length);
    this.tails.set(key, tail);
    return tail;
  }

  private async read<T>(
    kind: 'record' | 'summary',
    key: string,
    options: CallOptions,
    check: (value: unknown) => T,
  ): Promise<T | undefined> {
    const bytes = await readObject(this.store, key, options);
    return bytes && readStored(key, () => check(decodeEnvelope(kind, bytes, key)));
  }
}

/** `undefined` for a damaged object when there is a listener for damage; otherwise its error is thrown. */
export async function unlessDamaged<T>(
  reading: Promise<T>,
  onDamage: ListingQuery['onDamage'],
): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!onDamage || !VarveError.is(error, 'VARVE_CORRUPT_JOURNAL')) throw error;
    onDamage(error);
    return undefined;
  }
}

/** A record under the key of another run is damaged too. */
function readRecordAt(value: unknown, key: string): RunRecord {
  const record = readRecord(asFields(value, '').record);
  if (recordKey(record.flow, record.id) === key) return record;
  throw new ShapeError('.record', `of the run its key names, but of ${record.flow} ${record.id}`);
}

function wrongLength(run: RunRecord, wanted: number, found?: number): StoreError {
  const there = found === undefined ? 'more' : String(found);
  return new StoreError(
    'already-exists',
    `the journal of ${run.flow}#${run.number} holds ${there} events, not ${wanted}`,
  );
}
