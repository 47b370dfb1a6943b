import type { GetOptions } from '@varve/core/contract';
import type { Blob } from './blob.ts';
import type { Draft } from './draft.ts';

export type Range = NonNullable<GetOptions['range']>;

/**
 * Copies of blobs at hand. A fault of their place is never an error of the caller: the copy counts as absent, and the user
 * is warned once. Only an abort rejects.
 */
export interface Copies {
  /** Absolute folders of this machine in which they lie. */
  readonly folders: readonly string[];
  /** The bytes, which have matched the digest; `undefined` when there is no good copy. */
  read(blob: Blob, options: Pick<GetOptions, 'range' | 'signal'>): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The same in one call; `undefined` also when the place of the copies cannot do that. */
  readSync(blob: Blob, range: Range | undefined): Uint8Array | undefined;
  /** True when there is a copy of this size, good or not. Cheap. */
  has(blob: Blob, size: number): boolean;
  /** Bytes of the copy, good or not; `undefined` when there is none. */
  size(blob: Blob): Promise<number | undefined>;
  /** Begins a copy; `undefined` when none can be written. */
  draft(blob: Blob): Draft | undefined;
  /** Has the next read check the copy, whatever was checked before. */
  doubt(blob: Blob): void;
  remove(blob: Blob): Promise<void>;
  /** Ends what goes on in the background. */
  close(): Promise<void>;
}

/** Cuts a range at the end of the object; `undefined` for one that is none, which the remote store is to refuse. */
export function cutRange(range: Range | undefined, size: number): Range | undefined {
  if (range === undefined) return { start: 0, end: size };
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !(Number.isSafeInteger(end) || end === Infinity)) return undefined;
  return start < 0 || end < start ? undefined : { start: Math.min(start, size), end: Math.min(end, size) };
}
