import { noise, settle } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { isWorthParts, PART, readParts } from '../../src/store-kit/parts.ts';
import type { Range } from '../../src/store-kit/ranges.ts';

/** Bytes that stand for those of an object: each part gives its number only. */
async function* chunk(...bytes: number[]): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

interface Opened {
  readonly part: number;
  answer(stream: AsyncIterable<Uint8Array>): void;
  fail(error: Error): void;
}

/** A read of so many parts whose answers the test gives, in any order. The first is there already. */
function reading(parts: number, first: AsyncIterable<Uint8Array> = chunk(0)) {
  const stop = new AbortController();
  const opened: Opened[] = [];
  const ranges: Range[] = [];
  const open = (range: Range): Promise<AsyncIterable<Uint8Array>> => {
    ranges.push(range);
    return new Promise((resolve, reject) =>
      opened.push({ part: Math.floor(range.start / PART), answer: resolve, fail: reject }),
    );
  };
  const stream = readParts({ first, start: PART, end: parts * PART, open, stop, signal: stop.signal });
  return { stream, stop, opened, ranges };
}

async function collect(stream: AsyncIterable<Uint8Array>, into: number[] = []): Promise<number[]> {
  for await (const bytes of stream) into.push(...bytes);
  return into;
}

describe('a read in parts', () => {
  it('is worth it above two parts, from the place where it begins to where it ends', () => {
    const size = 10 * PART;
    expect(isWorthParts({})).toBe(false);
    expect(isWorthParts({ size: 2 * PART })).toBe(false);
    expect(isWorthParts({ size: 2 * PART + 1 })).toBe(true);
    expect(isWorthParts({ size, range: { start: 8 * PART, end: Number.POSITIVE_INFINITY } })).toBe(false);
    expect(isWorthParts({ size, range: { start: 0, end: 2 * PART } })).toBe(false);
    expect(isWorthParts({ size, range: { start: 7 * PART, end: 20 * PART } })).toBe(true);
  });

  it('gives the bytes in their order, whichever answer comes first', async () => {
    const { stream, opened, ranges } = reading(4);
    const all = collect(stream);
    await settle();
    expect(opened.map(({ part }) => part)).toEqual([1, 2, 3]);
    for (const { part, answer } of [...opened].reverse()) answer(chunk(part, part));
    expect(await all).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect(ranges).toEqual([1, 2, 3].map((part) => ({ start: part * PART, end: (part + 1) * PART })));
  });

  it('fetches four parts at once, the one being read among them', async () => {
    const { stream, opened } = reading(8);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    for (const { part, answer } of opened) answer(chunk(part));
    await settle();
    expect(opened, 'the first one is not done with').toHaveLength(3);
    expect((await reader.next()).value).toEqual(Uint8Array.of(1));
    await settle();
    expect(opened.map(({ part }) => part)).toEqual([1, 2, 3, 4]);
    await reader.return?.(undefined);
  });

  it('ends with the error of a part, after all bytes before it, and stops the others', async () => {
    const { stream, opened, stop } = reading(4);
    const found: number[] = [];
    const all = collect(stream, found);
    await settle();
    const broken = new Error('the connection broke');
    opened[1]?.fail(broken);
    await settle();
    expect(found).toEqual([0]);
    opened[0]?.answer(chunk(1));
    await expect(all).rejects.toBe(broken);
    expect(found).toEqual([0, 1]);
    expect(stop.signal.aborted).toBe(true);
  });

  it('stops all parts when its reader leaves', async () => {
    const { stream, stop } = reading(4);
    for await (const _ of stream) break;
    expect(stop.signal.aborted).toBe(true);
  });

  it('rejects with the reason of an abort, also while a part has no answer', async () => {
    const { stream, opened, stop } = reading(4);
    const all = collect(stream);
    await settle();
    const reason = new Error('enough');
    stop.abort(reason);
    for (const { fail } of opened) fail(reason);
    await expect(all).rejects.toBe(reason);
  });

  it('has a short last part', async () => {
    const stop = new AbortController();
    const bytes = noise(100, 1);
    const ranges: Range[] = [];
    const open = async (range: Range) => {
      ranges.push(range);
      return chunk(...bytes.subarray(0, range.end - range.start));
    };
    const end = PART + 100;
    const found = await collect(readParts({ first: chunk(9), start: PART, end, open, stop, signal: stop.signal }));
    expect(ranges).toEqual([{ start: PART, end }]);
    expect(found).toEqual([9, ...bytes]);
  });
});
