import * as http from 'node:http';
import * as https from 'node:https';
import { Semaphore } from '@varve/core/store-kit';
import { within } from './deadline.ts';
import { proxyAgent } from './proxy.ts';

/** Ms that the store waits for others. */
export interface Patience {
  /** From the start of a request to its answer, besides the time for the bytes that are sent. */
  readonly answerMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
}

/** How long a store waits when its options say nothing else. Ms. */
const IDLE_MS = 30_000;

export function patienceOf(idleTimeoutMs = IDLE_MS): Patience {
  return { answerMs: idleTimeoutMs, idleMs: idleTimeoutMs };
}

/**
 * Requests that wait for their answers at once. Each has a connection of its own, and a thousand of them would wait for each
 * other longer than for the service.
 */
const AT_ONCE = 64;
/** Bytes for each ms that a network must send at the least: 64 KiB/s. */
const SLOWEST = 64;

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Has to be read to its end, or destroyed. */
  readonly body: http.IncomingMessage;
}

/**
 * Sends requests over connections that are kept. The SDK's own requests can neither be aborted nor bounded in time, and a
 * download of it that breaks off never ends; so these are made with Node alone.
 */
export class HttpClient {
  readonly #agents = new Map<string, Promise<http.Agent>>();
  readonly #semaphore = new Semaphore(AT_ONCE);

  constructor(readonly patience: Patience) {}

  /** Resolves with the head of the answer, whatever its status. Rejects with the error of the system, or `Timeout`. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    const agent = await this.#agent(request.url);
    return this.#semaphore.pass(() => this.#send(request, agent), request);
  }

  #send(request: HttpRequest, agent: http.Agent): Promise<HttpAnswer> {
    const parts = request.body ?? [];
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const hasBody = request.body !== undefined || request.method !== 'GET';
    const sent = (request.url.protocol === 'http:' ? http : https).request(request.url, {
      method: request.method,
      agent,
      headers: { ...request.headers, ...(hasBody && { 'content-length': size }) },
    });
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      sent.once('response', (body) => {
        // A reader sees errors through its iterator; one that nobody reads any more must not end the process.
        body.on('error', () => undefined);
        resolve({ status: body.statusCode ?? 0, headers: body.headers, body });
      });
      sent.on('error', reject);
    });
    for (const part of parts) sent.write(part);
    sent.end();
    const ms = this.patience.answerMs + Math.ceil(size / SLOWEST);
    return within(answer, ms, 'no answer', request.signal, () => sent.destroy());
  }

  /** Ends all connections. A later request makes new ones. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    for (const agent of agents) (await agent).destroy();
  }

  #agent(url: URL): Promise<http.Agent> {
    const known = this.#agents.get(url.origin);
    if (known !== undefined) return known;
    const made = proxyAgent(url, process.env).then((proxied) => proxied ?? directAgent(url));
    // One that could not be made is made anew by the next request.
    made.catch(() => this.#agents.delete(url.origin));
    this.#agents.set(url.origin, made);
    return made;
  }
}

function directAgent(url: URL): http.Agent {
  return url.protocol === 'http:' ? new http.Agent({ keepAlive: true }) : new https.Agent({ keepAlive: true });
}
