import type { GetOptions, ObjectInfo, PutOptions, StoreErrorCode } from '@varve/core/contract';
import { type Body, type CallOptions, type Datastore, definePlugin, StoreError } from '@varve/core/contract';

const KEY = /^(?=.{1,512}$)(?!(?:.*\/)?\.{1,2}(?:\/|$))[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/;
const CODES: Record<number, StoreErrorCode> = { 404: 'not-found', 412: 'already-exists', 507: 'no-space' };

/** Keeps objects on a server that supports GET, HEAD, PUT, DELETE, `If-None-Match: *`, `Range`, and lists as JSON. */
class HttpStore implements Datastore {
  readonly capabilities = { conditionalPut: true, rangeRead: true, maxObjectBytes: 64 * 1024 * 1024 };
  constructor(readonly name: string) {}

  async put(key: string, body: Body, options: PutOptions = {}): Promise<void> {
    if (body.size > this.capabilities.maxObjectBytes) throw new StoreError('too-large', 'over 64 MiB', { key });
    const headers = options.ifAbsent ? { 'if-none-match': '*' } : {};
    await this.#send('PUT', key, options, { headers, body: await collect(key, body) });
  }

  async get(key: string, options: GetOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const { start, end } = options.range ?? { start: 0, end: Infinity };
    // HTTP has no way to ask for no bytes, or for bytes past the end.
    const info = options.range && (await this.stat(key, options));
    if (info && start >= Math.min(end, info.size)) return empty();
    const headers = options.range ? { range: `bytes=${start}-${end - 1}` } : {};
    return (await this.#send('GET', key, options, { headers })).body ?? empty();
  }

  async stat(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    const { ok, headers } = await this.#send('HEAD', key, options, {}, 404);
    const modifiedAt = Date.parse(headers.get('last-modified') ?? '');
    return ok ? { key, size: Number(headers.get('content-length')), modifiedAt } : undefined;
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const response = await this.#fetch('GET', `?${new URLSearchParams({ prefix, after })}`, options, {}, 200);
      const page = (await response.json()) as ObjectInfo[];
      for (const info of page) {
        options.signal?.throwIfAborted();
        yield info;
      }
      after = page.at(-1)?.key;
    }
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await this.#send('DELETE', key, options, {}, 404);
  }

  async #send(method: string, key: string, options: CallOptions, init: RequestInit, fine = 200): Promise<Response> {
    if (!KEY.test(key)) throw new StoreError('unsupported', `${JSON.stringify(key)} is no key`, { key });
    return this.#fetch(method, key, options, init, fine);
  }

  async #fetch(method: string, key: string, { signal }: CallOptions, init: RequestInit, fine: number) {
    const url = `${this.name}/${key}`;
    const response = await fetch(url, { ...init, method, signal: signal ?? null }).catch((cause: unknown) => {
      throw signal?.aborted ? signal.reason : new StoreError('unavailable', `no answer: ${url}`, { key, cause });
    });
    if (response.ok || response.status === fine) return response;
    const code = CODES[response.status] ?? (response.status >= 500 ? 'unavailable' : 'unexpected');
    throw new StoreError(code, `${method} ${url} answers ${response.status}`, { key });
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

async function collect(key: string, body: Body): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.bytes ? [body.bytes] : body.open()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length === body.size) return bytes;
  throw new StoreError('corrupt', `"${key}" has ${bytes.length} bytes, not ${body.size}`, { key });
}

/** `datastore: httpStore({ url: 'https://objects.example.org/varve' })` */
export const httpStore = ({ url }: { readonly url: string }) =>
  definePlugin<'datastore'>({ name: 'http-store', provides: { datastore: () => new HttpStore(url) } });
