import fs, { type BigIntStats, type Stats } from 'node:fs';
import promises from 'node:fs/promises';

/**
 * The functions of Node as they were before any of them was wrapped. Imports by name would follow the wrapping, and what
 * varve looks at itself must not be noted. The clock is `wallNow` of core.
 */
export const {
  accessSync,
  close,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  open,
  openSync,
  read,
  readdir,
  readdirSync,
  readFileSync,
  readlink,
  readlinkSync,
  readSync,
  realpath,
  realpathSync,
  renameSync,
  stat,
  statSync,
  utimesSync,
  writeFileSync,
} = fs;

/** The module objects whose properties are replaced. */
export const modules = { fs, promises } as unknown as {
  readonly fs: Record<string, unknown>;
  readonly promises: Record<string, unknown>;
};

/** `undefined` for what cannot be looked at. */
export function statNow(path: string | URL): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** The same of a link itself. */
export function lstatNow(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
