import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange, Faults, IDLE_MS, type Reply, type SeenRequest } from '../wire/index.ts';
import { Access, type AccessOptions } from './access.ts';
import { ApiError, json, noBucket, selectFields } from './answers.ts';
import { Bucket, describe, type Resource } from './bucket.ts';
import { type Call, readCall } from './calls.ts';
import { splitMultipart, Uploads } from './uploads.ts';

export interface GcsServerOptions extends AccessOptions {
  /** Buckets that exist from the start. Default: `bucket`. */
  readonly buckets?: readonly string[];
  /** What every bucket says of itself besides its name, e.g. `{ versioning: { enabled: true } }`. */
  readonly settings?: object;
  /** Ms by which the clock of the server is ahead. Default: 0. */
  readonly aheadMs?: number;
  /** Ms by which every request is handled late, as by a server far away. Default: 0. */
  readonly latencyMs?: number;
  /** Bytes a ms that an answer is sent at, as services hold each connection to a pace. Default: as fast as it goes. */
  readonly pace?: number;
}

/** A request and the status it was answered with. */
export interface LoggedRequest extends SeenRequest {
  readonly headers: IncomingMessage['headers'];
  /** 0 when the connection ended before the server acted. */
  readonly status: number;
}

/**
 * The JSON API of Google Cloud Storage in memory, as far as clients of objects use it: preconditions, hashes, ranges,
 * resumable uploads, pages, rewrites, tokens. Faults hit requests by the name of their operation: `insert`, `start`, `put`,
 * `status`, `cancel`, `get`, `media`, `list`, `delete`, `rewrite`, `bucket`, `token`.
 */
export class GcsServer {
  readonly faults = new Faults();
  /** Ms by which its clock is ahead of this machine. */
  aheadMs: number;
  readonly uploads = new Uploads();
  readonly access: Access;
  /** Every request since the start, in the order of the answers. */
  readonly log: LoggedRequest[] = [];
  #answering = 0;
  readonly #buckets = new Map<string, Bucket>();
  readonly #server: Server;
  readonly #now: () => number;
  readonly #settings: object;

  private constructor(private readonly options: GcsServerOptions) {
    this.aheadMs = options.aheadMs ?? 0;
    this.#now = () => Date.now() + this.aheadMs;
    this.access = new Access(options);
    this.#settings = options.settings ?? {};
    for (const name of options.buckets ?? ['bucket']) this.#buckets.set(name, new Bucket(name, this.#now));
    this.#server = createServer({ keepAliveTimeout: IDLE_MS }, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Starts a server on a free port of this machine. */
  static async start(options: GcsServerOptions = {}): Promise<GcsServer> {
    const started = new GcsServer(options);
    await new Promise<void>((resolve) => started.#server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Throws for a bucket that does not exist. */
  bucket(name = 'bucket'): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw noBucket();
    return bucket;
  }

  /** How many requests of an operation were made. */
  count(operation: string): number {
    return this.log.filter((request) => request.operation === operation).length;
  }

  /** Requests whose answers have neither ended nor been broken off. */
  get openAnswers(): number {
    return this.#answering;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall(request);
    this.#answering += 1;
    response.once('close', () => {
      this.#answering -= 1;
    });
    let isLogged = false;
    const log = (status: number): unknown => {
      if (isLogged) return;
      isLogged = true;
      return this.log.push({ ...call, headers: request.headers, status });
    };
    // Before the answer, so that a client that has it finds it in the log.
    const logged = (reply: Reply): Reply => {
      log(reply.status);
      return reply;
    };
    const fault = this.faults.take(call);
    // A client that breaks off rejects this: nothing happens then.
    const handler = {
      act: (body: Buffer, lie: boolean) => logged(lie ? this.#withoutEffect(call, body) : this.#answer(call, body)),
      refuse: (code: number, reason = 'backendError') => {
        const refused = new ApiError(code, reason, 'We encountered an internal error.');
        return logged(refused.reply(call.operation === 'media'));
      },
      damage: (body: Buffer) => damage(call, body),
    };
    const { latencyMs, pace } = this.options;
    const status = await exchange(request, response, fault, handler, { latencyMs, pace });
    log(status);
  }

  #withoutEffect(call: Call, body: Buffer): Reply {
    const undo = [...this.#buckets.values(), this.uploads].map((state) => state.remember());
    const reply = this.#answer(call, body);
    for (const one of undo) one();
    return reply;
  }

  #answer(call: Call, body: Buffer): Reply {
    try {
      return this.#act(call, body);
    } catch (error) {
      if (error instanceof ApiError) return error.reply(call.operation === 'media');
      throw error;
    }
  }

  #act(call: Call, body: Buffer): Reply {
    const { operation: op, query, key: name } = call;
    if (op === 'token') return this.access.issue();
    if (op === 'metadata') return { status: 200, headers: { 'metadata-flavor': 'Google' }, body: Buffer.from('p') };
    // The address of an upload stands for the token.
    if (op === 'put' || op === 'status') {
      return this.uploads.put(call.uploadId, call.header('content-range'), call.hash, body);
    }
    if (op === 'cancel') return this.uploads.cancel(call.uploadId);
    this.access.check(op, call.bucket, name, call.authorization, query);
    if (op === 'make-bucket') return this.#makeBucket(JSON.parse(body.toString()) as { readonly name: string });
    const reply = this.#actOn(this.bucket(call.bucket), call, body);
    return 'status' in reply ? reply : json(selectFields(reply, query.get('fields')));
  }

  #actOn(bucket: Bucket, call: Call, body: Buffer): Reply | object {
    const { operation: op, query, key: name } = call;
    if (op === 'bucket') return { kind: 'storage#bucket', id: bucket.name, name: bucket.name, ...this.#settings };
    if (op === 'list') return bucket.list(query);
    if (op === 'start') return this.uploads.start(bucket, name, resourceOf(body), query, this.url);
    if (op === 'insert') {
      const { resource, bytes } = splitMultipart(call.header('content-type'), body);
      return describe(bucket.name, bucket.insert(name, bytes, resource, query));
    }
    if (op === 'get') return describe(bucket.name, bucket.find(name, query));
    if (op === 'media') return download(bucket, call);
    if (op === 'rewrite') return this.#rewrite(bucket, call, body);
    if (op === 'delete') {
      bucket.delete(name, query);
      return { status: 204 };
    }
    throw new ApiError(404, 'notFound', 'Not Found');
  }

  #makeBucket({ name }: { readonly name: string }): Reply {
    if (this.#buckets.has(name)) throw new ApiError(409, 'conflict', 'Your previous request to create it succeeded.');
    this.#buckets.set(name, new Bucket(name, this.#now));
    return json({ kind: 'storage#bucket', id: name, name });
  }

  /** Large objects take two calls here; the service takes more for some, and one for most. */
  #rewrite(bucket: Bucket, call: Call, body: Buffer): object {
    const source = bucket.find(call.key, new URLSearchParams());
    const size = String(source.bytes.length);
    const kind = 'storage#rewriteResponse';
    const isLarge = source.bytes.length > 1024 * 1024;
    if (isLarge && !call.query.has('rewriteToken')) {
      const half = String(Math.floor(source.bytes.length / 2));
      return { kind, totalBytesRewritten: half, objectSize: size, done: false, rewriteToken: 'half-way' };
    }
    const resource = body.length === 0 ? source.resource : resourceOf(body);
    const copy = this.bucket(call.targetBucket).insert(call.targetName, source.bytes, resource, call.query);
    const about = { kind, totalBytesRewritten: size, objectSize: size, done: true };
    return { ...about, resource: describe(call.targetBucket, copy) };
  }
}

/** Flips a bit of what is to be stored, not of what is said of it. */
function damage(call: Call, body: Buffer): void {
  const bytes = call.operation === 'insert' ? splitMultipart(call.header('content-type'), body).bytes : body;
  bytes[0] = (bytes[0] ?? 0) ^ 1;
}

function resourceOf(body: Buffer): Resource {
  return body.length === 0 ? {} : (JSON.parse(body.toString()) as Resource);
}

function download(bucket: Bucket, call: Call): Reply {
  const { bytes, crc32c, md5Hash, generation } = bucket.find(call.key, call.query);
  const headers = {
    'content-type': 'application/octet-stream',
    'x-goog-hash': `crc32c=${crc32c},md5=${md5Hash}`,
    'x-goog-generation': String(generation),
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(bytes.length),
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(call.header('range')) ?? [];
  if (from === undefined) return { status: 200, headers, body: bytes };
  const [start, end] = [Number(from), to === '' ? bytes.length : Math.min(Number(to) + 1, bytes.length)];
  if (start >= bytes.length) throw new ApiError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
  const range = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
  return { status: 206, headers: { ...headers, ...range }, body: bytes.subarray(start, end) };
}
