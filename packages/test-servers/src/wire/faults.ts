import type { IncomingHttpHeaders } from 'node:http';

/** What a server answers. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What a test may choose its faults by, and count. */
export interface SeenRequest {
  /** As the service calls it, e.g. `PutObject` or `insert`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** Name of the object, decoded; empty when the request names none. */
  readonly key: string;
  /** True when it may change what is stored, the only kind that a crash may leave half done. */
  readonly changes: boolean;
  readonly headers: IncomingHttpHeaders;
}

/** One way in which an exchange goes wrong: the same words for every service. */
export type Fault =
  /** The connection ends, by default with a reset, and the request is never handled. */
  | { readonly kind: 'drop'; readonly by?: 'fin' | 'rst' }
  /** The service refuses in its own words, with its own name for the reason, and does nothing. */
  | { readonly kind: 'refuse'; readonly status: number; readonly reason?: string }
  /** Another answer, byte for byte, and the request is never handled. */
  | { readonly kind: 'answer'; readonly reply: Reply }
  /** Handled after a pause, in ms. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Handled, but the connection ends instead of an answer. */
  | { readonly kind: 'lost-ack'; readonly by: 'fin' | 'rst' }
  /** Handled, but the connection ends after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly by: 'fin' | 'rst'; readonly after: number }
  /** Handled, but nothing follows so many bytes of the answer's body; without `after` there is no answer at all. */
  | { readonly kind: 'stall'; readonly after?: number }
  /** A bit of what the client sends arrives as another. */
  | { readonly kind: 'damage' }
  /** The answer says that all is well, but nothing was changed. */
  | { readonly kind: 'lie' }
  /** The client dies before the request is handled, or after that and before the answer. */
  | { readonly kind: 'die'; readonly when: 'before' | 'after'; readonly kill: () => void };

export type FaultMatch = (request: SeenRequest) => boolean;

export interface FaultRule {
  /** Requests that are hit: the name of an operation, or any condition. All of them when left out. */
  readonly on?: string | FaultMatch;
  /** The first of these requests that are let through. Default: none. */
  readonly skip?: number;
  /** How many are hit then. Default: 1. */
  readonly times?: number;
  readonly fault: Fault;
}

/** The faults that are still to happen, in the order in which they were added. */
export class Faults {
  private rules: { readonly rule: FaultRule; skip: number; times: number }[] = [];

  add(rule: FaultRule): void {
    this.rules.push({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 });
  }

  clear(): void {
    this.rules = [];
  }

  /** The fault of this request, which is used up by asking. */
  take(request: SeenRequest): Fault | undefined {
    for (const entry of this.rules) {
      if (entry.times <= 0 || !isHit(entry.rule, request)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.times -= 1;
      return entry.rule.fault;
    }
    return undefined;
  }
}

function isHit({ on }: FaultRule, request: SeenRequest): boolean {
  if (on === undefined) return true;
  return typeof on === 'string' ? on === request.operation : on(request);
}
