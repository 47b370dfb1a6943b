import { type Digest, VarveError } from '../../contract/index.ts';
import { isDigest } from '../objects/digest.ts';

/** Codec of a stored file: its bytes as they are. */
export const FILE_CODEC = 'file/1';
/**
 * Codec of a stored folder: UTF-8 JSON `{"version":1,"files":[["a/b.txt",12,"sha256:…",0],…]}`, path, bytes, digest,
 * 1 for an executable, sorted by path. The files are blobs of their own.
 */
export const DIR_CODEC = 'dir/1';

/** One file of a folder. */
export interface DirEntry {
  /** Relative, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
  readonly executable: boolean;
}

/** The same files give the same bytes, in any order. Throws `VARVE_BAD_PATH`. */
export function encodeManifest(entries: readonly DirEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const { path } of sorted) {
    const wrong = wrongPath(path);
    if (wrong) {
      throw new VarveError('VARVE_BAD_PATH', `the file ${JSON.stringify(path)} cannot be stored: ${wrong}.`, {
        hint: 'Rename it, or leave it out of the folder: a stored folder can be read on every system.',
      });
    }
  }
  const files = sorted.map(({ path, size, digest, executable }) => [path, size, digest, executable ? 1 : 0]);
  return new Uint8Array(Buffer.from(JSON.stringify({ version: 1, files }), 'utf8'));
}

/**
 * Decodes a manifest. Its paths can be joined to a folder: none leads out of it, none is the folder of another.
 * Throws `VARVE_BAD_MANIFEST` for bytes that `encodeManifest` never wrote.
 */
export function decodeManifest(bytes: Uint8Array): readonly DirEntry[] {
  const { version, files } = parse(bytes);
  if (version !== 1 || !Array.isArray(files)) throw badManifest('it is not a list of files');
  const entries = files.map(readEntry);
  const seen = new Set<string>();
  let before: string | undefined;
  for (const { path } of entries) {
    if (before !== undefined && !(before < path)) throw badManifest(`${JSON.stringify(path)} is out of order`);
    for (const folder of foldersOf(path)) {
      if (seen.has(folder)) throw badManifest(`${JSON.stringify(folder)} is a file and a folder`);
    }
    seen.add(path);
    before = path;
  }
  return entries;
}

function parse(bytes: Uint8Array): { readonly version?: unknown; readonly files?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    throw badManifest(`it is not JSON (${(error as Error).message})`);
  }
}

function readEntry(value: unknown): DirEntry {
  const [path, size, digest, executable] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof path !== 'string') throw badManifest('a path is not a text');
  const wrong = wrongPath(path);
  if (wrong) throw badManifest(`${JSON.stringify(path)}: ${wrong}`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw badManifest(`${path} has no size`);
  if (!isDigest(digest)) throw badManifest(`${path} has no digest`);
  if (executable !== 0 && executable !== 1) throw badManifest(`${path} has no mode`);
  return { path, size, digest, executable: executable === 1 };
}

/** Reason why a path cannot be used on every system; `undefined` for a good path. */
function wrongPath(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (/[\0\\]/.test(path)) return 'it holds a backslash or a zero character';
  if (/^[A-Za-z]:/.test(path)) return 'it names a drive';
  if (Buffer.from(path, 'utf8').toString('utf8') !== path) return 'it is not well-formed Unicode';
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'it has a segment that is empty, . or ..';
  }
  return undefined;
}

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
}

function badManifest(why: string): VarveError {
  return new VarveError('VARVE_BAD_MANIFEST', `A stored folder cannot be read: ${why}.`, {
    hint: 'Its list of files was not written by varve, or by a newer one. Run the task that made it again.',
  });
}
