import { existsSync, renameSync } from 'node:fs';
import type { CallOptions, IndexedRun, IndexSnapshot, ListingQuery, RunIndex } from '@varve/core/contract';
import { VarveError } from '@varve/core/contract';
import type { Connection } from './database/connection.ts';
import { damaged } from './database/failure.ts';
import { decodeRun, deleteRun, endRun, insertRun, numberOf, placeOf, rowsAfter } from './runs/run-table.ts';
import type { Place } from './runs/select.ts';

const PAGE = 64;

/** Opens one more connection to the file of an index. */
export type Connect = () => Connection;

/** An index of runs in a SQLite file of its own. */
export class SqliteIndex implements RunIndex {
  readonly name: string;
  readonly #connection: Connection;

  constructor(
    private readonly connect: Connect,
    /** Opens the file whose lock keeps two processes from replacing a damaged index at once. */
    private readonly connectLock: Connect,
  ) {
    this.#connection = connect();
    this.name = this.#connection.purpose.name;
  }

  async snapshot(options: CallOptions = {}): Promise<IndexSnapshot> {
    options.signal?.throwIfAborted();
    if (!existsSync(this.#connection.file)) return EMPTY;
    const connection = this.connect();
    try {
      await connection.hold(options);
    } catch (error) {
      await connection.close();
      throw error;
    }
    return new Snapshot(connection);
  }

  async put(runs: readonly IndexedRun[], options: CallOptions = {}): Promise<void> {
    await this.#connection.write((database) => {
      for (const { key, listing } of runs) {
        if (numberOf(database, key) === undefined) insertRun(database, key, listing);
        else if (listing.summary) endRun(database, key, listing.summary);
      }
    }, options);
  }

  async remove(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#connection.write((database) => {
      for (const key of keys) deleteRun(database, key);
    }, options);
  }

  async clear(options: CallOptions = {}): Promise<void> {
    try {
      await this.#empty(options);
    } catch (error) {
      if (!VarveError.is(error, 'VARVE_DATABASE_DAMAGED')) throw error;
      await this.#replace(options);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #empty(options: CallOptions): Promise<void> {
    await this.#connection.write((database) => {
      for (const table of ['tags', 'parameters', 'runs']) database.exec(`DELETE FROM ${table}`);
    }, options);
  }

  /**
   * Moves a damaged file away: it may be another one than its user meant, so it is not deleted. The lock goes with the process
   * that holds it, and whoever gets it next finds the new file whole.
   */
  async #replace(options: CallOptions): Promise<void> {
    const lock = this.connectLock();
    try {
      await lock.write(() => {
        // Another process may have been faster.
        if (this.#connection.isWhole()) return;
        const { file } = this.#connection;
        const aside = `${file}.damaged-${Date.now()}`;
        for (const end of ['-wal', '-shm', '']) if (existsSync(file + end)) renameSync(file + end, aside + end);
      }, options);
    } finally {
      await lock.close();
    }
    await this.#empty(options);
  }
}

const EMPTY: IndexSnapshot = {
  known: async () => new Map(),
  async *runs() {},
  close: async () => {},
};

class Snapshot implements IndexSnapshot {
  constructor(private readonly connection: Connection) {}

  async known(flow?: string, options: CallOptions = {}): Promise<ReadonlyMap<string, boolean>> {
    const [where, values] = flow === undefined ? ['', []] : [' WHERE flow = ?', [flow]];
    const sql = `SELECT key, status IS NOT NULL AS ended FROM runs${where}`;
    const rows = await this.connection.read((database) => database.all(sql, values), options);
    return new Map(rows.map(({ key, ended }) => [key as string, ended === 1]));
  }

  async *runs(query: Pick<ListingQuery, 'flow' | 'where'>, options: CallOptions = {}): AsyncGenerator<IndexedRun> {
    for (let after: Place | undefined; ; ) {
      const rows = await this.connection.read((database) => rowsAfter(database, query, after, PAGE), options);
      for (const row of rows) {
        after = placeOf(row);
        const key = row.key as string;
        const listing = decodeRun(row, key, this.connection.purpose, (damage) => {
          const { name, mend } = this.connection.purpose;
          throw damaged(name, damage.message, mend, damage);
        });
        if (listing) yield { key, listing };
      }
      if (rows.length < PAGE) return;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
