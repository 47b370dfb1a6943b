import { digestOf, MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/cache/entry.ts';
import { decodePage, encodePage } from '../../src/cache/page.ts';
import { createPage, loadPages, mergePages, readPages } from '../../src/cache/page-store.ts';

const KEY = 'ab'.repeat(32);
const origin = { flow: 'Pen "guins"', runId: 'r1', number: 3 };
const entry = (n: number, changes: Partial<CacheEntry> = {}): CacheEntry => ({
  task: `work[${n}]`,
  label: `work[${n}]`,
  reads: ['@element', 'rows'],
  tokens: [`element ${n}`, 'json/1 sha256:00'],
  writes: {
    ['__proto__']: {
      digest: digestOf(`${n}`),
      size: n,
      codec: 'json/1',
      at: { object: 'runs/f/r1/batch/00000000', offset: n, length: n },
    },
    big: { digest: digestOf('big'), size: 1e9, codec: 'raw/1' },
  },
  deletes: n === 1 ? ['gone'] : [],
  ms: 1.5,
  generation: 0,
  origin,
  at: 0,
  ...changes,
});

describe('a page of the cache', () => {
  it('decodes to its entries, with the time at which it was written', () => {
    const log = { digest: digestOf('log'), size: 4, codec: 'log/1' };
    const other = { flow: 'G', runId: 'r0', number: 1 };
    const entries = [
      entry(0, { label: 'work[knn]' }),
      entry(1, { log, generation: 2 }),
      entry(2, { at: 55, origin: other }),
      entry(3, { withdrawn: { id: 'w1', by: 'ada', why: 'wrong data' } }),
    ];
    const page = decodePage({
      ...{ key: 'cache/v1/x', modifiedAt: 7000 },
      bytes: encodePage({ key: KEY, step: 'work', origin, entries }),
    });
    expect(page.step).toBe('work');
    expect(page.entries.map((one) => ({ ...one, writes: { ...one.writes } }))).toEqual(
      entries.map((one) => ({ ...one, writes: { ...one.writes }, at: one.at || 7000 })),
    );
  });

  it('is refused when any of its bits is flipped', () => {
    const bytes = encodePage({ key: KEY, step: 'work', origin, entries: [entry(0)] });
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodePage({ bytes: damaged, key: 'k', modifiedAt: 0 }), `bit ${bit}`).toThrow();
    }
  });

  it('of another shape counts as damaged and throws nothing', async () => {
    const store = new MemoryStore();
    await createPage(store, { key: KEY, step: 'work', origin, entries: [entry(0)] }, 'r1', 0);
    await store.put(`cache/v1/${KEY}/zz-00000000`, {
      size: 3,
      open: async function* () {
        yield Buffer.from('{}\n');
      },
    });
    const { pages, damaged } = readPages(await loadPages(store, KEY));
    expect(pages.map((page) => page.entries.length)).toEqual([1]);
    expect(damaged.map(({ error }) => error.message)).toEqual([expect.stringContaining(`cache/v1/${KEY}/zz-00000000`)]);
  });
});

describe('pages of one key', () => {
  async function fill(store: MemoryStore, count: number): Promise<void> {
    for (let n = 0; n < count; n++)
      await createPage(store, { key: KEY, step: 'work', origin, entries: [entry(n)] }, `r${n}`, 0);
  }

  it('are merged when there are many, and no result is lost', async () => {
    const store = new MemoryStore();
    await fill(store, 20);
    const withdrawal = entry(1, { generation: 1, withdrawn: { id: 'w', by: 'ada', why: '' } });
    await createPage(store, { key: KEY, step: 'work', origin, entries: [withdrawal] }, 'inv-w', 0);
    const before = readPages(await loadPages(store, KEY)).pages.flatMap((page) => page.entries);
    expect(await mergePages(store, KEY, await loadPages(store, KEY), origin)).toBe(20);
    const stored = await loadPages(store, KEY);
    expect(stored.length).toBe(2);
    const after = readPages(stored).pages.flatMap((page) => page.entries);
    const sorted = (entries: CacheEntry[]) => entries.map((one) => JSON.stringify(one)).sort();
    expect(sorted(after)).toEqual(sorted(before));
  });

  it('are not merged when there are few', async () => {
    const store = new MemoryStore();
    await fill(store, 16);
    expect(await mergePages(store, KEY, await loadPages(store, KEY), origin)).toBe(0);
  });

  it('hold all results at every instant of an interrupted merge', async () => {
    for (let calls = 0; calls < 25; calls++) {
      const store = new MemoryStore();
      await fill(store, 20);
      const stored = await loadPages(store, KEY);
      let left = calls;
      const dying = new Proxy(store, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if ((name === 'put' || name === 'delete') && left-- <= 0) throw new Error('killed');
            return value.apply(target, given);
          };
        },
      });
      await mergePages(dying, KEY, stored, origin).catch(() => {});
      const tasks = readPages(await loadPages(store, KEY)).pages.flatMap((page) => page.entries.map((one) => one.task));
      expect(new Set(tasks).size, `${calls} calls`).toBe(20);
    }
  });
});
