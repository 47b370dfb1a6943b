import type { Digest, RunEvent } from '@varve/core/contract';
import type { PageRecord, RunSession, WireError } from '@varve/core/internal';

/**
 * The methods of a session that cross the channel, arguments and results as they are. The one list both sides are made
 * from: a method that is missing here cannot be called.
 */
export const SESSION_CALLS = [
  'open',
  'begin',
  'confirm',
  'expand',
  'test',
  'missing',
  'store',
  'keep',
  'envKey',
  'pages',
  'lease',
  'release',
  'skew',
  'before',
  'locate',
  'flush',
  'end',
] as const satisfies readonly (keyof RunSession)[];

export type SessionCall = (typeof SESSION_CALLS)[number];

/** Sent without waiting for an answer, in order: events, and the bytes of the small artifacts they name in one piece. */
export interface AppendMessage {
  /** A list of `Appended` as JSON, which crosses threads several times faster than the objects would. */
  readonly append: string;
  readonly packed: Uint8Array<ArrayBuffer>;
}

export interface Appended {
  readonly event: RunEvent;
  /** Digest, where its bytes begin, and how many they are. */
  readonly blobs: readonly (readonly [Digest, number, number])[];
  /** The result is published for other runs. */
  readonly record?: PageRecord;
}

/** Sent by the I/O thread unasked. */
export type FromIo =
  | { readonly flushed: number }
  | { readonly warning: string }
  | { readonly stopped: 'fenced' | 'cancelled' }
  | { readonly failed: WireError };
