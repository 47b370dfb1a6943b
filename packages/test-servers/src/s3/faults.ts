import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../pace.ts';

/** What a server answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a test may choose its faults by, and count. */
export interface SeenRequest {
  /** As the service calls it, e.g. `PutObject`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** Decoded; empty when the request names no object. */
  readonly key: string;
  readonly headers: IncomingHttpHeaders;
}

/** One way in which an exchange goes wrong. */
export type Fault =
  /** The connection is reset, and the request is never handled. */
  | { readonly kind: 'drop' }
  /** Another answer, and the request is never handled. */
  | { readonly kind: 'answer'; readonly reply: Reply }
  /** Handled after a pause, in ms. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Handled, but the connection ends instead of an answer. */
  | { readonly kind: 'lost-ack'; readonly by: 'fin' | 'rst' }
  /** Handled, but the connection ends after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly by: 'fin' | 'rst'; readonly after: number }
  /** Handled, but nothing follows so many bytes of the answer's body; without `after` there is no answer at all. */
  | { readonly kind: 'stall'; readonly after?: number };

export type FaultMatch = (request: SeenRequest) => boolean;

interface Planned {
  readonly match: FaultMatch;
  readonly fault: Fault;
  left: number;
}

/** The faults that a test has planned, each for a number of requests. */
export class Faults {
  private planned: Planned[] = [];

  /** `times`: the next so many matching requests; left out: one. */
  add(match: FaultMatch, fault: Fault, times = 1): void {
    this.planned.push({ match, fault, left: times });
  }

  clear(): void {
    this.planned = [];
  }

  take(request: SeenRequest): Fault | undefined {
    const found = this.planned.find((one) => one.left > 0 && one.match(request));
    if (found) found.left--;
    return found?.fault;
  }
}

/** Handles one request under a fault, and sends what is left of the answer. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  handle: () => Promise<Reply>,
  pace?: number,
): Promise<void> {
  if (fault?.kind === 'drop') return end(request, 'rst');
  if (fault?.kind === 'delay') await sleep(fault.ms);
  const reply = fault?.kind === 'answer' ? fault.reply : await handle();
  if (fault?.kind === 'lost-ack') return end(request, fault.by);
  if (fault?.kind === 'stall' && fault.after === undefined) return;
  const hasBody = request.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, hasBody ? { 'content-length': reply.body.length, ...reply.headers } : reply.headers);
  if (fault?.kind !== 'cut' && fault?.kind !== 'stall') {
    if (!hasBody) response.end();
    else await send(response, reply.body, pace);
    return;
  }
  await new Promise<void>((resolve) => response.write(reply.body.subarray(0, fault.after), () => resolve()));
  if (fault.kind === 'cut') end(request, fault.by);
}

function end({ socket }: IncomingMessage, by: 'fin' | 'rst'): void {
  if (by === 'fin') socket.end();
  else socket.resetAndDestroy();
}
