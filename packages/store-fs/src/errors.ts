import { StoreError, type StoreErrorCode } from '@varve/core/contract';

/** Store error by errno; any other errno is `unexpected`. */
const CODES: Readonly<Record<string, StoreErrorCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EFBIG: 'too-large',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  ENAMETOOLONG: 'unsupported',
  ENOTDIR: 'unsupported',
  EISDIR: 'unsupported',
  EAGAIN: 'unavailable',
  EBUSY: 'unavailable',
  EINTR: 'unavailable',
  EMFILE: 'unavailable',
  ENFILE: 'unavailable',
  ENOMEM: 'unavailable',
  ESTALE: 'unavailable',
  ETIMEDOUT: 'unavailable',
  // A put that met EIO starts over with a new file, so repeating it cannot publish pages the kernel has dropped.
  EIO: 'unavailable',
};

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space, or set another root.',
  EDQUOT: 'Free some of your quota, or set another root.',
  EACCES: 'Check who owns the folder.',
  EPERM: 'Check who owns the folder.',
  EROFS: 'The file system is mounted read-only: set another root.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n).',
  ENAMETOOLONG: 'The root is too deep for this file system: set a shorter one.',
  ENOTDIR: 'A part of the path is a file: no key may be the folder of another.',
  EISDIR: 'That path is a folder: no key may be the folder of another.',
};

/** Returns the name of the errno, e.g. `ENOENT`; `undefined` for an error that is not from the system. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}

/** True when the error has one of these errnos, e.g. `ENOENT`. */
export function isErrno(error: unknown, ...names: readonly string[]): boolean {
  const errno = errnoOf(error);
  return errno !== undefined && names.includes(errno);
}

/** Turns an error of the system into a `StoreError` that names the store and the key and quotes the system. */
export function toStoreError(store: string, verb: string, key: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (StoreError.is(error) || errno === undefined || !(error instanceof Error)) return error;
  const hint = HINTS[errno];
  const message = `Cannot ${verb} "${key}" in ${store}: ${error.message}.${hint === undefined ? '' : ` ${hint}`}`;
  return new StoreError(CODES[errno] ?? 'unexpected', message, { key, cause: error });
}
