import { VarveError } from '../../contract/index.ts';
import { sha256Hasher } from './digest.ts';
import { FORMAT_VERSION } from './keys.ts';
import { ShapeError } from './shape.ts';

/**
 * The format of every small object of a run: one line of ASCII, then JSON.
 *
 *     varve-summary 1 <sha256 of the JSON, 64 hex digits> <bytes of the JSON>\n{"status":"succeeded",…}
 *
 * The hash is checked before anything is parsed. Bytes after the JSON, if the kind allows them, are not covered.
 */
export type EnvelopeKind =
  | 'batch'
  | 'record'
  | 'summary'
  | 'number'
  | 'live'
  | 'fence'
  | 'cancel'
  | 'page'
  | 'secret'
  | 'lease'
  | 'pin';

/** Longest first line, in bytes. */
export const LINE_MAX = 128;
const LINE = /^varve-([a-z]+) ([1-9]\d{0,8}) ([0-9a-f]{64}) ([1-9]\d{0,9})\n/;

/** The content of the first line. */
export interface Envelope {
  readonly hash: string;
  /** Start of the JSON, in bytes. */
  readonly start: number;
  /** End of the JSON, in bytes. */
  readonly end: number;
}

export function encodeEnvelope(kind: EnvelopeKind, value: object): Uint8Array {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  const line = `varve-${kind} ${FORMAT_VERSION} ${sha256Hasher.hash([json])} ${json.byteLength}\n`;
  return Buffer.concat([Buffer.from(line, 'latin1'), json]);
}

/** Reads the first line. `bytes` may be only the beginning of the object. Throws `VARVE_CORRUPT_JOURNAL`. */
export function readEnvelope(kind: EnvelopeKind, bytes: Uint8Array, key: string): Envelope {
  const line = LINE.exec(Buffer.from(bytes.subarray(0, LINE_MAX)).toString('latin1'));
  const [whole = '', found, version, hash = '', length] = line ?? [];
  if (found !== kind) throw corruptJournal(key, 0, `its first line is not that of a ${kind}`);
  if (Number(version) !== FORMAT_VERSION) throw otherVersion(key, version ?? '');
  return { hash, start: whole.length, end: whole.length + Number(length) };
}

/** Checks the hash, then parses the JSON. `bytes` must reach to `found.end`. */
export function contentOfEnvelope(bytes: Uint8Array, found: Envelope, key: string): unknown {
  const json = bytes.subarray(found.start, found.end);
  if (json.byteLength !== found.end - found.start) {
    throw corruptJournal(key, bytes.byteLength, `it ends after ${bytes.byteLength} bytes instead of ${found.end}`);
  }
  const hash = sha256Hasher.hash([json]);
  if (hash !== found.hash) {
    throw corruptJournal(
      key,
      found.start,
      `its bytes are not what was written\n  wanted  sha256:${found.hash}\n  found   sha256:${hash}`,
    );
  }
  return JSON.parse(Buffer.from(json).toString('utf8'));
}

/** Decodes an object that has nothing after its JSON. Throws `VARVE_CORRUPT_JOURNAL`. */
export function decodeEnvelope(kind: EnvelopeKind, bytes: Uint8Array, key: string): unknown {
  const found = readEnvelope(kind, bytes, key);
  if (bytes.byteLength > found.end) throw corruptJournal(key, found.end, 'something follows its end');
  return contentOfEnvelope(bytes, found, key);
}

/** `offset` in bytes from the start of the object. */
export function corruptJournal(key: string, offset: number, why: string): VarveError {
  return new VarveError('VARVE_CORRUPT_JOURNAL', `${key} is damaged at byte ${offset}: ${why}.`, {
    hint: 'Nothing of it was used. Put the object back from a backup, or run the flow again: what is cached is not lost.',
  });
}

function otherVersion(key: string, version: string): VarveError {
  return new VarveError(
    'VARVE_FORMAT_VERSION',
    `${key} has format ${version}; this varve reads format ${FORMAT_VERSION}.`,
    {
      hint: 'Another version of varve wrote it. Use that version, or a later one.',
    },
  );
}

/** Runs a check of a stored value; a `ShapeError` becomes `VARVE_CORRUPT_JOURNAL` with the object's key. */
export function readStored<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ShapeError) throw corruptJournal(key, 0, error.message);
    throw error;
  }
}
