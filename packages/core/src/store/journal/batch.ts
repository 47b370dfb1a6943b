import type { Digest, Location, Reference, RunEvent } from '../../contract/index.ts';
import { isDigest } from '../objects/digest.ts';
import { contentOfEnvelope, corruptJournal, type Envelope, encodeEnvelope, readEnvelope } from '../objects/envelope.ts';
import { asArray, asCount, asFields, asString, ShapeError, type ShapeFields } from '../objects/shape.ts';
import { readEvent, readLocation } from './event-shape.ts';
import { mapEventReferences } from './references.ts';

/**
 * A commit batch: events of the journal and bytes of small artifacts in one object.
 *
 *     varve-batch 1 <sha256 of the header> <bytes of the header>\n
 *     {"run":"01j9…","batch":3,"first":120,"writer":"…","events":[…],"blobs":[["sha256:9f…",0,512],…]}
 *     <bytes of the artifacts, one after the other>
 *
 * `first` is the number of the first event in the run's journal, from 0. Positions of blobs count from the end of the
 * header, so an event can name them before the header's length is known: `"at":{"offset":0,"length":512}`. The header's
 * hash covers the header; each blob is covered by its digest, which the header holds.
 */
export interface BatchContent {
  readonly runId: string;
  /** Consecutive in a run, from 0; also in the key. */
  readonly batch: number;
  /** Number of the first event, from 0. */
  readonly first: number;
  /** Id of the writing process: tells a repeated put from that of another process. */
  readonly writer: string;
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
}

export interface EncodedBatch {
  readonly parts: readonly Uint8Array[];
  /** The place of each blob in the object. */
  readonly locations: ReadonlyMap<Digest, Location>;
}

/** The decoded header of a batch. */
export interface DecodedBatch {
  readonly batch: number;
  readonly first: number;
  /** Number of events, including those of types this version does not know. */
  readonly count: number;
  readonly writer: string;
  /** Their references name the object that holds the bytes. */
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<Digest, Location>;
}

/** Place of a blob after the header, in bytes. */
interface Slot {
  readonly offset: number;
  readonly length: number;
}

/** `locate` gives the places of artifacts in earlier batches. */
export function encodeBatch(
  key: string,
  content: BatchContent,
  locate: (digest: Digest) => Location | undefined,
): EncodedBatch {
  const slots = new Map<Digest, Slot>();
  let offset = 0;
  for (const [digest, bytes] of content.blobs) {
    slots.set(digest, { offset, length: bytes.byteLength });
    offset += bytes.byteLength;
  }
  const place = (reference: Reference) => placeReference(reference, slots, locate);
  const header = encodeEnvelope('batch', {
    run: content.runId,
    batch: content.batch,
    first: content.first,
    writer: content.writer,
    events: content.events.map((event) => mapEventReferences(event, place)),
    blobs: [...slots].map(([digest, slot]) => [digest, slot.offset, slot.length]),
  });
  const locations = new Map<Digest, Location>();
  for (const [digest, slot] of slots) {
    locations.set(digest, { object: key, offset: header.byteLength + slot.offset, length: slot.length });
  }
  return { parts: [header, ...content.blobs.values()], locations };
}

/** In the header, `at` without an object names a place in the batch itself: its type is that of a reference all the same. */
function placeReference(
  reference: Reference,
  slots: ReadonlyMap<Digest, Slot>,
  locate: (digest: Digest) => Location | undefined,
): Reference {
  if (reference.at) return reference;
  const at = slots.get(reference.digest) ?? locate(reference.digest);
  return at ? { ...reference, at: at as Location } : reference;
}

/** Facts about a batch that the reader knows from its key and listing. */
export interface ExpectedBatch {
  readonly key: string;
  readonly runId: string;
  readonly batch: number;
  /** Size of the object in bytes, as the store says. */
  readonly size: number;
}

/**
 * Reads the header of a batch; `bytes` is the object or a beginning that holds the whole header. Nothing is parsed before
 * the header's hash has been checked. Throws `VARVE_CORRUPT_JOURNAL` with the object and the place in it.
 */
export function decodeBatch(bytes: Uint8Array, expected: ExpectedBatch): DecodedBatch {
  const found = readEnvelope('batch', bytes, expected.key);
  const value = contentOfEnvelope(bytes, found, expected.key);
  try {
    return readHeader(asFields(value, ''), found, expected);
  } catch (error) {
    if (error instanceof ShapeError) throw corruptJournal(expected.key, found.start, error.message);
    throw error;
  }
}

function readHeader(fields: ShapeFields, found: Envelope, expected: ExpectedBatch): DecodedBatch {
  expectSame(fields, 'run', expected.runId);
  expectSame(fields, 'batch', expected.batch);
  const blobs = new Map<Digest, Location>();
  let end = found.end;
  for (const [i, entry] of asArray(fields.blobs, '.blobs').entries()) {
    const path = `.blobs[${i}]`;
    const [digest, offset, length] = asArray(entry, path);
    if (!isDigest(digest)) throw new ShapeError(`${path}[0]`, 'a digest');
    const location = { object: expected.key, offset: found.end + asCount(offset, path), length: asCount(length, path) };
    if (location.offset !== end) throw new ShapeError(`${path}[1]`, 'where the blob before it ends');
    end += location.length;
    blobs.set(digest, location);
  }
  if (end !== expected.size) throw new ShapeError('the object', `${end} bytes long, but ${expected.size}`);
  const stored = asArray(fields.events, '.events');
  const resolve = (value: unknown, path: string) => resolveLocation(value, path, expected.key, found.end, end);
  const events = stored
    .map((event, i) => readEvent(event, `.events[${i}]`, resolve))
    .filter((event) => event !== undefined);
  return {
    batch: expected.batch,
    first: asCount(fields.first, '.first'),
    count: stored.length,
    writer: asString(fields.writer, '.writer'),
    events,
    blobs,
  };
}

function expectSame(fields: ShapeFields, name: string, wanted: string | number): void {
  if (fields[name] !== wanted)
    throw new ShapeError(`.${name}`, `${JSON.stringify(wanted)}, but ${JSON.stringify(fields[name])}`);
}

/** A place without an object is in this batch. */
function resolveLocation(value: unknown, path: string, key: string, base: number, end: number): Location {
  const fields = asFields(value, path);
  if (fields.object !== undefined) return readLocation(value, path);
  const offset = base + asCount(fields.offset, `${path}.offset`);
  const length = asCount(fields.length, `${path}.length`);
  if (offset + length > end) throw new ShapeError(path, 'inside the batch');
  return { object: key, offset, length };
}
