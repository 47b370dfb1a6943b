import { createHash } from 'node:crypto';
import type { ListingQuery } from '@varve/core/contract';
import type { Value } from '../database/driver.ts';

/** A statement and the values bound to it. */
export interface Query {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** The last run of the page before. */
export interface Place {
  readonly id: string;
  readonly run: number;
}

/** Longer texts are searched by their hash. */
const TEXT_MAX = 200;

/**
 * Selects a page of runs, newest first, after a place in the list. The table that is read in the order of the list is the one
 * that a parameter or a tag is found in, so that few others are looked at; `CROSS JOIN` keeps SQLite from choosing another.
 */
export function selectRuns(
  query: Pick<ListingQuery, 'flow' | 'where'>,
  after: Place | undefined,
  limit: number,
): Query {
  const { tags = [], parameters = {}, since, until, ended } = query.where ?? {};
  const tables: Query[] = [
    ...Object.entries(parameters).map(([name, value], n) => ({
      sql: `parameters p${n} ON p${n}.name = ? AND p${n}.value = ?`,
      values: [searchable(name), searchable(value)],
    })),
    ...tags.map((tag, n) => ({ sql: `tags t${n} ON t${n}.tag = ?`, values: [searchable(tag)] })),
  ];
  const names = tables.map(({ sql }) => sql.slice(sql.indexOf(' ') + 1, sql.indexOf(' ON')));
  const [first] = names;
  const order = first ?? 'r';
  const conditions: Query[] = [
    ...names.slice(1).map((name) => ({ sql: `${name}.id = ${first}.id AND ${name}.run = ${first}.run`, values: [] })),
    ...(query.flow === undefined ? [] : [{ sql: 'r.flow = ?', values: [query.flow] }]),
    ...(isTime(since) ? [{ sql: 'r.created_at >= ?', values: [since] }] : []),
    ...(isTime(until) ? [{ sql: 'r.created_at < ?', values: [until] }] : []),
    ...(ended ? [{ sql: `(r.status IS NULL OR r.status IN (${ended.map(() => '?').join()}))`, values: ended }] : []),
    ...(after ? [{ sql: `(${order}.id, ${order}.run) < (?, ?)`, values: [after.id, after.run] }] : []),
  ];
  return assemble(tables, conditions, order, limit);
}

function assemble(tables: readonly Query[], conditions: readonly Query[], order: string, limit: number): Query {
  const joined = tables.map(({ sql }) => sql.replace(/ ON .*/s, ''));
  const matched = tables.map(({ sql, values }) => ({ sql: sql.replace(/^.*? ON /s, ''), values }));
  const all = [...matched, ...conditions, ...(order === 'r' ? [] : [{ sql: `r.run = ${order}.run`, values: [] }])];
  const from = [...joined, 'runs r'].join(' CROSS JOIN ');
  const where = all.length === 0 ? '' : ` WHERE ${all.map(({ sql }) => sql).join(' AND ')}`;
  const sql = `SELECT r.run, r.key, r.id, r.flow, r.record, r.summary FROM ${from}${where} ORDER BY ${order}.id DESC, ${order}.run DESC LIMIT ?`;
  return { sql, values: [...all.flatMap(({ values }) => values), limit] };
}

/** The text under which a name, a tag or a value of a parameter is searched. */
export function searchable(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function isTime(time: number | undefined): time is number {
  return time !== undefined && !Number.isNaN(time);
}
