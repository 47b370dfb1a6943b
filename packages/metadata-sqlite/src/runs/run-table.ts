import { type ListingQuery, type RunListing, type RunRecord, type RunSummary, VarveError } from '@varve/core/contract';
import type { Database, Row } from '../database/driver.ts';
import type { Purpose } from '../database/failure.ts';
import { seal, unseal } from './sealed.ts';
import { type Place, searchable, selectRuns } from './select.ts';

/** A run in the table. */
export interface StoredRun extends Place {
  readonly key: string;
  readonly listing: RunListing;
}

/** Adds a run. Its key must not be taken. */
export function insertRun(database: Database, key: string, { record, summary }: RunListing): void {
  database.run('INSERT INTO runs (key, id, flow, created_at, status, record, summary) VALUES (?, ?, ?, ?, ?, ?, ?)', [
    key,
    record.id,
    record.flow,
    record.createdAt,
    summary?.status ?? null,
    seal(record, key),
    summary ? seal(summary, key) : null,
  ]);
  const run = numberOf(database, key) ?? 0;
  for (const tag of record.tags)
    database.run('INSERT OR IGNORE INTO tags (tag, id, run) VALUES (?, ?, ?)', [searchable(tag), record.id, run]);
  for (const [name, value] of Object.entries(record.parameters)) {
    const values = [searchable(name), searchable(value), record.id, run];
    database.run('INSERT OR IGNORE INTO parameters (name, value, id, run) VALUES (?, ?, ?, ?)', values);
  }
}

/** Adds the summary to a run. The first one stays. */
export function endRun(database: Database, key: string, summary: RunSummary): void {
  const values = [summary.status, seal(summary, key), key];
  database.run('UPDATE runs SET status = ?, summary = ? WHERE key = ? AND summary IS NULL', values);
}

/** Takes a run out, with what it is searched by. */
export function deleteRun(database: Database, key: string): void {
  const run = numberOf(database, key);
  if (run === undefined) return;
  for (const table of ['tags', 'parameters', 'runs']) database.run(`DELETE FROM ${table} WHERE run = ?`, [run]);
}

/** The row number of a run; `undefined` for an unknown one. */
export function numberOf(database: Database, key: string): number | undefined {
  return database.all('SELECT run FROM runs WHERE key = ?', [key])[0]?.run as number | undefined;
}

/** The row of a run; `undefined` for an unknown one. */
export function rowOf(database: Database, key: string): Row | undefined {
  return database.all('SELECT run, key, id, flow, record, summary FROM runs WHERE key = ?', [key])[0];
}

/** A page of rows, newest first, after a place in the list. */
export function rowsAfter(
  database: Database,
  query: Pick<ListingQuery, 'flow' | 'where'>,
  after: Place | undefined,
  limit: number,
): Row[] {
  const { sql, values } = selectRuns(query, after, limit);
  return database.all(sql, values);
}

export function placeOf(row: Row): Place {
  return { id: row.id as string, run: row.run as number };
}

/**
 * Decodes a row stored under `key`. Without `onDamage` damage is thrown; with it a run whose record is damaged is `undefined`,
 * and a damaged summary counts as absent.
 */
export function decodeRun(
  row: Row,
  key: string,
  { name, mend }: Purpose,
  onDamage: ListingQuery['onDamage'],
): RunListing | undefined {
  const read = (what: 'record' | 'summary') => {
    const found = unseal(row[what], key);
    if (found) return found.value;
    const error = new VarveError(
      'VARVE_CORRUPT_JOURNAL',
      `the ${what} of run ${row.id} of ${row.flow} is damaged in ${name}`,
      { hint: mend },
    );
    if (!onDamage) throw error;
    onDamage(error);
    return undefined;
  };
  const record = read('record') as RunRecord | undefined;
  const summary = row.summary === null ? undefined : (read('summary') as RunSummary | undefined);
  if (!record) return undefined;
  return summary ? { record, summary } : { record };
}
