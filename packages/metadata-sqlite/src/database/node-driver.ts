import { type Database, type Driver, DriverError, type Row, type Value } from './driver.ts';

/** What is used of the module `node:sqlite`, which Node 20 and its types do not have. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options: { readonly timeout: number }) => DatabaseSync;
}
interface DatabaseSync {
  readonly isOpen: boolean;
  exec(sql: string): void;
  prepare(sql: string): StatementSync;
  close(): void;
}
interface StatementSync {
  run(...values: readonly Value[]): unknown;
  all(...values: readonly Value[]): unknown[];
}

/** The SQLite of Node; `undefined` before Node 22.13. */
export function nodeDriver(): Driver | undefined {
  const sqlite = withoutWarning(() => process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined);
  return sqlite && { open: (file) => attempt(() => open(new sqlite.DatabaseSync(file, { timeout: 0 }))) };
}

function open(database: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    exec: (sql) => attempt(() => database.exec(sql)),
    run: (sql, values) => void attempt(() => prepared(sql).run(...values)),
    all: (sql, values) => attempt(() => prepared(sql).all(...values) as Row[]),
    close: () => {
      if (database.isOpen) attempt(() => database.close());
    },
  };
}

function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { message, errcode } = error as Error & { readonly errcode?: number };
    throw new DriverError(message, errcode === undefined ? undefined : errcode & 0xff, { cause: error });
  }
}

/** Node says that its SQLite is experimental: nothing that a user of varve could act on, on the terminal of every command. */
function withoutWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
