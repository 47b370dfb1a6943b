import * as fs from 'node:fs';

/**
 * The system calls that copies are made of, so that tests can make them fail. Synchronous: handing one small call to
 * Node's thread pool costs ten times the call.
 */
export type Disk = Pick<
  typeof fs,
  | 'appendFileSync'
  | 'closeSync'
  | 'fstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readSync'
  | 'renameSync'
  | 'statSync'
  | 'truncateSync'
  | 'unlinkSync'
  | 'utimesSync'
  | 'writeFileSync'
  | 'writeSync'
>;

export const nodeDisk: Disk = fs;

/** True when the error has one of these errnos, e.g. `ENOENT`. */
export function isErrno(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && names.includes(String(error.code));
}

/** Fills `into` from a place of an open file. Returns false when the file ends before. */
export function readFully(disk: Disk, fd: number, into: Uint8Array, position: number): boolean {
  for (let filled = 0; filled < into.length; ) {
    const count = disk.readSync(fd, into, filled, into.length - filled, position + filled);
    if (count === 0) return false;
    filled += count;
  }
  return true;
}
