import type Libsql from 'libsql';
import { type Database, type Driver, DriverError, type Row } from './driver.ts';

/** The SQLite of the package libsql; `undefined` where it is not installed. */
export async function libsqlDriver(): Promise<Driver | undefined> {
  const Connection = await load();
  return Connection && { open: (file) => attempt(() => open(new Connection(file))) };
}

async function load(): Promise<typeof Libsql | undefined> {
  try {
    return (await import('libsql')).default;
  } catch (error) {
    // Thrown also by it, where its binary for this platform is missing.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function open(database: Libsql.Database): Database {
  const statements = new Map<string, Libsql.Statement>();
  const prepared = (sql: string): Libsql.Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    exec: (sql) => attempt(() => void database.exec(sql)),
    run: (sql, values) => void attempt(() => prepared(sql).run([...values])),
    all: (sql, values) => attempt(() => prepared(sql).all([...values]) as Row[]),
    close: () => {
      statements.clear();
      if (database.open) end(database);
    },
  };
}

/**
 * The file stays open until the statements are collected as garbage: until then it must hold no lock, and what was written must
 * not be in the file beside it alone.
 */
function end(database: Libsql.Database): void {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Damaged, or in use by another process: whoever opens it next does the same.
  }
  attempt(() => database.close());
}

function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { message, rawCode } = error as Error & { readonly rawCode?: number };
    throw new DriverError(message, rawCode === undefined ? codeIn(message) : rawCode & 0xff, { cause: error });
  }
}

/** A connection that fails tells its code at the end of the message alone: `…/runs.db: 14")`. */
function codeIn(message: string): number | undefined {
  const [, code] = /: (\d+)"?\)?$/.exec(message) ?? [];
  return code === undefined ? undefined : Number(code) & 0xff;
}
