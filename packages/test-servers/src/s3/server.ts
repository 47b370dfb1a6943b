import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange, Faults, IDLE_MS, type Reply, type SeenRequest } from '../wire/index.ts';
import { emptyReply, S3Refused, s3Refusal } from './answers.ts';
import { authorize, type S3Account } from './authorize.ts';
import { getLifecycle, getVersioning } from './bucket-settings.ts';
import { readCall, type S3Call } from './call.ts';
import { deleteObjects, listObjects } from './list.ts';
import { abortUpload, completeUpload, createUpload, uploadPart, uploadPartCopy } from './multipart.ts';
import { copyObject, deleteObject, getObject, headObject, putObject } from './objects.ts';
import { type Payload, readPayload } from './payload.ts';
import { type Bucket, copyOf, etagOf } from './state.ts';

export interface S3DoubleOptions {
  readonly buckets?: readonly string[];
  /** Default `double-key`. */
  readonly accessKeyId?: string;
  /** Default `double-secret`. */
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** What becomes of a condition on a write, as with servers that know none. Default `kept`. */
  readonly conditions?: 'kept' | 'ignored' | 'refused';
  /** Ms by which the clock of the server is ahead of this machine. */
  readonly aheadMs?: number;
  /** `Rule` elements of the lifecycle of every bucket, as XML. Default: no lifecycle. */
  readonly lifecycle?: string;
  /** Of every bucket. Default: versioning was never turned on. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Operations that are refused with `AccessDenied`, e.g. `PutObject`. */
  readonly denied?: readonly string[];
  /** Ms by which every request is handled late, as by a server far away. */
  readonly latencyMs?: number;
  /** Bytes a ms that an answer is sent at, as services hold each connection to a pace. */
  readonly pace?: number;
  /** Bytes that a copy in one request takes. Default 5 GiB. */
  readonly copyMaxBytes?: number;
}

/** How S3 words a refusal. */
const NAMES: Readonly<Record<number, string>> = {
  429: 'TooManyRequests',
  503: 'SlowDown',
  507: 'QuotaExceeded',
};

/**
 * A double of S3 in memory, on a free port of this machine: signatures (version 4), `aws-chunked`, checksums, conditional
 * writes and reads, multipart uploads, lists, ranges. Buckets are addressed by path. It proves no more than our reading of
 * the protocol, so what runs on it runs on a real server as well.
 */
export class S3Double {
  readonly faults = new Faults();
  /** Ms by which its clock is ahead of this machine. */
  aheadMs: number;
  /** Every request, in the order of arrival. */
  readonly requests: SeenRequest[] = [];
  private answering = 0;
  readonly account: Required<Pick<S3DoubleOptions, 'accessKeyId' | 'secretAccessKey' | 'region'>> & S3Account;
  private readonly buckets: Map<string, Bucket>;
  private readonly server: Server;

  private constructor(private readonly options: S3DoubleOptions) {
    const { buckets = ['varve'], accessKeyId = 'double-key', secretAccessKey = 'double-secret' } = options;
    const { region = 'us-east-1', sessionToken } = options;
    this.account = { accessKeyId, secretAccessKey, region, ...(sessionToken !== undefined && { sessionToken }) };
    this.aheadMs = options.aheadMs ?? 0;
    this.buckets = new Map(buckets.map((name) => [name, { objects: new Map(), uploads: new Map() }]));
    this.server = createServer(
      { keepAliveTimeout: IDLE_MS },
      (request, response) => void this.serve(request, response),
    );
  }

  static async start(options: S3DoubleOptions = {}): Promise<S3Double> {
    const double = new S3Double(options);
    await new Promise<void>((resolve) => double.server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Keys of the objects in a bucket, sorted. */
  keys(bucket = 'varve'): string[] {
    return [...this.bucket(bucket).objects.keys()].sort();
  }

  /** Headers that are kept with an object: metadata, encryption, storage class. */
  headersOf(key: string, bucket = 'varve'): Readonly<Record<string, string>> | undefined {
    return this.bucket(bucket).objects.get(key)?.headers;
  }

  bytesOf(key: string, bucket = 'varve'): Buffer | undefined {
    return this.bucket(bucket).objects.get(key)?.bytes;
  }

  /** Stores other bytes under a key behind the back of all clients, or removes it. */
  replace(key: string, bytes: Buffer | undefined, bucket = 'varve'): void {
    const { objects } = this.bucket(bucket);
    if (bytes === undefined) objects.delete(key);
    else {
      const { modifiedAt = this.now(), headers = {} } = objects.get(key) ?? {};
      objects.set(key, { bytes, etag: etagOf(bytes), modifiedAt, headers, checksums: {} });
    }
  }

  /** Makes objects look so much older, in ms: all, or those whose key is meant. */
  age(ms: number, isMeant: (key: string) => boolean = () => true): void {
    for (const { objects } of this.buckets.values()) {
      for (const [key, object] of objects) {
        if (isMeant(key)) objects.set(key, { ...object, modifiedAt: object.modifiedAt - ms });
      }
    }
  }

  /** Requests whose answers have neither ended nor been broken off. */
  get openAnswers(): number {
    return this.answering;
  }

  /** Uploads that were neither completed nor aborted. */
  openUploads(bucket = 'varve'): number {
    return this.bucket(bucket).uploads.size;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall(request);
    this.requests.push(call);
    this.answering += 1;
    response.once('close', () => {
      this.answering -= 1;
    });
    try {
      const { latencyMs, pace } = this.options;
      const handler = {
        act: (raw: Buffer, lie: boolean) => (lie ? this.withoutEffect(call, raw) : this.answer(call, raw)),
        refuse: (status: number, reason = NAMES[status] ?? 'InternalError') => this.dated(s3Refusal(status, reason)),
      };
      await exchange(request, response, this.faults.take(call), handler, { latencyMs, pace });
    } catch {
      request.socket.destroy(); // The client left in the middle of its request.
    }
  }

  private withoutEffect(call: S3Call, raw: Buffer): Reply {
    const before = [...this.buckets].map(([name, bucket]) => [name, copyOf(bucket)] as const);
    const reply = this.answer(call, raw);
    for (const [name, bucket] of before) this.buckets.set(name, bucket);
    return reply;
  }

  private answer(call: S3Call, raw: Buffer): Reply {
    try {
      authorize(call, this.account, this.now());
      if (this.options.denied?.includes(call.operation)) throw new S3Refused(403, 'AccessDenied', 'Access Denied');
      const payload = readPayload(call, raw);
      const conditions = this.options.conditions ?? 'kept';
      const conditional = call.method !== 'GET' && call.headers['if-none-match'] !== undefined;
      if (conditional && conditions === 'refused') {
        throw new S3Refused(501, 'NotImplemented', 'This server keeps no If-None-Match.');
      }
      if (conditional && conditions === 'ignored') delete call.headers['if-none-match'];
      return this.dated(this.handle(call, payload));
    } catch (error) {
      if (!(error instanceof S3Refused)) throw error;
      const { status, code, message, fields } = error;
      const region = fields.Region === undefined ? undefined : { 'x-amz-bucket-region': fields.Region };
      return this.dated(s3Refusal(status, code, message, fields, region));
    }
  }

  private handle(call: S3Call, payload: Payload): Reply {
    const bucket = this.bucket(call.bucket);
    const now = this.now();
    const handlers: Readonly<Record<string, () => Reply>> = {
      HeadBucket: () => emptyReply(),
      GetBucketLifecycleConfiguration: () => getLifecycle(this.options.lifecycle),
      GetBucketVersioning: () => getVersioning(this.options.versioning),
      ListObjectsV2: () => listObjects(call, bucket),
      DeleteObjects: () => deleteObjects(bucket, payload),
      GetObject: () => getObject(call, bucket),
      HeadObject: () => headObject(call, bucket),
      PutObject: () => putObject(call, bucket, payload, now),
      CopyObject: () => copyObject(call, bucket, now, this.options.copyMaxBytes),
      DeleteObject: () => deleteObject(call, bucket),
      CreateMultipartUpload: () => createUpload(call, bucket),
      UploadPart: () => uploadPart(call, bucket, payload),
      UploadPartCopy: () => uploadPartCopy(call, bucket, now),
      CompleteMultipartUpload: () => completeUpload(call, bucket, payload, now),
      AbortMultipartUpload: () => abortUpload(call, bucket),
    };
    const handler = handlers[call.operation];
    if (handler) return handler();
    throw new S3Refused(501, 'NotImplemented', `the double does not know ${call.method} ${call.url}`);
  }

  private bucket(name: string): Bucket {
    const found = this.buckets.get(name);
    if (found) return found;
    throw new S3Refused(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
  }

  private now(): number {
    return Date.now() + this.aheadMs;
  }

  private dated(reply: Reply): Reply {
    return { ...reply, headers: { date: new Date(this.now()).toUTCString(), ...reply.headers } };
  }
}
