import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, VarveError } from '@varve/core/contract';
import type { Database, Driver } from './driver.ts';
import { isBusy, isDamage, noFolder, type Purpose, shownError, stillLocked } from './failure.ts';
import { type Format, prepareFile, rollBack } from './schema.ts';

/** Ms for which a lock of another process is waited for: a write takes some ms. */
const PATIENCE_MS = 30_000;
/** Largest number of ms between two attempts at a lock. */
const PAUSE_MS = 20;

/**
 * A file and the connection to it, opened by the first call. SQLite itself waits for no lock, because it would hold the thread:
 * calls are repeated here until the file is free.
 */
export class Connection {
  #database: Database | undefined;
  #closed = false;

  constructor(
    private readonly driver: Driver,
    readonly file: string,
    private readonly format: Format,
    readonly purpose: Purpose,
  ) {}

  /** Runs `work` in a transaction: all of it happens, or nothing. */
  write<T>(work: (database: Database) => T, options: CallOptions = {}): Promise<T> {
    return this.read((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(database);
        database.exec('COMMIT');
        return result;
      } catch (error) {
        rollBack(database);
        throw error;
      }
    }, options);
  }

  /** Runs `work`, which may be called again, until no other process is in its way. */
  async read<T>(work: (database: Database) => T, { signal }: CallOptions = {}): Promise<T> {
    const since = performance.now();
    for (;;) {
      signal?.throwIfAborted();
      try {
        return work(this.#open());
      } catch (error) {
        if (!isBusy(error)) throw shownError(error, this.purpose);
        if (performance.now() - since > PATIENCE_MS) throw stillLocked(this.purpose.name, PATIENCE_MS, error);
      }
      await sleep(Math.random() * PAUSE_MS, undefined, signal && { signal }).catch(() => {});
    }
  }

  /** From here on this connection reads the file as it is now. */
  hold(options: CallOptions = {}): Promise<void> {
    return this.read((database) => {
      database.exec('BEGIN');
      try {
        // A transaction begins with its first read.
        database.all('SELECT count(*) AS n FROM sqlite_master', []);
      } catch (error) {
        rollBack(database);
        throw error;
      }
    }, options);
  }

  /** False for a file that is damaged. Reads all of it, and closes it: the next call opens it again. */
  isWhole(): boolean {
    this.#release();
    try {
      return this.#open().all('PRAGMA quick_check(1)', [])[0]?.quick_check === 'ok';
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    } finally {
      this.#release();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #open(): Database {
    if (this.#database) return this.#database;
    if (this.#closed) throw new VarveError('VARVE_CLOSED', `${this.purpose.name} was closed before`);
    makeFolder(dirname(this.file), this.purpose);
    const database = this.driver.open(this.file);
    try {
      prepareFile(database, this.format, this.purpose.name);
      // A process that is killed loses nothing then; only a machine that loses power may lose the last transactions.
      database.exec('PRAGMA synchronous = NORMAL');
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    return database;
  }
}

function makeFolder(folder: string, purpose: Purpose): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw noFolder(purpose.name, error as NodeJS.ErrnoException);
  }
}
