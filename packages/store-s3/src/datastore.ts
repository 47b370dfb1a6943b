import type { S3 } from '@aws-sdk/client-s3';
import {
  type Body,
  type CallOptions,
  type Clock,
  type Datastore,
  type DatastoreCapabilities,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  StoreError,
  type StoreFinding,
} from '@varve/core/contract';
import { checkRange } from '@varve/core/store-kit';
import { judgeBucket } from './inspect/judge.ts';
import { lookAtBucket } from './inspect/look.ts';
import { isKey, startsKeys } from './keys.ts';
import { BucketCheck } from './objects/bucket.ts';
import { Conditions } from './objects/conditions.ts';
import { ObjectReader } from './objects/object-reader.ts';
import { given } from './objects/read-object.ts';
import { Uploads } from './objects/upload.ts';
import { ObjectWriter } from './objects/write-object.ts';
import type { Settings } from './options.ts';
import { deleted, described, listed, written } from './requests/answers.ts';
import { S3Failure } from './requests/failure.ts';
import { LONG_PATIENCE, RequestFailed, Requests } from './requests/requests.ts';
import { Target } from './requests/target.ts';

export interface S3DatastoreParts {
  readonly settings: Settings;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Called at the first request. */
  readonly openClient: () => Promise<S3>;
}

/** Keeps each object under the same key in a bucket. The README lists its requests and the rights they need. */
export class S3Datastore implements Datastore {
  readonly name: string;
  readonly compress: boolean;
  readonly #target: Target;
  readonly #requests: Requests;
  readonly #bucket: BucketCheck;
  readonly #conditions: Conditions;
  readonly #uploads: Uploads;
  readonly #writer: ObjectWriter;
  readonly #reader: ObjectReader;

  constructor({ settings, clock, openClient }: S3DatastoreParts) {
    const { bucket, prefix, region, endpoint, idleTimeoutMs, isAws, compress = true } = settings;
    this.name = `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
    this.compress = compress;
    this.#target = new Target(settings);
    this.#requests = new Requests({ name: this.name, bucket, region, endpoint }, idleTimeoutMs, openClient);
    this.#bucket = new BucketCheck(this.#requests, this.#target);
    this.#conditions = new Conditions(this.#requests, this.#target, this.name, isAws);
    this.#uploads = new Uploads(this.#requests, this.#target, clock);
    this.#writer = new ObjectWriter(this.name, this.#requests, this.#target, this.#uploads, this.#conditions, isAws);
    this.#reader = new ObjectReader(this.#requests, this.#target, idleTimeoutMs);
  }

  /** `conditionalPut` turns false when the first conditional put finds that the server does not keep the condition. */
  get capabilities(): DatastoreCapabilities {
    return { conditionalPut: this.#conditions.areKept, rangeRead: true, maxObjectBytes: this.#writer.maxBytes };
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    const path = this.#path('write', key);
    options.signal?.throwIfAborted();
    await this.#writer.put(key, path, body, options);
    this.#bucket.found();
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const path = this.#path('read', key);
    const { signal, range } = options;
    signal?.throwIfAborted();
    if (range) checkRange(key, range);
    if (range && range.start === range.end) return this.#readNothing(key, options);
    const chunks = await this.#unless(416, () => this.#reader.read(key, path, options));
    this.#bucket.found();
    return chunks ?? given([]);
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    const path = this.#path('look up', key);
    options.signal?.throwIfAborted();
    const request = { verb: 'look up', key, signal: options.signal };
    const found = await this.#unless('not-found', () =>
      this.#requests.attempt(request, async (s3, o) => described(await s3.headObject(this.#target.object(path), o))),
    );
    if (found === undefined) {
      await this.#bucket.require();
      return undefined;
    }
    this.#bucket.found();
    return infoOf(key, found.ContentLength, found.LastModified);
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (!startsKeys(prefix)) return;
    const { bucket: Bucket, prefix: before } = this.#target;
    const input = { Bucket, Prefix: before + prefix, ...this.#target.payer() };
    for (let next: { ContinuationToken?: string } | undefined = {}; next !== undefined; ) {
      const from: typeof input & { ContinuationToken?: string } = { ...input, ...next };
      const page = await this.#requests.send({ verb: 'list', key: prefix, signal }, async (s3, o) =>
        listed(await s3.listObjectsV2(from, o), from.ContinuationToken),
      );
      this.#bucket.found();
      for (const { Key = '', Size, LastModified } of page.Contents ?? []) {
        const key = Key.slice(before.length);
        if (!isKey(key)) continue;
        yield infoOf(key, Size, LastModified);
        signal?.throwIfAborted();
      }
      const token = page.IsTruncated ? page.NextContinuationToken : undefined;
      next = token === undefined ? undefined : { ContinuationToken: token };
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    const path = this.#path('delete', key);
    options.signal?.throwIfAborted();
    const request = { verb: 'delete', key, signal: options.signal };
    await this.#unless('not-found', () =>
      this.#requests.attempt(request, async (s3, o) => deleted(await s3.deleteObject(this.#target.object(path), o))),
    );
  }

  async copy(from: string, to: string, options: CallOptions = {}): Promise<void> {
    const source = this.#path('copy', from);
    const path = this.#path('copy', to);
    const { signal } = options;
    signal?.throwIfAborted();
    const CopySource = this.#target.source(source);
    const input = { ...this.#target.object(path), ...this.#target.written(), CopySource };
    const request = { verb: 'copy', key: from, signal, patience: LONG_PATIENCE };
    try {
      await this.#requests.send(request, async (s3, o) => {
        written((await s3.copyObject(input, o)).CopyObjectResult ?? {});
      });
    } catch (error) {
      // S3 has no better name for an object that is too large for one request.
      const isTooLarge = failureOf(error)?.name === 'InvalidRequest';
      const size = isTooLarge ? (await this.stat(from, options))?.size : undefined;
      if (size === undefined) throw error;
      await this.#uploads.copy({ key: to, path, signal }, CopySource, size);
    }
  }

  /** Its lifecycle rules and versioning, each by a right of its own that nothing else needs. */
  async inspect({ signal }: CallOptions = {}): Promise<readonly StoreFinding[]> {
    signal?.throwIfAborted();
    return judgeBucket(await lookAtBucket(this.#requests, this.#target, signal));
  }

  async close(): Promise<void> {
    await this.#requests.close();
  }

  async #readNothing(key: string, options: CallOptions): Promise<AsyncIterable<Uint8Array>> {
    if (await this.stat(key, options)) return given([]);
    throw new StoreError('not-found', `There is no "${key}" in ${this.name}.`, { key });
  }

  /** Runs a request; `undefined` when it fails in the one way that is an answer. */
  async #unless<T>(answer: 'not-found' | 416, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { status, reason } = error.explained;
      if (answer === status || answer === reason) return undefined;
      throw error.explained.error;
    }
  }

  #path(verb: string, key: string): string {
    if (isKey(key)) return this.#target.prefix + key;
    const message = `Cannot ${verb} ${JSON.stringify(key)} in ${this.name}: it is not a key.`;
    throw new StoreError('unsupported', message, { key });
  }
}

function failureOf(error: unknown): S3Failure | undefined {
  return StoreError.is(error) && error.cause instanceof S3Failure ? error.cause : undefined;
}

/** Lists are exact to the ms with some servers, answers to a HEAD to the second with all: both have to say the same. */
function infoOf(key: string, size = 0, modified: Date | undefined): ObjectInfo {
  const modifiedAt = Math.floor((modified?.getTime() ?? 0) / 1000) * 1000;
  return { key, size, modifiedAt };
}
