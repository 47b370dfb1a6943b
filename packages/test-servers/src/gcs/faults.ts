import type { ServerResponse } from 'node:http';
import { send } from '../pace.ts';

/** What goes wrong with one request. `after` counts bytes of the answer's body. */
export type Fault =
  /** The server refuses instead of acting. */
  | { readonly kind: 'status'; readonly status: number; readonly reason?: string }
  /** The server acts, and the connection is reset instead of the answer. */
  | { readonly kind: 'lost-answer' }
  /** The connection is reset before the server acts. */
  | { readonly kind: 'refuse' }
  /** The answer ends early: by a plain end of the connection, by a reset, or by silence. */
  | { readonly kind: 'end' | 'reset' | 'stall'; readonly after: number }
  /** The first byte of what the client stores arrives as another. */
  | { readonly kind: 'damage' }
  /** The server acts late. Ms. */
  | { readonly kind: 'delay'; readonly ms: number };

/** A request as rules and tests see it. */
export interface SeenRequest {
  /** The service's name of the operation, e.g. `insert`. */
  readonly op: string;
  readonly method: string;
  /** Name of the object; empty for requests about a bucket. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface FaultRule {
  /** Operations that are hit; all of them when left out. */
  readonly op?: string;
  /** Only reads of a range that begins at this byte. */
  readonly start?: number;
  /** The first requests that are let through. Default: none. */
  readonly skip?: number;
  /** How many are hit then. Default: 1. */
  readonly times?: number;
  readonly fault: Fault;
}

/** The faults that are still to happen, in the order in which they were added. */
export class Faults {
  #rules: { readonly rule: FaultRule; skip: number; times: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault of this request, which is used up by asking. */
  take(op: string, range = ''): Fault | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (entry.times <= 0 || (rule.op !== undefined && rule.op !== op)) continue;
      if (rule.start !== undefined && !range.startsWith(`bytes=${rule.start}-`)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.times -= 1;
      return rule.fault;
    }
    return undefined;
  }
}

/** An answer before it is sent, so that a fault can cut it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Sends an answer, or as much of it as the fault leaves. */
export async function deliver(
  response: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
  pace: number | undefined,
): Promise<void> {
  const body = reply.body ?? new Uint8Array();
  if (fault?.kind === 'lost-answer' || fault?.kind === 'refuse') {
    response.socket?.resetAndDestroy();
    return;
  }
  const length = reply.status === 204 || reply.status === 304 ? {} : { 'content-length': String(body.length) };
  response.writeHead(reply.status, { ...length, ...reply.headers });
  if (fault === undefined || !('after' in fault)) {
    await send(response, body, pace);
    return;
  }
  response.flushHeaders();
  response.write(Buffer.from(body.subarray(0, fault.after)), () => cut(response, fault.kind));
}

function cut(response: ServerResponse, kind: Fault['kind']): void {
  if (kind === 'end') response.socket?.end();
  if (kind === 'reset') response.socket?.resetAndDestroy();
}
