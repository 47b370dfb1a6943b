import { digestOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/cache/entry.ts';
import { findResult, StepIndex, type Unusable } from '../../src/cache/step-index.ts';

const entry = (
  changes: Partial<CacheEntry> & { readonly saw?: Record<string, string>; readonly left?: string } = {},
): CacheEntry => {
  const { saw = { rows: 'r1' }, left = 'out', ...rest } = changes;
  return {
    task: 'work',
    label: 'work',
    reads: Object.keys(saw),
    tokens: Object.values(saw),
    writes: { out: { digest: digestOf(left), size: 1, codec: 'json/1' } },
    deletes: [],
    ms: 5,
    generation: 0,
    origin: { flow: 'F', runId: 'r1', number: 1 },
    at: 1000,
    ...rest,
  };
};
const shelfOf = (...entries: CacheEntry[]) => {
  const shelf = new StepIndex('key');
  for (const one of entries) shelf.add(one);
  return shelf;
};
const seeing = (world: Record<string, string>) => (read: string) => world[read] ?? '-';
const find = (shelf: StepIndex, world: Record<string, string>, judge: () => Unusable | undefined = () => undefined) =>
  findResult(shelf.candidates(seeing(world)), new Map(Object.entries(world)), judge);
const left = (shelf: StepIndex, world: Record<string, string>) => {
  const found = find(shelf, world);
  return found.type === 'hit' ? found.entry.writes.out?.digest : found.type;
};

describe('the index of a step', () => {
  it('finds results by reads alone', () => {
    const shelf = shelfOf(entry());
    expect(left(shelf, { rows: 'r1', other: 'x' })).toBe(digestOf('out'));
    expect(left(shelf, { rows: 'r2' })).toBe('none');
  });

  it('finds results of several sets of reads', () => {
    const shelf = shelfOf(
      entry({ saw: { kind: 'big', rows: 'r1' }, left: 'a' }),
      entry({ saw: { kind: 'small' }, left: 'b' }),
    );
    expect(left(shelf, { kind: 'small', rows: 'anything' })).toBe(digestOf('b'));
    expect(left(shelf, { kind: 'big', rows: 'r1' })).toBe(digestOf('a'));
    expect(left(shelf, { kind: 'big', rows: 'r2' })).toBe('none');
  });

  it('prefers the highest generation, then the earliest, in whatever order they are added', () => {
    const all = [
      entry({ left: 'late', at: 3000 }),
      entry({ left: 'first', at: 1000 }),
      entry({ left: 'repaired', generation: 1, at: 9000 }),
    ];
    for (const order of [all, [...all].reverse()])
      expect(left(shelfOf(...order), { rows: 'r1' })).toBe(digestOf('repaired'));
    expect(left(shelfOf(all[0] as CacheEntry, all[1] as CacheEntry), { rows: 'r1' })).toBe(digestOf('first'));
    expect(left(shelfOf(all[1] as CacheEntry, all[0] as CacheEntry), { rows: 'r1' })).toBe(digestOf('first'));
  });

  it('finds the one of several results for the same inputs of the run that saw the same outside of it', () => {
    const shelf = shelfOf(
      entry({ saw: { '@file a.csv': 'f1', rows: 'r1' }, left: 'a' }),
      entry({ saw: { '@file a.csv': 'f2', rows: 'r1' }, left: 'b' }),
      entry({ saw: { '@env MODE': '-', '@file b.csv': 'f3', rows: 'r1' }, left: 'c' }),
    );
    expect(shelf.size).toBe(3);
    expect(left(shelf, { rows: 'r1', '@file a.csv': 'f1' })).toBe(digestOf('a'));
    expect(left(shelf, { rows: 'r1', '@file a.csv': 'f2' })).toBe(digestOf('b'));
    expect(left(shelf, { rows: 'r1', '@file a.csv': 'f4', '@file b.csv': 'f3', '@env MODE': '-' })).toBe(digestOf('c'));
    expect(left(shelf, { rows: 'r1', '@file a.csv': 'f4' })).toBe('none');
    expect(left(shelf, { rows: 'r2', '@file a.csv': 'f1' })).toBe('none');
  });

  it('takes a read that cannot be looked at for a change', () => {
    const shelf = shelfOf(entry({ saw: { '@file a.csv': '?' } }));
    expect(left(shelf, {})).toBe('none');
  });

  it('returns an unusable result with the reason', () => {
    const found = find(shelfOf(entry()), { rows: 'r1' }, () => 'expired');
    expect(found).toMatchObject({ type: 'unusable', because: 'expired', entry: { task: 'work' } });
  });

  it('reports two different results of the same reads', () => {
    const shelf = shelfOf(entry({ left: 'a' }));
    expect(shelf.add(entry({ left: 'b', at: 2000 }))?.writes.out?.digest).toBe(digestOf('a'));
    expect(shelf.add(entry({ left: 'a', at: 2000 }))).toBeUndefined();
    expect(shelf.add(entry({ left: 'c', generation: 1 }))).toBeUndefined();
  });

  it('gives a new result a higher generation than the known ones', () => {
    const shelf = shelfOf(entry({ generation: 4 }));
    expect(shelf.nextGeneration({ reads: ['rows'], tokens: ['r1'] })).toBe(5);
    expect(shelf.nextGeneration({ reads: ['rows'], tokens: ['r2'] })).toBe(0);
  });
});
