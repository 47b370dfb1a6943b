import { randomBytes } from 'node:crypto';
import type { Reply } from '../wire/index.ts';
import { ApiError, badRequest, json, selectFields } from './answers.ts';
import { type Bucket, describe, type Resource, wantedGeneration } from './bucket.ts';

/** Pieces but the last are multiples of this. */
const QUANTUM = 256 * 1024;

interface Session {
  readonly bucket: Bucket;
  readonly name: string;
  readonly resource: Resource;
  readonly query: URLSearchParams;
  pieces: Buffer[];
  /** Bytes of the pieces. */
  length: number;
  /** Set once the object is there. */
  done: object | undefined;
}

/** Bytes with what a client says of them, of a `multipart/related` body: JSON first, then the bytes. */
export function splitMultipart(contentType: string, body: Buffer): { resource: Resource; bytes: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw badRequest('Malformed multipart body.');
  const parts: Buffer[] = [];
  let at = body.indexOf(`--${boundary}`);
  for (;;) {
    const start = body.indexOf('\r\n\r\n', at);
    const end = body.indexOf(`\r\n--${boundary}`, start);
    if (at === -1 || start === -1 || end === -1) break;
    parts.push(body.subarray(start + 4, end));
    at = end + 2;
  }
  const isClosed = at !== -1 && body.subarray(at).toString().trimEnd() === `--${boundary}--`;
  const [resource, bytes] = parts;
  if (!isClosed || parts.length !== 2 || resource === undefined || bytes === undefined) {
    throw badRequest('Malformed multipart body.');
  }
  return { resource: JSON.parse(resource.toString()) as Resource, bytes };
}

/** Uploads in several requests. The address of one is a secret: who knows it needs no token. */
export class Uploads {
  #sessions = new Map<string, Session>();

  /** Uploads under way. */
  get open(): number {
    return [...this.#sessions.values()].filter((session) => session.done === undefined).length;
  }

  /** Forgets all of them, as the service does after a week. */
  forget(): void {
    this.#sessions.clear();
  }

  /** Returns what brings the uploads of this moment back. */
  remember(): () => void {
    const before = new Map([...this.#sessions].map(([id, session]) => [id, { ...session }]));
    return () => (this.#sessions = before);
  }

  start(bucket: Bucket, name: string, resource: Resource, query: URLSearchParams, origin: string): Reply {
    bucket.require(name, wantedGeneration(query));
    const id = randomBytes(16).toString('hex');
    this.#sessions.set(id, { bucket, name, resource, query, pieces: [], length: 0, done: undefined });
    const path = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${encodeURIComponent(name)}&upload_id=${id}`;
    return { status: 200, headers: { location: `${origin}${path}` } };
  }

  cancel(id: string): Reply {
    if (!this.#sessions.delete(id)) throw lost();
    return { status: 499 };
  }

  /** Takes a piece, or tells how much it has. */
  put(id: string, range: string, hash: string | undefined, body: Buffer): Reply {
    const session = this.#sessions.get(id);
    if (session === undefined) throw lost();
    const { from, to, total } = readRange(range, body.length);
    if (session.done !== undefined) return json(session.done);
    if (from !== undefined) take(session, from, to, total, body);
    const { length } = session;
    if (length === total) return finish(session, hash);
    return { status: 308, headers: length === 0 ? {} : { range: `bytes=0-${length - 1}` } };
  }
}

interface Piece {
  /** `undefined`: no piece, but a question. */
  readonly from: number | undefined;
  readonly to: number;
  /** `undefined`: not known yet. */
  readonly total: number | undefined;
}

/** `bytes 0-262143/*`, `bytes 0-99/100`, `bytes 0-*\/*` for all in one go, `bytes *\/100` for a question. */
function readRange(range: string, length: number): Piece {
  const [, from, to, total] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(range) ?? [];
  if (total === undefined) throw badRequest('Failed to parse Content-Range header.');
  const known = total === '*' ? undefined : Number(total);
  if (from === undefined) return { from, to: 0, total: known };
  if (to !== '*') return { from: Number(from), to: Number(to), total: known };
  return { from: Number(from), to: Number(from) + length - 1, total: Number(from) + length };
}

function take(session: Session, from: number, to: number, total: number | undefined, body: Buffer): void {
  if (to - from + 1 !== body.length) throw badRequest('Content-Range does not match the length of the body.');
  if (from > session.length) throw badRequest('Invalid request. There is a gap before these bytes.');
  const isLast = to + 1 === total;
  if (!isLast && body.length % QUANTUM !== 0) {
    throw badRequest('Invalid request. The number of bytes uploaded is not a multiple of 262144.');
  }
  const fresh = body.subarray(session.length - from);
  session.pieces.push(fresh);
  session.length += fresh.length;
}

function finish(session: Session, hash: string | undefined): Reply {
  const { bucket, name, query, resource, pieces } = session;
  const said = /crc32c=([^,]+)/.exec(hash ?? '')?.[1];
  const object = bucket.insert(
    name,
    Buffer.concat(pieces),
    { ...resource, ...(said !== undefined && { crc32c: said }) },
    query,
  );
  session.done = selectFields(describe(bucket.name, object), query.get('fields'));
  session.pieces = [];
  return json(session.done);
}

function lost(): ApiError {
  return new ApiError(404, 'notFound', 'Not Found');
}
