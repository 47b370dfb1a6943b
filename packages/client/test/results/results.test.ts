import { type Reference, StoreError } from '@varve/core/contract';
import { ArtifactStore, type CacheEntry, createPage, DatastoreJournal } from '@varve/core/internal';
import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { parseResultSelector, type Result } from '../../src/results/result.ts';
import { ResultCache } from '../../src/results/result-cache.ts';
import { History } from '../../src/runs/history.ts';

const origin = { flow: 'F', runId: 'r1', number: 3 };
const keyOf = (n: number) => `${n}`.repeat(64);

function entry(step: string, value: Reference): CacheEntry {
  return {
    ...{ task: step, label: step, reads: [], tokens: [], writes: { value }, deletes: [] },
    ...{ ms: 1, generation: 0, origin, at: 0 },
  };
}

/** A store with one result for each of two steps. */
async function storedResults() {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore({ store });
  for (const [n, step] of ['load', 'train'].entries()) {
    const value = await artifacts.put([Buffer.from(`value of ${step}`)], 'raw/1');
    await createPage(store, { key: keyOf(n), step, entries: [entry(step, value)], origin }, 'r1', 0);
  }
  const history = new History(store, new DatastoreJournal(store), {} as never, () => 0);
  return { store, results: new ResultCache(store, artifacts, history) };
}

const note = { by: 'ada', why: 'wrong' };
const names = (results: readonly Result[]) => results.map(({ step }) => step).sort();
const unavailable = { error: new StoreError('unavailable', 'the network is down') };

describe('invalidation of results', () => {
  it('that fails midway reports how many are invalidated and how to undo it', async () => {
    const { store, results } = await storedResults();
    const all = await results.select([{}]);
    let puts = 0;
    store.fault = ({ call }) => (call === 'put' && ++puts === 2 ? unavailable : undefined);
    const failed = await results.invalidate(all, note).catch((error: unknown) => error);
    store.fault = undefined;
    expect(failed).toMatchObject({ code: 'VARVE_CACHE_PARTLY', message: expect.stringContaining('1 of 2 results') });
    expect(await results.select([{}])).toHaveLength(1);
    const id = /--undo ([0-9a-f]{8})/.exec((failed as { hint: string }).hint)?.[1] ?? '';
    await results.restore(id);
    expect(names(await results.select([{}]))).toEqual(['load', 'train']);
  });

  it('that fails on its first page throws the error of the store and changes nothing', async () => {
    const { store, results } = await storedResults();
    const all = await results.select([{}]);
    store.fault = ({ call }) => (call === 'put' ? unavailable : undefined);
    await expect(results.invalidate(all, note)).rejects.toMatchObject({ code: 'unavailable' });
    store.fault = undefined;
    expect(await results.select([{}])).toHaveLength(2);
  });

  it('is undone by its id, without undoing any other invalidation', async () => {
    const { results } = await storedResults();
    const [first] = await results.select([{ step: 'load' }]);
    const one = await results.invalidate(first ? [first] : [], note);
    await results.invalidate(await results.select([{ step: 'train' }]), note);
    expect(await results.restore(one)).toBe(1);
    expect(names(await results.select([{}]))).toEqual(['load']);
    await expect(results.restore('../../x')).rejects.toMatchObject({ code: 'VARVE_NO_RESULT' });
  });
});

describe('verification of results', () => {
  it('invalidates nothing while the store is unavailable', async () => {
    const { store, results } = await storedResults();
    store.fault = ({ call, key }) => (call === 'get' && key.startsWith('cas/') ? unavailable : undefined);
    await expect(results.verify({}, note)).rejects.toMatchObject({ code: 'unavailable' });
    store.fault = undefined;
    expect(await results.select([{}])).toHaveLength(2);
  });

  it('reads what is stored, not copies that the store keeps nearer', async () => {
    const { store, results } = await storedResults();
    const [damaged = '', missing = ''] = store.keys('cas/');
    const near = new Map(store.keys('cas/').map((key) => [key, store.bytes(key).slice()]));
    const get = store.get.bind(store);
    store.get = async (key, options = {}) => {
      const copy = options.uncached ? undefined : near.get(key);
      return copy
        ? (async function* () {
            yield copy;
          })()
        : get(key, options);
    };
    store.flip(damaged, 0);
    store.objects.delete(missing);
    const { damagedResults } = await results.verify({});
    expect(damagedResults.flatMap(({ faults }) => faults.map(({ state }) => state)).sort()).toEqual([
      'damaged',
      'missing',
    ]);
  });

  it('reports a page stored under the key of another step as damaged', async () => {
    const { store, results } = await storedResults();
    const [key = ''] = [...store.objects.keys()].filter((one) => one.startsWith(`cache/v1/${keyOf(0)}/`));
    const page = store.objects.get(key);
    store.objects.set(key.replace(keyOf(0), keyOf(5)), { bytes: page?.bytes ?? new Uint8Array(), modifiedAt: 0 });
    const found = await results.verify({});
    expect(found.damagedPages).toEqual([{ object: key.replace(keyOf(0), keyOf(5)), message: expect.any(String) }]);
    expect(found.results).toBe(2);
  });
});

describe('the selector of results', () => {
  it.each([
    ['Penguins', { flow: 'Penguins' }],
    ['Penguins/train', { flow: 'Penguins', task: 'train' }],
    ['Penguins/train[a/b @last]', { flow: 'Penguins', task: 'train[a/b @last]' }],
    ['Penguins/12', { flow: 'Penguins', run: { number: 12 } }],
    ['Penguins/12/train[a/b]', { flow: 'Penguins', run: { number: 12 }, task: 'train[a/b]' }],
    ['#12', { run: { number: 12 } }],
    ['@last/train', { run: { alias: 'last' }, task: 'train' }],
    ['Penguins/', undefined],
    ['Penguins/@lats', undefined],
    ['a b', undefined],
    ['', undefined],
  ] as const)('%j is parsed', (text, query) => expect(parseResultSelector(text)).toEqual(query));
});
