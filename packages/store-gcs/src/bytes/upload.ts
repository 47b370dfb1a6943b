import { randomUUID } from 'node:crypto';
import { type Clock, StoreError } from '@varve/core/contract';
import type { Api } from '../requests/api.ts';
import { type Deed, notGoogle, refusalError, storeError } from '../requests/errors.ts';
import type { HttpAnswer } from '../requests/http.ts';
import { Crc32c } from './crc32c.ts';

/** What the service is told of a new object. */
export interface NewObject {
  /** Name in the bucket. */
  readonly name: string;
  readonly size: number;
  /** Query of the request that creates it. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly resource: object;
}

/** Writes objects whose bytes come in one piece. */
export async function uploadWhole(
  api: Api,
  deed: Deed,
  path: string,
  object: NewObject,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const boundary = `varve-${randomUUID()}`;
  const resource = { ...object.resource, crc32c: new Crc32c().update(bytes).toString() };
  const head = `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(resource)}\r\n`;
  const before = `${head}--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const parts = [Buffer.from(before), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)];
  const answer = await api.json<Stored>(deed, {
    method: 'POST',
    path,
    query: { ...object.query, uploadType: 'multipart', name: object.name, fields: 'kind,size' },
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: bytes.length < SMALL ? [Buffer.concat(parts)] : parts,
    signal,
  });
  requireStored(deed, object, answer);
}

interface Stored {
  readonly kind?: string;
  readonly size?: string;
}

function requireStored(deed: Deed, { size }: NewObject, answer: Stored): void {
  if (answer.kind === 'storage#object' && Number(answer.size) === size) return;
  throw notGoogle(deed, 'the answer is not about the object that was written');
}

/** Bytes up to which a copy is cheaper than two more writes to the socket. */
const SMALL = 64 * 1024;
/** Failures in a row after which an upload is given up. */
const ATTEMPTS = 5;
const FIRST_PAUSE = 200;
const INCOMPLETE = 308;

/**
 * Writes objects whose bytes come in several pieces. A piece whose answer is lost, or that the service fails to take, is
 * sent again from where the service has got to; the object appears with the last one.
 */
export class PieceUpload {
  readonly #crc = new Crc32c();
  #sent = 0;
  #session: URL | undefined;
  #isOver = false;

  constructor(
    private readonly api: Api,
    private readonly deed: Deed,
    private readonly object: NewObject,
    private readonly clock: Clock,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async start(path: string): Promise<void> {
    const answer = await this.api.send(this.deed, {
      method: 'POST',
      path,
      query: { ...this.object.query, uploadType: 'resumable', name: this.object.name, fields: 'kind,size' },
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-upload-content-type': 'application/octet-stream',
        'x-upload-content-length': String(this.object.size),
      },
      body: [Buffer.from(JSON.stringify(this.object.resource))],
      signal: this.signal,
    });
    if (answer.status !== 200) await this.#refuse(answer);
    answer.body.resume();
    const { location } = answer.headers;
    if (location === undefined || !URL.canParse(location)) {
      throw notGoogle(this.deed, 'the service gave no address for the upload');
    }
    this.#session = new URL(location);
  }

  /** Sends the next piece. `last`: it ends the object. */
  async send(piece: Uint8Array, last: boolean): Promise<void> {
    this.#crc.update(piece);
    const end = this.#sent + piece.length;
    let at = this.#sent;
    let isKnown = true;
    for (let failures = 0; at < end || !isKnown; ) {
      try {
        const reached = isKnown ? await this.#put(piece, at, last) : await this.#ask();
        if (reached < this.#sent || reached > end) throw this.#lose();
        if (isKnown && reached <= at) throw storeError(this.deed, 'unavailable', 'the service took none of the bytes');
        if (reached > at) failures = 0;
        at = reached;
        isKnown = true;
      } catch (error) {
        failures += 1;
        isKnown = false;
        await this.#pause(failures, error);
      }
    }
    this.#sent = end;
  }

  /** Tells the service that the rest will not come. Nothing is lost if it does not hear: it forgets after a week. */
  cancel(): void {
    if (this.#session === undefined) return;
    const request = { method: 'DELETE', path: this.#session } as const;
    this.api.send(this.deed, request).then(
      ({ body }) => body.resume(),
      () => undefined,
    );
  }

  /** Sends what of the piece lies behind `from`. Resolves with the bytes that the service has then. */
  async #put(piece: Uint8Array, from: number, last: boolean): Promise<number> {
    const rest = piece.subarray(from - this.#sent);
    const headers = {
      'content-range': `bytes ${from}-${from + rest.length - 1}/${this.object.size}`,
      ...(last && { 'x-goog-hash': `crc32c=${this.#crc}` }),
    };
    return this.#progress(await this.#request(headers, [rest]));
  }

  async #ask(): Promise<number> {
    return this.#progress(await this.#request({ 'content-range': `bytes */${this.object.size}` }, []));
  }

  #request(headers: Readonly<Record<string, string>>, body: readonly Uint8Array[]): Promise<HttpAnswer> {
    const path = this.#session;
    if (path === undefined) throw this.#lose();
    return this.api.send(this.deed, { method: 'PUT', path, headers, body, signal: this.signal });
  }

  async #progress(answer: HttpAnswer): Promise<number> {
    if (answer.status === 200 || answer.status === 201) {
      requireStored(this.deed, this.object, await this.api.parse<Stored>(this.deed, answer, this.signal));
      return this.object.size;
    }
    if (answer.status !== INCOMPLETE) return this.#refuse(answer);
    answer.body.resume();
    const range = /^bytes=0-(\d+)$/.exec(answer.headers.range ?? '');
    return range === null ? 0 : Number(range[1]) + 1;
  }

  async #refuse(answer: HttpAnswer): Promise<never> {
    const refusal = await this.api.refusal(this.deed, answer, this.signal);
    const isBegun = this.#session !== undefined;
    // The bucket is there, since the upload began in it: what is gone is the upload.
    if (isBegun && (answer.status === 404 || answer.status === 410)) throw this.#lose();
    // Of an upload that was refused once, nothing but the same can be heard.
    if (isBegun && answer.status < 408) this.#isOver = true;
    throw refusalError(this.deed, refusal);
  }

  #lose(): StoreError {
    this.#isOver = true;
    return storeError(this.deed, 'unavailable', 'the service has forgotten the upload, which has to begin again');
  }

  async #pause(failures: number, error: unknown): Promise<void> {
    this.signal?.throwIfAborted();
    if (this.#isOver || !StoreError.is(error) || !error.retryable || failures >= ATTEMPTS) throw error;
    await this.clock.sleep(FIRST_PAUSE * 2 ** (failures - 1), this.signal);
  }
}
