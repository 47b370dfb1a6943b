import { type GetOptions, StoreError } from '../contract/index.ts';

/** Bytes of an object, half-open: `start <= i < end`. */
export type Range = NonNullable<GetOptions['range']>;

/** The bytes that an answer holds, of an object of `total` bytes. */
export interface SentRange extends Range {
  readonly total: number;
}

/** Rejects what is no range of bytes. Throws a `StoreError`: `unsupported`. */
export function checkRange(key: string, { start, end }: Range): void {
  const isEnd = Number.isSafeInteger(end) || end === Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(start) && isEnd && start >= 0 && end >= start) return;
  throw new StoreError('unsupported', `"${key}": ${start} to ${end} is not a range of bytes.`, { key });
}

/** The header `Range` for a range that is not empty: HTTP counts the last byte in, and has no way to ask for none. */
export function rangeHeader({ start, end }: Range): string {
  return end >= Number.MAX_SAFE_INTEGER ? `bytes=${start}-` : `bytes=${start}-${end - 1}`;
}

/** What the header `Content-Range` of an answer says; `undefined` when it does not say all of it. */
export function sentRange(header: string | undefined): SentRange | undefined {
  const [, start, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? [];
  return total === undefined ? undefined : { start: Number(start), end: Number(last) + 1, total: Number(total) };
}
