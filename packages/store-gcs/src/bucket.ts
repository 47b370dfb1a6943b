import type { Body, CallOptions, Clock, GetOptions, ObjectInfo, StoreError, StoreFinding } from '@varve/core/contract';
import { checkRange, MARK } from '@varve/core/store-kit';
import { nothing, ObjectReader } from './bytes/object-reader.ts';
import { piecesOf } from './bytes/read-body.ts';
import { type NewObject, PieceUpload, uploadWhole } from './bytes/upload.ts';
import { type BucketResource, INSPECTED, judgeBucket, unseenBucket } from './inspect.ts';
import type { GcsStoreOptions } from './options.ts';
import type { Api } from './requests/api.ts';
import { type Deed, notFound, notGoogle, refusalError } from './requests/errors.ts';
import type { HttpAnswer } from './requests/http.ts';

/** Bytes of one request of an upload, and of the largest object that needs only one. A multiple of 256 KiB. */
export const PIECE = 8 * 1024 * 1024;
/** The most that the service gives in one page. */
const PAGE = 1000;
const NO_CONTENT = 204;
const NO_OBJECT = /^No such object/;

/** An object as the service describes it: numbers are text. */
interface Resource extends Kinded {
  readonly name: string;
  readonly size: string;
  readonly timeCreated: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Kinded {
  readonly kind?: string;
}

interface Rewrite extends Kinded {
  readonly done: boolean;
  readonly rewriteToken?: string;
}

interface Page extends Kinded {
  readonly items?: readonly Resource[];
  readonly nextPageToken?: string;
}

/** The part of the JSON API that varve needs, on the objects of one bucket, by their keys. */
export class Bucket {
  readonly #objects: string;
  readonly #folder: string;
  readonly #reader: ObjectReader;

  constructor(
    private readonly api: Api,
    private readonly options: GcsStoreOptions,
    idleMs: number,
    private readonly clock: Clock,
  ) {
    this.#objects = `/storage/v1/b/${encodeURIComponent(options.bucket)}/o`;
    this.#folder = options.prefix === undefined ? '' : `${options.prefix}/`;
    this.#reader = new ObjectReader(api, idleMs, (deed, answer, signal) => this.#refused(deed, answer, signal));
  }

  /** Writes a body; with `ifAbsent` rejects with `already-exists` when the key is taken. */
  async insert(deed: Deed, body: Body, mark: string, ifAbsent: boolean, signal?: AbortSignal): Promise<void> {
    const object: NewObject = {
      name: this.#nameOf(deed.key),
      size: body.size,
      query: { kmsKeyName: this.options.kmsKeyName, ...(ifAbsent && { ifGenerationMatch: '0' }) },
      resource: this.#resource(ifAbsent ? { [MARK]: mark } : undefined),
    };
    const path = `/upload${this.#objects}`;
    const pieces = piecesOf(deed.key, body, PIECE, signal);
    if (body.size > PIECE) return this.#insertPieces(deed, object, path, pieces, signal);
    const { value } = await pieces.next();
    if (value !== undefined) await uploadWhole(this.api, deed, path, object, value, signal);
  }

  async #insertPieces(
    deed: Deed,
    object: NewObject,
    path: string,
    pieces: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const upload = new PieceUpload(this.api, deed, object, this.clock, signal);
    await upload.start(path);
    try {
      let sent = 0;
      for await (const piece of pieces) {
        sent += piece.length;
        await upload.send(piece, sent === object.size);
      }
    } catch (error) {
      upload.cancel();
      throw error;
    }
  }

  async read(deed: Deed, options: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    if (range !== undefined) checkRange(deed.key, range);
    // HTTP has no empty range, but the object has to be there all the same.
    if (range !== undefined && range.start === range.end) return this.#nothingOf(deed, signal);
    return this.#reader.read(deed, this.#path(deed.key), options);
  }

  async stat(deed: Deed, { signal }: CallOptions): Promise<ObjectInfo | undefined> {
    const found = await this.#describe(deed, 'size,timeCreated', signal);
    return found && { key: deed.key, size: Number(found.size), modifiedAt: Date.parse(found.timeCreated) };
  }

  /** The mark of the put that wrote an object; `undefined` when there is no object. */
  async markOf(deed: Deed, signal?: AbortSignal): Promise<string | undefined> {
    const found = await this.#describe(deed, 'metadata', signal);
    return found && (found.metadata?.[MARK] ?? '');
  }

  /** Objects whose key starts with `prefix`; what is no key is not this store's. */
  async *list(deed: Deed, isKey: (text: string) => boolean, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    const prefix = this.#nameOf(deed.key);
    for (let pageToken: string | undefined, first = true; first || pageToken !== undefined; first = false) {
      const page: Page = await this.#page(deed, { prefix, pageToken, maxResults: String(PAGE) }, signal);
      for (const { name, size, timeCreated } of page.items ?? []) {
        const key = name.slice(this.#folder.length);
        if (!isKey(key)) continue;
        signal?.throwIfAborted();
        yield { key, size: Number(size), modifiedAt: Date.parse(timeCreated) };
      }
      pageToken = page.nextPageToken;
    }
    signal?.throwIfAborted();
  }

  async delete(deed: Deed, { signal }: CallOptions): Promise<void> {
    const answer = await this.api.send(deed, { method: 'DELETE', path: this.#path(deed.key), signal });
    const isDone = answer.status === NO_CONTENT;
    if (answer.status < 300) answer.body.resume();
    if (answer.status < 300 && !isDone) throw notGoogle(deed, `the answer to a delete is ${answer.status}`);
    if (!isDone) await this.#unlessNoObject(deed, answer, signal);
  }

  /** Looks at the settings of the bucket itself, which takes a right of its own. */
  async inspect(deed: Deed, { signal }: CallOptions): Promise<readonly StoreFinding[]> {
    const { bucket } = this.options;
    const path = `/storage/v1/b/${encodeURIComponent(bucket)}`;
    const answer = await this.api.send(deed, { method: 'GET', path, query: { fields: `kind,${INSPECTED}` }, signal });
    if (answer.status < 300) {
      const found = await this.api.parse<BucketResource & Kinded>(deed, answer, signal);
      return judgeBucket(bucket, this.#folder, ofKind('storage#bucket', deed, found));
    }
    const refusal = await this.api.refusal(deed, answer, signal);
    const error = refusalError(deed, refusal);
    const isDenied = refusal.status === 403 && error.code === 'permission-denied';
    if (isDenied || refusal.status === 405 || refusal.status === 501) return unseenBucket(bucket, isDenied);
    throw error;
  }

  /** Large objects, and those that change their place or class, take several requests. */
  async copy(deed: Deed, to: string, { signal }: CallOptions): Promise<void> {
    const path = `${this.#path(deed.key)}/rewriteTo/b/${encodeURIComponent(this.options.bucket)}/o/${this.#encoded(to)}`;
    const body = [Buffer.from(JSON.stringify(this.#resource(undefined)))];
    const headers = { 'content-type': 'application/json; charset=UTF-8' };
    for (let rewriteToken: string | undefined, done = false; !done; ) {
      const query = { rewriteToken, destinationKmsKeyName: this.options.kmsKeyName, fields: 'kind,done,rewriteToken' };
      const answer = await this.api.send(deed, { method: 'POST', path, query, headers, body, signal });
      if (answer.status >= 300) throw await this.#refused(deed, answer, signal);
      ({ done, rewriteToken } = ofKind(
        'storage#rewriteResponse',
        deed,
        await this.api.parse<Rewrite>(deed, answer, signal),
      ));
      if (!done && rewriteToken === undefined) throw notGoogle(deed, 'the answer has no token to continue the copy');
    }
  }

  #resource(metadata: Readonly<Record<string, string>> | undefined): object {
    const { storageClass } = this.options;
    return {
      contentType: 'application/octet-stream',
      // A public bucket is cached for an hour by default, and a reader has to see what replaced an object.
      cacheControl: 'no-store',
      ...(storageClass !== undefined && { storageClass }),
      ...(metadata !== undefined && { metadata }),
    };
  }

  async #page(deed: Deed, query: Readonly<Record<string, string | undefined>>, signal?: AbortSignal): Promise<Page> {
    const fields = 'kind,nextPageToken,items(name,size,timeCreated)';
    const request = { method: 'GET', path: this.#objects, query: { ...query, fields }, signal } as const;
    return ofKind('storage#objects', deed, await this.api.json<Page>(deed, request));
  }

  async #describe(deed: Deed, fields: string, signal?: AbortSignal): Promise<Resource | undefined> {
    const query = { fields: `kind,${fields}` };
    const answer = await this.api.send(deed, { method: 'GET', path: this.#path(deed.key), query, signal });
    if (answer.status < 300) {
      return ofKind('storage#object', deed, await this.api.parse<Resource>(deed, answer, signal));
    }
    await this.#unlessNoObject(deed, answer, signal);
    return undefined;
  }

  async #nothingOf(deed: Deed, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    if ((await this.#describe(deed, 'size', signal)) === undefined) throw notFound(deed.store, deed.key);
    return nothing();
  }

  async #unlessNoObject(deed: Deed, answer: HttpAnswer, signal?: AbortSignal): Promise<void> {
    const error = await this.#refused(deed, answer, signal);
    if (error.code !== 'not-found') throw error;
  }

  /** The error for an answer about one object. Both an object and a bucket that are not there give 404. */
  async #refused(deed: Deed, answer: HttpAnswer, signal?: AbortSignal): Promise<StoreError> {
    const refusal = await this.api.refusal(deed, answer, signal);
    if (refusal.status !== 404) return refusalError(deed, refusal);
    // In other words than usual: a bucket that lists is there.
    if (!NO_OBJECT.test(refusal.message)) await this.#page(deed, { maxResults: '1' }, signal);
    return notFound(deed.store, deed.key);
  }

  #path(key: string): string {
    return `${this.#objects}/${this.#encoded(key)}`;
  }

  #encoded(key: string): string {
    return encodeURIComponent(this.#nameOf(key));
  }

  #nameOf(key: string): string {
    return `${this.#folder}${key}`;
  }
}

/** What else answers JSON does not say what it is: an empty object would be a list of nothing. */
function ofKind<T extends Kinded>(kind: string, deed: Deed, answer: T): T {
  if (answer.kind === kind) return answer;
  throw notGoogle(deed, `the answer is no ${kind}`);
}
