import { StoreError, type StoreErrorCode, VarveError } from '@varve/core/contract';
import { DriverError } from './driver.ts';

const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** By result code of SQLite. */
const CODES: Readonly<Record<number, StoreErrorCode>> = {
  3: 'permission-denied',
  8: 'permission-denied',
  10: 'unavailable',
  13: 'no-space',
  14: 'permission-denied',
};
const ADVICE: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  'permission-denied':
    'This user must be able to write to the file and to its folder, where SQLite puts two more beside it.',
  'no-space': 'Free space on the disk that holds it. Nothing of the last write was kept, all that was before it is.',
};

/** What a file is for, and what to do when it is damaged. */
export interface Purpose {
  /** Shown in messages: `SQLite in .varve/runs.db`. */
  readonly name: string;
  /** What its user does when it is damaged. */
  readonly mend: string;
}

/** True while another process holds the file, which ends by itself. */
export function isBusy(error: unknown): boolean {
  return error instanceof DriverError && (error.result === BUSY || error.result === LOCKED);
}

/** True for a file that is no database any more. */
export function isDamage(error: unknown): boolean {
  return error instanceof DriverError && (error.result === CORRUPT || error.result === NOT_A_DATABASE);
}

/** The error to show: a `StoreError`, or `VARVE_DATABASE_DAMAGED`. What is no error of SQLite is returned as it is. */
export function shownError(error: unknown, { name, mend }: Purpose): unknown {
  if (!(error instanceof DriverError)) return error;
  if (isDamage(error)) return damaged(name, error.message, mend, error);
  const code = CODES[error.result ?? -1] ?? 'unexpected';
  const advice = ADVICE[code];
  return new StoreError(code, `${name}: ${error.message}${advice === undefined ? '' : `. ${advice}`}`, {
    cause: error,
  });
}

export function damaged(name: string, why: string, hint: string, cause?: unknown): VarveError {
  return new VarveError('VARVE_DATABASE_DAMAGED', `${name} is damaged: ${why}`, { hint, cause });
}

export function stillLocked(name: string, ms: number, cause: unknown): StoreError {
  const message = `${name} has been locked by another process for ${ms / 1000} s`;
  return new StoreError('unavailable', `${message}. End that process, or wait for its end.`, { cause });
}

const FOLDER_CODES: Readonly<Record<string, StoreErrorCode>> = {
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
};

export function noFolder(name: string, error: NodeJS.ErrnoException): StoreError {
  const code = FOLDER_CODES[error.code ?? ''] ?? 'unexpected';
  return new StoreError(code, `${name}: its folder cannot be made: ${error.message}`, { cause: error });
}
