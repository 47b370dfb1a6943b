import {
  type Body,
  type CallOptions,
  type Clock,
  type Datastore,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  StoreError,
  type StoreFinding,
} from '@varve/core/contract';
import { newMark, OwnWrites } from '@varve/core/store-kit';
import { Bucket } from './bucket.ts';
import { BodyFailure } from './bytes/read-body.ts';
import { canStartKey, refuseKey } from './keys.ts';
import type { GcsStoreOptions } from './options.ts';
import { Api } from './requests/api.ts';
import { type Connection, SdkConnection } from './requests/connection.ts';
import { type Deed, storeError } from './requests/errors.ts';
import { HttpClient, type Patience, patienceOf } from './requests/http.ts';
import { secretsOf } from './requests/redact.ts';

/** The largest object that the service takes: 5 TiB. */
const MAX_OBJECT = 5 * 1024 ** 4;

export interface GcsDatastoreOptions extends GcsStoreOptions {
  readonly clock: Clock;
  readonly patience?: Patience;
  readonly connection?: Connection;
}

/** Keeps each object under its key in a bucket of Google Cloud Storage. Makes no request before the first call. */
export class GcsDatastore implements Datastore {
  readonly name: string;
  readonly compress: boolean;
  readonly capabilities = { conditionalPut: true, rangeRead: true, maxObjectBytes: MAX_OBJECT };
  readonly #http: HttpClient;
  readonly #bucket: Bucket;
  readonly #own = new OwnWrites();
  readonly #secrets: readonly string[];

  constructor(options: GcsDatastoreOptions) {
    const { bucket, prefix, compress = true, patience = patienceOf(options.idleTimeoutMs) } = options;
    this.name = `gs://${bucket}${prefix === undefined ? '' : `/${prefix}`}`;
    this.compress = compress;
    this.#secrets = secretsOf(options.credentials);
    this.#http = new HttpClient(patience);
    const connection = options.connection ?? new SdkConnection(options, patience.answerMs);
    const api = new Api(connection, this.#http, options.userProject);
    this.#bucket = new Bucket(api, options, patience.idleMs, options.clock);
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    const deed = this.#deed('write', key);
    options.signal?.throwIfAborted();
    if (body.size > MAX_OBJECT)
      throw storeError(deed, 'too-large', `it has ${body.size} bytes, objects have ${MAX_OBJECT}`);
    try {
      if (options.ifAbsent === true) await this.#create(deed, body, options.signal);
      else await this.#bucket.insert(deed, body, '', false, options.signal);
    } catch (error) {
      throw error instanceof BodyFailure ? error.cause : error;
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    return this.#bucket.read(this.#deed('read', key), options);
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#bucket.stat(this.#deed('look up', key), options);
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    options.signal?.throwIfAborted();
    if (!canStartKey(prefix)) return;
    const deed = { store: this.name, verb: 'list', key: prefix, secrets: this.#secrets };
    yield* this.#bucket.list(deed, (text) => refuseKey(text) === undefined, options.signal);
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.#bucket.delete(this.#deed('delete', key), options);
  }

  async copy(from: string, to: string, options: CallOptions = {}): Promise<void> {
    this.#deed('copy', to);
    await this.#bucket.copy(this.#deed('copy', from), to, options);
  }

  async inspect(options: CallOptions = {}): Promise<readonly StoreFinding[]> {
    options.signal?.throwIfAborted();
    const deed = { store: this.name, verb: 'look at', key: 'bucket settings', secrets: this.#secrets };
    return this.#bucket.inspect(deed, options);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Creates an object, and finds out whether one that is there already comes from an attempt whose answer was lost. */
  async #create(deed: Deed, body: Body, signal: AbortSignal | undefined): Promise<void> {
    const mark = newMark();
    const wasUnsure = this.#own.isUnsure(body, deed.key);
    try {
      await this.#bucket.insert(deed, body, mark, true, signal);
      this.#own.forget(body, deed.key);
    } catch (error) {
      if (StoreError.is(error, 'unavailable')) this.#own.remember(body, deed.key, mark);
      if (!StoreError.is(error, 'already-exists')) throw error;
      if (!wasUnsure) throw taken(this.name, deed.key);
      await this.#requireOwn(deed, body, signal);
      this.#own.forget(body, deed.key);
    }
  }

  async #requireOwn(deed: Deed, body: Body, signal: AbortSignal | undefined): Promise<void> {
    const found = await this.#bucket.markOf(deed, signal);
    if (this.#own.holds(body, deed.key, found)) return;
    if (found !== undefined) throw taken(this.name, deed.key);
    throw storeError(deed, 'unavailable', 'the object that was in the way is gone again');
  }

  /** What is tried, for messages. Refuses a key outside of the grammar. */
  #deed(verb: string, key: string): Deed {
    const reason = refuseKey(key);
    if (reason === undefined) return { store: this.name, verb, key, secrets: this.#secrets };
    throw new StoreError('unsupported', `Cannot ${verb} ${JSON.stringify(key)} in ${this.name}: ${reason}.`, { key });
  }
}

function taken(store: string, key: string): StoreError {
  return new StoreError('already-exists', `"${key}" is taken in ${store}.`, { key });
}
