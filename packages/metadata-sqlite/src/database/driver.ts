import { VarveError } from '@varve/core/contract';

/** A value in a row, or bound to a statement. */
export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** One connection to a database file. Every call is synchronous and throws a `DriverError`. */
export interface Database {
  exec(sql: string): void;
  run(sql: string, values: readonly Value[]): void;
  all(sql: string, values: readonly Value[]): Row[];
  /** Calling it again is no error. */
  close(): void;
}

/** A build of SQLite. */
export interface Driver {
  /** Opens a file, and creates it when it is missing. Waits for no lock. */
  open(file: string): Database;
}

/** An error of SQLite, whichever build threw it. */
export class DriverError extends Error {
  constructor(
    message: string,
    /** The primary result code of SQLite, e.g. 5 for SQLITE_BUSY; `undefined` when it is not known. */
    readonly result: number | undefined,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The SQLite of Node, or else that of the package libsql. Throws `VARVE_NO_SQLITE` when there is neither. */
export async function loadDriver(): Promise<Driver> {
  const { nodeDriver } = await import('./node-driver.ts');
  const { libsqlDriver } = await import('./libsql-driver.ts');
  const driver = nodeDriver() ?? (await libsqlDriver());
  if (driver) return driver;
  throw new VarveError(
    'VARVE_NO_SQLITE',
    `there is no SQLite: Node ${process.versions.node} has none, and the package libsql is not installed`,
    { hint: 'Use Node 22.13 or newer, or install it in the project: npm install libsql' },
  );
}
