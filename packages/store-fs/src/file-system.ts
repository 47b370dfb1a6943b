import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/** Facts about a file that the store uses. */
export interface FileStat {
  readonly kind: EntryKind;
  /** Bytes. */
  readonly size: number;
  /** Ms since the Unix epoch, by the file system's clock. */
  readonly modifiedAt: number;
  /** Number of hard links. */
  readonly links: number;
}

export type EntryKind = 'file' | 'folder' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

/**
 * The system calls that the store makes, as an interface so that tests can make them fail. All are synchronous: handing
 * one small call to Node's thread pool costs ten times the call. They throw Node's errors, with `code` set to the errno.
 */
export interface FileSystem {
  /** `r` reads, `wx` creates and fails with EEXIST. Returns the descriptor. */
  open(path: string, flags: 'r' | 'wx'): number;
  close(fd: number): void;
  /** Writes at the end; returns the number of bytes it claims to have taken, which may be fewer than given. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** Returns the number of bytes read, 0 at the end. */
  read(fd: number, into: Uint8Array, offset: number, length: number, position: number): number;
  fsync(fd: number): void;
  statOpen(fd: number): FileStat;
  /** Follows symbolic links; `undefined` when nothing is there. */
  stat(path: string): FileStat | undefined;
  rename(from: string, to: string): void;
  /** Fails with EEXIST when `to` is taken. */
  link(from: string, to: string): void;
  unlink(path: string): void;
  /** One level. */
  mkdir(path: string): void;
  /** Fails unless the folder is empty. */
  rmdir(path: string): void;
  entries(path: string): Entry[];
  /** Overwrites `to`. */
  copy(from: string, to: string): void;
}

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  open: (path, flags) => openSync(path, flags),
  close: (fd) => closeSync(fd),
  write: (fd, bytes, offset, length) => writeSync(fd, bytes, offset, length),
  read: (fd, into, offset, length, position) => readSync(fd, into, offset, length, position),
  fsync: (fd) => fsyncSync(fd),
  statOpen: (fd) => toFileStat(fstatSync(fd)),
  stat(path) {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? undefined : toFileStat(stats);
  },
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  unlink: (path) => unlinkSync(path),
  mkdir: (path) => void mkdirSync(path),
  rmdir: (path) => rmdirSync(path),
  entries: (path) => readdirSync(path, { withFileTypes: true }).map((e) => ({ name: e.name, kind: kindOf(e) })),
  copy: (from, to) => copyFileSync(from, to, constants.COPYFILE_FICLONE),
};

function toFileStat(stats: Stats): FileStat {
  return { kind: kindOf(stats), size: stats.size, modifiedAt: Math.trunc(stats.mtimeMs), links: stats.nlink };
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}
