import { VarveError } from '@varve/core/contract';
import type { Database } from './driver.ts';

/** A kind of file, so that neither is taken for the other, nor for the file of another program. */
export interface Format {
  /** Written to the head of the file: 4 letters. */
  readonly mark: string;
  /** What the file is, for messages. */
  readonly what: string;
  readonly tables: string;
}

/** Raised when an older version could no longer read what is written. */
const VERSION = 1;

/** Runs with what they are searched by. `key` is unique; `record` and `summary` are sealed JSON. */
const RUNS = `
CREATE TABLE runs (
  run INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, id TEXT NOT NULL, flow TEXT NOT NULL, created_at REAL NOT NULL,
  status TEXT, record TEXT NOT NULL, summary TEXT
);
CREATE INDEX runs_newest ON runs (id, run, status, created_at);
CREATE INDEX runs_of_flow ON runs (flow, id, run, status, created_at, key);
CREATE TABLE tags (tag TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (tag, id, run)) WITHOUT ROWID;
CREATE INDEX tags_of_run ON tags (run);
CREATE TABLE parameters (
  name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (name, value, id, run)
) WITHOUT ROWID;
CREATE INDEX parameters_of_run ON parameters (run);
`;

/** `first`: how many events come before; `events`: sealed JSON of the `count` events of one append. */
const EVENTS = `
CREATE TABLE events (
  run INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (run, first)
) WITHOUT ROWID;
`;

export const JOURNALS: Format = { mark: 'vrvj', what: 'the history of runs', tables: RUNS + EVENTS };
export const INDEX: Format = { mark: 'vrvi', what: 'an index of runs', tables: RUNS };
/** Has no content: processes wait for each other on it. */
export const LOCK: Format = { mark: 'vrvl', what: 'a lock', tables: '' };

/** Makes a new file one of this format, and checks any other. Two processes may do so at once. */
export function prepareFile(database: Database, format: Format, name: string): void {
  // At one moment: another process may be making the file.
  database.exec('BEGIN');
  try {
    if (isReady(database, format, name)) return;
  } finally {
    rollBack(database);
  }
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('BEGIN IMMEDIATE');
  try {
    if (!isReady(database, format, name)) {
      database.exec(format.tables);
      database.exec(`PRAGMA application_id = ${numberOf(format.mark)}; PRAGMA user_version = ${VERSION}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** A disk that is full has ended the transaction already. */
export function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {}
}

/** False for a new file. Throws `VARVE_DATABASE_FOREIGN` and `VARVE_FORMAT_VERSION`. */
function isReady(database: Database, format: Format, name: string): boolean {
  const mark = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (mark === numberOf(format.mark) && version <= VERSION) return version > 0;
  if (mark === numberOf(format.mark)) {
    throw new VarveError('VARVE_FORMAT_VERSION', `${name} has format ${version}, this varve reads up to ${VERSION}`, {
      hint: 'Update @varve/metadata-sqlite.',
    });
  }
  const tables = database.all('SELECT count(*) AS n FROM sqlite_master', [])[0]?.n;
  if (mark === 0 && tables === 0) return false;
  const other =
    [JOURNALS, INDEX, LOCK].find((one) => numberOf(one.mark) === mark)?.what ?? 'the file of another program';
  throw new VarveError('VARVE_DATABASE_FOREIGN', `${name} is not ${format.what}, but ${other}: it was left as it is`, {
    hint: 'Name another file in varve.config.ts.',
  });
}

function pragma(database: Database, name: string): number {
  return Number(database.all(`PRAGMA ${name}`, [])[0]?.[name]);
}

function numberOf(mark: string): number {
  return Buffer.from(mark, 'latin1').readInt32BE();
}
