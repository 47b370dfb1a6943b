import { type Digest, type ModuleImport, VarveError } from '../../contract/index.ts';
import { isDigest } from '../objects/digest.ts';

/**
 * Codec of the list of a run's local source files: UTF-8 JSON `{"version":1,"entry":"flow.ts","emit":{…},"files":[{"path",
 * "digest","size","imports":[["import","./x.ts","x.ts"],…],"text":"…"},…]}`. A file without `text` is a blob of its own, codec
 * `source/1`.
 */
export const CODE_CODEC = 'code/1';

/** One local source file of a run. */
export interface CodeFile {
  /** Relative to the project, with `/`; one beside the project begins with `../`. */
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Kind, specifier as written, and the path in this list to which it led. */
  readonly imports: readonly (readonly [kind: ModuleImport['kind'], specifier: string, path: string])[];
  /** The file itself, where the list holds it. */
  readonly text?: string;
}

/** The local source files that a run has executed. */
export interface CodeManifest {
  /** Path of the flow's file. */
  readonly entry: string;
  /** Compiler options that change the behaviour of the code. */
  readonly emit: Readonly<Record<string, unknown>>;
  readonly files: readonly CodeFile[];
}

const KINDS: readonly unknown[] = ['import', 'dynamic-import', 'require'] satisfies ModuleImport['kind'][];

export function encodeCode({ entry, emit, files }: CodeManifest): Uint8Array {
  return Buffer.from(JSON.stringify({ version: 1, entry, emit, files }), 'utf8');
}

/** Throws `VARVE_BAD_MANIFEST` for bytes that `encodeCode` never wrote. */
export function decodeCode(bytes: Uint8Array): CodeManifest {
  const { version, entry, emit, files } = parse(bytes);
  if (version !== 1 || !Array.isArray(files)) throw badManifest('it is not a list of files');
  if (!isPath(entry) || typeof emit !== 'object' || emit === null) throw badManifest('it names no flow');
  const read = files.map(readFile);
  const paths = new Set(read.map(({ path }) => path));
  const astray = read.flatMap(({ imports }) => imports).find(([, , path]) => !paths.has(path));
  if (astray || !paths.has(entry) || paths.size < read.length) throw badManifest('it is not complete');
  return { entry, emit: emit as CodeManifest['emit'], files: read };
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    throw badManifest(`it is not JSON (${(error as Error).message})`);
  }
}

function readFile(value: unknown): CodeFile {
  const { path, digest, size, imports, text } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!isPath(path)) throw badManifest(`${JSON.stringify(path)} is no path of a source file`);
  if (!isDigest(digest) || typeof size !== 'number' || !Array.isArray(imports))
    throw badManifest(`${path} is not whole`);
  if (text !== undefined && !(typeof text === 'string' && Buffer.byteLength(text) === size))
    throw badManifest(`the text of ${path} is not whole`);
  return {
    ...{ path, digest, size, imports: imports.map((one) => readImport(one, path)) },
    ...(text !== undefined && { text }),
  };
}

function readImport(value: unknown, of: string): CodeFile['imports'][number] {
  const [kind, specifier, path] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!KINDS.includes(kind) || typeof specifier !== 'string' || !isPath(path))
    throw badManifest(`an import of ${of} is not whole`);
  return [kind as ModuleImport['kind'], specifier, path];
}

/** Relative, and upward only at its beginning. */
function isPath(value: unknown): value is string {
  if (typeof value !== 'string' || /[\0\\]|^[A-Za-z]:/.test(value)) return false;
  const below = value.replace(/^(\.\.\/)+/, '').split('/');
  return below.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

function badManifest(why: string): VarveError {
  return new VarveError('VARVE_BAD_MANIFEST', `The code that a run has kept cannot be read: ${why}.`, {
    hint: 'Its list of files was not written by varve, or by another version.',
  });
}
