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
