import { type GetOptions, StoreError } from '@varve/core/contract';

type Range = NonNullable<GetOptions['range']>;

/** Rejects what is no range of bytes with `unsupported`. */
export function checkRange(key: string, { start, end }: Range): void {
  const isEnd = Number.isSafeInteger(end) || end === Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(start) && isEnd && start >= 0 && end >= start) return;
  throw new StoreError('unsupported', `"${key}": ${start} to ${end} is not a range of bytes.`, { key });
}

/** HTTP counts the last byte in, and has no way to ask for none. */
export function rangeHeader({ start, end }: Range): string {
  return end >= Number.MAX_SAFE_INTEGER ? `bytes=${start}-` : `bytes=${start}-${end - 1}`;
}

/** The bytes that an answer says it sends, of how many; `undefined` when it does not say. */
export function sentRange(header: string | undefined): (Range & { readonly total: number }) | undefined {
  const [, start, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? [];
  return total === undefined ? undefined : { start: Number(start), end: Number(last) + 1, total: Number(total) };
}
