import { createHash } from 'node:crypto';
import { type Digest, VarveError } from '../../contract/index.ts';
import { isDigest, parseDigest } from './digest.ts';

/**
 * Every key varve writes to a Datastore, in one place. Keys are lower case, `/` between segments, and no key is the
 * folder of another. `<flow>` and `<id>` are encoded by `encodeName`; numbers have leading zeros, so that keys sort.
 *
 *     cas/sha256/9f/9f86d081…                     bytes of one large artifact, named by their content
 *     cas/sha256/9f/9f86d081….gz                  the same, compressed: see `compressed-form.ts`
 *     records/_penguins/01j9zq…                   the record of a run, written when it starts; listing these lists the runs
 *     runs/_penguins/01j9zq…/batch/00000000       a commit batch: events, index, bytes of small artifacts
 *     runs/_penguins/01j9zq…/bytes/00000000       the bytes alone, when the events are stored elsewhere
 *     runs/_penguins/01j9zq…/summary              the result of the run
 *     runs/_penguins/01j9zq…/live                 its heartbeat: the one object that is written again and again
 *     runs/_penguins/01j9zq…/fence                made once: another process has taken over, or gc has declared the run dead
 *     runs/_penguins/01j9zq…/cancel               made once: asks the run to stop
 *     numbers/_penguins/00000012                  made once: the id of the run Penguins#12
 *     cache/v1/4f1c…/01j9zq…-00000000             a page: results of one step's key from one run
 *     cache/env-key                               made once: the key with which values of variables are hashed
 *     leases/gc/00000000                          made once: the process that collects garbage; deleted when it is done
 *     pins/_penguins/01j9zq…                      made once: keeps the run from being collected
 *     quarantine/cas/sha256/9f/9f86d081…          an object whose bytes did not match its name
 */

/** Version of this layout and of the objects in it. Raised when an older varve could no longer read what is written. */
export const FORMAT_VERSION = 1;

const NUMBER_DIGITS = 8;
const NUMBER_MAX = 10 ** NUMBER_DIGITS - 1;

export const RECORDS = 'records/';
/** Every page of results. */
export const CACHE = 'cache/v1/';
export const LEASES = 'leases/';
/** Start of the keys under which `varve doctor` tries a store; each trial adds twelve hex digits and a slash. */
export const TRIALS = 'doctor-';
export const PINS = 'pins/';
export const RUNS = 'runs/';
export const CAS = 'cas/';
export const QUARANTINE = 'quarantine/';
export const NUMBERS = 'numbers/';
export const ENV_KEY = 'cache/env-key';

/** `sha256:9f86…` -> `cas/sha256/9f/9f86…`. */
export function blobKey(digest: Digest): string {
  const { algorithm, hex } = parseDigest(digest);
  return `${CAS}${algorithm}/${hex.slice(0, 2)}/${hex}`;
}

/** `('Penguins', '01j9zq')` -> `records/_penguins/01j9zq`. */
export function recordKey(flow: string, runId: string): string {
  return `${recordsPrefix(flow)}${encodeName(runId)}`;
}

/** `'Penguins'` -> `records/_penguins/`: one object a run of this flow. */
export function recordsPrefix(flow: string): string {
  return `${RECORDS}${encodeName(flow)}/`;
}

/** `('Penguins', '01j9zq')` -> `runs/_penguins/01j9zq/`: everything a run wrote except its record. */
export function runPrefix(flow: string, runId: string): string {
  return `${RUNS}${encodeName(flow)}/${encodeName(runId)}/`;
}

/** `('Penguins', '01j9zq')` -> `runs/_penguins/01j9zq/batch/`. */
export function batchPrefix(flow: string, runId: string): string {
  return `${runPrefix(flow, runId)}batch/`;
}

/** `('Penguins', '01j9zq', 3)` -> `runs/_penguins/01j9zq/batch/00000003`. */
export function batchKey(flow: string, runId: string, n: number): string {
  return `${batchPrefix(flow, runId)}${padNumber(n)}`;
}

/** `('Penguins', '01j9zq', 3)` -> `runs/_penguins/01j9zq/bytes/00000003`. */
export function bytesKey(flow: string, runId: string, n: number): string {
  return `${runPrefix(flow, runId)}bytes/${padNumber(n)}`;
}

export function liveKey(flow: string, runId: string): string {
  return `${runPrefix(flow, runId)}live`;
}

export function fenceKey(flow: string, runId: string): string {
  return `${runPrefix(flow, runId)}fence`;
}

export function cancelKey(flow: string, runId: string): string {
  return `${runPrefix(flow, runId)}cancel`;
}

export function summaryKey(flow: string, runId: string): string {
  return `${runPrefix(flow, runId)}summary`;
}

/** `('Penguins', 12)` -> `numbers/_penguins/00000012`. */
export function numberKey(flow: string, n: number): string {
  return `${numbersPrefix(flow)}${padNumber(n)}`;
}

export function numbersPrefix(flow: string): string {
  return `${NUMBERS}${encodeName(flow)}/`;
}

/** `'4f1c…'` -> `cache/v1/4f1c…/`: the results of one step's key. */
export function pagesPrefix(key: string): string {
  return `${CACHE}${key}/`;
}

/** `('4f1c…', '01j9zq', 3)` -> `cache/v1/4f1c…/01j9zq-00000003`. */
export function pageKey(key: string, writer: string, n: number): string {
  return `${pagesPrefix(key)}${encodeName(writer)}-${padNumber(n)}`;
}

/** `'gc'` -> `leases/gc/`: one object a generation. */
export function leasesPrefix(name: string): string {
  return `${LEASES}${encodeName(name)}/`;
}

/** `('gc', 3)` -> `leases/gc/00000003`. */
export function leaseKey(name: string, generation: number): string {
  return `${leasesPrefix(name)}${padNumber(generation)}`;
}

/** `('Penguins', '01j9zq')` -> `pins/_penguins/01j9zq`. */
export function pinKey(flow: string, runId: string): string {
  return `${PINS}${encodeName(flow)}/${encodeName(runId)}`;
}

/** `cas/sha256/9f/9f86…` -> `sha256:9f86…`; `undefined` for any other key. */
export function digestOfKey(key: string): Digest | undefined {
  const [, algorithm = '', hex = ''] = /^cas\/([^/]+)\/[0-9a-f]{2}\/([0-9a-f]+)$/.exec(key) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) && blobKey(digest) === key ? digest : undefined;
}

const BLOB = /^cas\/[^/]+\/[0-9a-f]{2}\/[0-9a-f]+$/;
const COMPRESSED = '.gz';

/** True for `cas/sha256/9f/9f86…`: the key of plain bytes that are named by their content. */
export function isBlobKey(key: string): boolean {
  return BLOB.test(key);
}

/** The key under which a blob is kept when it is compressed: `cas/sha256/9f/9f86…` -> `cas/sha256/9f/9f86….gz`. */
export function compressedKey(blob: string): string {
  return `${blob}${COMPRESSED}`;
}

/** The key of the blob that an object holds, compressed or not; `undefined` for an object that holds none. */
export function blobKeyOf(key: string): string | undefined {
  const plain = key.endsWith(COMPRESSED) ? key.slice(0, -COMPRESSED.length) : key;
  return isBlobKey(plain) ? plain : undefined;
}

/** The key to which a damaged object is moved. */
export function quarantineKey(key: string): string {
  return `${QUARANTINE}${key}`;
}

/** The number at the end of a key, as of batches and run numbers; `undefined` for another end. */
export function numberOfKey(key: string): number | undefined {
  const tail = key.slice(key.lastIndexOf('/') + 1);
  return /^\d{8}$/.test(tail) ? Number(tail) : undefined;
}

/** The parts of a record's key, still encoded: the name of a flow that was cut cannot be decoded. */
export interface RecordKeyParts {
  readonly record: string;
  readonly summary: string;
  /** Sorts by creation time. */
  readonly id: string;
}

/** `records/_penguins/01j9zq` -> its summary's key and `01j9zq`; `undefined` for any other key. */
export function partsOfRecordKey(key: string): RecordKeyParts | undefined {
  const [top, flow, id, ...rest] = key.split('/');
  if (`${top}/` !== RECORDS || !flow || !id || rest.length > 0) return undefined;
  return { record: key, summary: `runs/${flow}/${id}/summary`, id };
}

export function padNumber(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n > NUMBER_MAX) {
    throw new VarveError(
      'VARVE_BAD_NUMBER',
      `${n} cannot be part of a key: it must be a whole number from 0 to ${NUMBER_MAX}.`,
      { hint: 'Numbers of runs and batches are such numbers. When you gave none, report this as a fault of varve.' },
    );
  }
  return String(n).padStart(NUMBER_DIGITS, '0');
}

/** Longest encoded name that is kept whole, in bytes. */
const WHOLE_MAX = 100;
/** Of a longer name: this many encoded bytes, then `..`, then 32 hex digits of the sha256 of the whole encoding. */
const KEPT = 60;
/** Windows opens a device instead of a file when a name starts with one of these. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/**
 * A name from a user as one segment of a key: `[a-z0-9._-]+`, different for different names, never `.` or `..`.
 *
 * `a-z`, `0-9` and `-` stay, `A` becomes `_a`, and every other byte of the UTF-8 form becomes `.` and two hex digits:
 * `Penguins` is `_penguins`, `my flow` is `my.20flow`, `..` is `.2e.2e`, `naïve` is `na.c3.afve`. Names whose encoding
 * is longer than 100 bytes are cut and end in a hash, so they can be found but not decoded.
 *
 * Throws `VARVE_BAD_NAME` for an empty name and for one that is not well-formed Unicode.
 */
export function encodeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length === 0) throw badName(name, 'it is empty');
  if (bytes.toString('utf8') !== name) throw badName(name, 'it holds half of a surrogate pair');
  let encoded = '';
  for (const byte of bytes) encoded += encodeByte(byte);
  if (DEVICE.test(encoded)) encoded = `.${hexByte(encoded.charCodeAt(0))}${encoded.slice(1)}`;
  if (encoded.length <= WHOLE_MAX) return encoded;
  const hash = createHash('sha256').update(encoded).digest('hex');
  return `${encoded.slice(0, KEPT)}..${hash.slice(0, 32)}`;
}

function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (/[a-z0-9-]/.test(char)) return char;
  if (/[A-Z]/.test(char)) return `_${char.toLowerCase()}`;
  return `.${hexByte(byte)}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function badName(name: string, why: string): VarveError {
  return new VarveError('VARVE_BAD_NAME', `${JSON.stringify(name)} cannot be a name: ${why}.`, {
    hint: 'Choose a name of at least one ordinary character.',
  });
}

/** True for an object of a trial of `varve doctor`. */
export function isTrialKey(key: string): boolean {
  return /^doctor-[0-9a-f]{12}\/\w+$/.test(key);
}
