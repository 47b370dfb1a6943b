import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import { type Body, VarveError } from '../../../contract/index.ts';
import { bodyOf, joinBytes, readPieces } from '../body.ts';
import { removeStale } from '../stale-files.ts';

/**
 * The form of an artifact that is kept compressed: one line of ASCII, then gzip, which every supported Node reads.
 *
 *     varve-blob 1 gzip <bytes when unpacked> <bytes after this line>\n…
 *
 * The line is not to be trusted: whoever unpacks checks the digest of what comes out, and bounds how much may.
 */
const VERSION = 1;
const LINE = /^varve-blob ([1-9]\d{0,8}) ([a-z0-9]+) (\d{1,15}) (\d{1,15})\n/;
/** Longest first line, in bytes. */
const LINE_MAX = 80;
/** The fastest level: the higher ones take two to five times as long and save a tenth more. */
const LEVEL = 1;
/** Bytes of the beginning that are compressed to see whether it pays. */
const SAMPLE = 64 * 1024;
/** It pays when at most this share is left. */
const SHARE = 0.8;
/** Bytes. What is larger is compressed into a file. */
const HELD_MAX = 8 * 1024 * 1024;
/** Bytes that are unpacked at once. */
const CHUNK = 256 * 1024;

/** The content of the first line. */
export interface CompressedHead {
  /** Bytes of the line. */
  readonly start: number;
  /** Bytes when unpacked. */
  readonly size: number;
  /** Bytes of the whole object. */
  readonly stored: number;
}

/** A compressed body, and what it leaves on the disk until it is disposed of. */
export interface Compressed {
  readonly body: Body;
  dispose(): void;
}

/**
 * Compresses a body; `undefined` where that does not pay. Bodies over 8 MiB go through a file in `folder`: neither they nor
 * what becomes of them is in memory as a whole. Rejects with what the body fails with.
 */
export async function compress(body: Body, folder: string): Promise<Compressed | undefined> {
  if (!(await looksWorthwhile(body))) return undefined;
  const done = body.size <= HELD_MAX ? await compressHeld(body) : await compressIntoFile(body, folder);
  if (done && done.body.size <= SHARE * body.size) return done;
  done?.dispose();
  return undefined;
}

async function looksWorthwhile(body: Body): Promise<boolean> {
  const sample = body.bytes?.subarray(0, SAMPLE) ?? (await beginningOf(body));
  return gzipSync(sample, { level: LEVEL }).byteLength <= SHARE * sample.byteLength;
}

async function beginningOf(body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body.open()) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= SAMPLE) break;
  }
  return joinBytes(chunks).subarray(0, SAMPLE);
}

async function compressHeld(body: Body): Promise<Compressed> {
  const chunks: Uint8Array[] = [];
  await pipeline(Readable.from(body.open()), createGzip({ level: LEVEL, chunkSize: CHUNK }), async (stream) => {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  });
  const packed = joinBytes(chunks);
  return { body: bodyOf([joinBytes([headOf(body.size, packed.byteLength), packed])]), dispose: () => {} };
}

/** `undefined` when the disk is full: then the artifact is stored as it is. */
async function compressIntoFile(body: Body, folder: string): Promise<Compressed | undefined> {
  const file = join(folder, `${process.pid}-${randomUUID()}.gz`);
  const dispose = () => rmSync(file, { force: true });
  try {
    mkdirSync(folder, { recursive: true });
    // What a killed process left: each file was as large as an artifact.
    removeStale(folder);
    const gzip = createGzip({ level: LEVEL, chunkSize: CHUNK });
    await pipeline(Readable.from(body.open()), gzip, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    dispose();
    if (isDiskFault(error)) return undefined;
    throw error;
  }
  const { size } = statSync(file);
  const head = headOf(body.size, size);
  const open = async function* () {
    yield head;
    yield* readPieces(file);
  };
  return { body: { size: head.byteLength + size, open }, dispose };
}

function isDiskFault(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function headOf(size: number, after: number): Uint8Array {
  return Buffer.from(`varve-blob ${VERSION} gzip ${size} ${after}\n`, 'latin1');
}

/** `undefined` for bytes that no `compress` has written. Throws `VARVE_FORMAT_VERSION` for a form of a later varve. */
export function readHead(bytes: Uint8Array, key: string): CompressedHead | undefined {
  const line = LINE.exec(Buffer.from(bytes.subarray(0, LINE_MAX)).toString('latin1'));
  const [whole = '', version, form, size, after] = line ?? [];
  if (!line) return undefined;
  if (Number(version) !== VERSION || form !== 'gzip') throw otherForm(key, `${version} ${form}`);
  return { start: whole.length, size: Number(size), stored: whole.length + Number(after) };
}

/**
 * Unpacks what comes after the first line, up to `most` bytes and one more chunk. It ends early where the bytes are no gzip:
 * what came out by then is not what the key names, as the digest tells.
 */
export async function* unpack(packed: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  // Its fault also ends the loop below.
  const fed = pipeline(Readable.from(packed), gunzip).catch(() => {});
  try {
    let size = 0;
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      yield chunk;
      if (size > most) return;
    }
  } catch (error) {
    if (!isBadGzip(error)) throw error;
  } finally {
    gunzip.destroy();
    await fed;
  }
}

/** The whole object at once, unpacked; nothing where it is damaged or unpacks to more than `most` bytes. */
export function unpackSync(object: Uint8Array, most: number, key: string): Uint8Array {
  const head = readHead(object, key);
  if (!head || head.size > most) return new Uint8Array(0);
  try {
    return gunzipSync(object.subarray(head.start), { maxOutputLength: Math.max(1, head.size) });
  } catch (error) {
    if (isBadGzip(error) || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return new Uint8Array(0);
    throw error;
  }
}

function isBadGzip(error: unknown): boolean {
  const { errno } = error as { readonly errno?: unknown };
  return errno === zlib.Z_DATA_ERROR || errno === zlib.Z_BUF_ERROR || errno === zlib.Z_NEED_DICT;
}

function otherForm(key: string, form: string): VarveError {
  return new VarveError('VARVE_FORMAT_VERSION', `${key} has form ${form}; this varve reads form ${VERSION} gzip.`, {
    hint: 'Another version of varve wrote it. Use that version, or a later one.',
  });
}
