import type { Connection } from './connection.ts';
import { within } from './deadline.ts';
import { credentialsError, type Deed, networkError, notGoogle, type Refusal, refusalError } from './errors.ts';
import type { HttpAnswer, HttpClient } from './http.ts';

/** A request in the terms of the JSON API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After the address of the service, e.g. `/storage/v1/b/bucket/o`; or the whole address of an upload. */
  readonly path: string | URL;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly signal?: AbortSignal | undefined;
}

/** Most bytes of an answer that is not an object: a page of a list has some 300 KiB. */
const MAX_ANSWER = 16 * 1024 * 1024;
const UNAUTHORIZED = 401;

/** Sends requests with credentials. Every failure is a `StoreError`, or the reason of the signal. */
export class Api {
  constructor(
    private readonly connection: Connection,
    private readonly http: HttpClient,
    private readonly userProject: string | undefined,
  ) {}

  /** Resolves with the head of the answer, whatever its status. A token that is refused is renewed once. */
  async send(deed: Deed, request: ApiRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    // The address of an upload is the right to use it.
    if (request.path instanceof URL) return this.#sendWith(deed, request, {});
    const token = await this.#token(deed, request.signal);
    const answer = await this.#sendWith(deed, request, token);
    if (answer.status !== UNAUTHORIZED || !this.connection.renew(token)) return answer;
    answer.body.resume();
    return this.#sendWith(deed, request, await this.#token(deed, request.signal));
  }

  /** Sends a request and reads the answer as JSON. Rejects unless it is a success. */
  async json<T>(deed: Deed, request: ApiRequest): Promise<T> {
    const answer = await this.send(deed, request);
    if (answer.status >= 300) throw refusalError(deed, await this.refusal(deed, answer, request.signal));
    return this.parse<T>(deed, answer, request.signal);
  }

  /** Reads an answer as JSON. */
  async parse<T>(deed: Deed, answer: HttpAnswer, signal?: AbortSignal): Promise<T> {
    const text = await this.#text(deed, answer, signal);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw notGoogle(deed, 'the answer is not JSON');
    }
    if (typeof value !== 'object' || value === null) throw notGoogle(deed, 'the answer is no object');
    return value as T;
  }

  /** Reads an answer that is no success. */
  async refusal(deed: Deed, answer: HttpAnswer, signal?: AbortSignal): Promise<Refusal> {
    const text = await this.#text(deed, answer, signal);
    const { status } = answer;
    try {
      const { error } = JSON.parse(text) as {
        readonly error: { readonly message?: string; readonly errors?: readonly { readonly reason?: string }[] };
      };
      return { status, reason: error.errors?.[0]?.reason ?? '', message: error.message ?? '' };
    } catch {
      // Downloads are refused with bare text, and what stands between with a page of its own.
      return { status, reason: '', message: text };
    }
  }

  async #sendWith(deed: Deed, request: ApiRequest, token: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const { method, body, signal } = request;
    try {
      const url = await this.#url(request);
      const headers = { 'user-agent': 'varve', accept: '*/*', ...token, ...request.headers };
      return await this.http.send({ method, url, headers, signal, ...(body !== undefined && { body }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw networkError(deed, error);
    }
  }

  async #token(deed: Deed, signal: AbortSignal | undefined): Promise<Readonly<Record<string, string>>> {
    try {
      return await this.connection.headers(signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw credentialsError(deed, error);
    }
  }

  async #url({ path, query = {} }: ApiRequest): Promise<URL> {
    if (path instanceof URL) return path;
    const url = new URL(`${await this.connection.endpoint()}${path}`);
    for (const [name, value] of Object.entries({ ...query, userProject: this.userProject })) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  async #text(deed: Deed, answer: HttpAnswer, signal: AbortSignal | undefined): Promise<string> {
    const { idleMs } = this.http.patience;
    const { body } = answer;
    try {
      return await within(textOf(answer), idleMs, 'no end of the answer', signal, () => body.destroy());
    } catch (error) {
      signal?.throwIfAborted();
      throw networkError(deed, error);
    }
  }
}

async function textOf({ body }: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new RangeError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
