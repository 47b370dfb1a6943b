import {
  type CallOptions,
  type ListingQuery,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  type RunSummary,
  StoreError,
  VarveError,
} from '@varve/core/contract';
import type { Connection } from './database/connection.ts';
import type { Database } from './database/driver.ts';
import { decodeRun, deleteRun, endRun, insertRun, numberOf, placeOf, rowOf, rowsAfter } from './runs/run-table.ts';
import { seal, unseal } from './runs/sealed.ts';
import type { Place } from './runs/select.ts';

/** Runs, and appends, that are read at once. */
const PAGE = 64;

/** The history of runs in one SQLite file. */
export class SqliteMetadata implements MetadataProvider {
  readonly name: string;
  readonly capabilities = { conditionalAppend: true, selectsRuns: true };

  constructor(private readonly connection: Connection) {
    this.name = connection.purpose.name;
  }

  async createRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    const key = keyOf(run.flow, run.id);
    await this.connection.write((database) => {
      if (numberOf(database, key) !== undefined)
        throw new StoreError('already-exists', `run ${run.id} of ${run.flow} exists already`, { key });
      insertRun(database, key, { record: run });
    }, options);
  }

  async append(
    run: RunRecord,
    events: readonly RunEvent[],
    { expectedLength, ...options }: CallOptions & { readonly expectedLength: number },
  ): Promise<void> {
    await this.connection.write((database) => {
      const at = requireRun(database, run);
      const length = lengthOf(database, at);
      if (length !== expectedLength) throw wrongLength(run, expectedLength, length);
      if (events.length === 0) return;
      const values = [at, length, events.length, seal(events, eventsAt(run, length))];
      database.run('INSERT INTO events (run, first, count, events) VALUES (?, ?, ?, ?)', values);
    }, options);
  }

  async finishRun(run: RunRecord, summary: RunSummary, options: CallOptions = {}): Promise<void> {
    await this.connection.write((database) => endRun(database, keyOf(run.flow, run.id), summary), options);
  }

  async removeRun(run: RunRecord, options: CallOptions = {}): Promise<void> {
    const key = keyOf(run.flow, run.id);
    await this.connection.write((database) => {
      const at = numberOf(database, key);
      if (at === undefined) return;
      database.run('DELETE FROM events WHERE run = ?', [at]);
      deleteRun(database, key);
    }, options);
  }

  async run(flow: string, id: string, options: CallOptions = {}): Promise<RunListing | undefined> {
    const key = keyOf(flow, id);
    const row = await this.connection.read((database) => rowOf(database, key), options);
    return row && decodeRun(row, key, this.connection.purpose, undefined);
  }

  async *events(run: RunRecord, options: CallOptions = {}): AsyncGenerator<RunEvent> {
    const key = keyOf(run.flow, run.id);
    for (let next = 0; ; ) {
      const rows = await this.connection.read((database) => {
        const sql = 'SELECT first, count, events FROM events WHERE run = ? AND first >= ? ORDER BY first LIMIT ?';
        return database.all(sql, [numberOf(database, key) ?? 0, next, PAGE]);
      }, options);
      for (const { first, count, events } of rows) {
        const found = first === next ? unseal(events, eventsAt(run, next)) : undefined;
        if (!found) throw this.damagedEvents(run, next);
        next += count as number;
        yield* found.value as RunEvent[];
      }
      if (rows.length < PAGE) return;
    }
  }

  async *runs(query: ListingQuery, options: CallOptions = {}): AsyncGenerator<RunListing> {
    let limit = Math.min(PAGE, query.ahead ?? PAGE);
    for (let after: Place | undefined; ; ) {
      const rows = await this.connection.read((database) => rowsAfter(database, query, after, limit), options);
      for (const row of rows) {
        after = placeOf(row);
        if (row.id === query.except) continue;
        const key = keyOf(row.flow as string, row.id as string);
        const listing = decodeRun(row, key, this.connection.purpose, query.onDamage);
        if (listing) yield listing;
      }
      if (rows.length < limit) return;
      limit = PAGE;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private damagedEvents(run: RunRecord, first: number): VarveError {
    const { name, mend } = this.connection.purpose;
    const what = `the journal of ${run.flow}#${run.number} is damaged in ${name} at event ${first}`;
    return new VarveError('VARVE_CORRUPT_JOURNAL', what, { hint: mend });
  }
}

/** Names may hold any character, so no character could stand between them. */
function keyOf(flow: string, id: string): string {
  return JSON.stringify([flow, id]);
}

function eventsAt(run: RunRecord, first: number): string {
  return `${keyOf(run.flow, run.id)} ${first}`;
}

function requireRun(database: Database, run: RunRecord): number {
  const key = keyOf(run.flow, run.id);
  const at = numberOf(database, key);
  if (at !== undefined) return at;
  throw new StoreError('not-found', `there is no run ${run.id} of ${run.flow}`, { key });
}

function lengthOf(database: Database, run: number): number {
  const sql = 'SELECT first + count AS length FROM events WHERE run = ? ORDER BY first DESC LIMIT 1';
  return (database.all(sql, [run])[0]?.length as number | undefined) ?? 0;
}

function wrongLength(run: RunRecord, wanted: number, found: number): StoreError {
  const message = `the journal of ${run.flow}#${run.number} holds ${found} events, not ${wanted}`;
  return new StoreError('already-exists', message);
}
