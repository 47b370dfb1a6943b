import { expect, it } from 'vitest';
import { checkDatastore } from '../src/check-datastore.ts';
import { datastoreKit } from '../src/datastore/index.ts';
import { type CaseResult, runCases } from '../src/run-cases.ts';
import { brokenDatastores } from './broken/datastores.ts';
import { MemoryDatastore, newPlace } from './reference/memory-datastore.ts';

const mine = { bytes: new Uint8Array(3), modifiedAt: 1 };

function ofMistake(mistake: string) {
  const broken = brokenDatastores.find((it) => it.mistake === mistake);
  if (broken === undefined) throw new Error(`no store ${mistake}`);
  return broken;
}

it('checkDatastore runs all cases on a store in place, reports each result as it comes, and leaves nothing behind', async () => {
  const place = newPlace();
  place.objects.set('mine', mine);
  const seen: CaseResult[] = [];
  let closed = 0;
  const store = Object.assign(new MemoryDatastore(place), {
    close: async () => {
      closed += 1;
    },
  });
  const results = await checkDatastore(store, { heavy: false, onResult: (result) => seen.push(result) });
  expect(results).toEqual(seen);
  expect(results.map((result) => result.case)).toEqual(datastoreKit.cases.map((item) => item.name));
  expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(results.filter(({ reason }) => reason?.includes('reopen')).length).toBeGreaterThan(3);
  expect([...place.objects]).toEqual([['mine', mine]]);
  expect(closed).toBe(0);
});

it('checkDatastore cleans up after cases that fail, and keeps to its prefix', async () => {
  const place = newPlace();
  const prefixes = new Set<string>();
  const broken = ofMistake('keeps what came before a body failed').open(place);
  const put = broken.put.bind(broken);
  const store = Object.assign(broken, {
    put: async (...[key, body, options]: Parameters<typeof put>) => {
      await put(key, body, options);
      prefixes.add(key.split('/')[0] ?? '');
    },
  });
  const results = await checkDatastore(store, { prefix: 'scratch', heavy: false, reopen: async () => store });
  const failed = results.filter(({ verdict }) => verdict === 'failed').map((result) => result.case);
  expect(failed).toContain('leaves nothing of a body that fails');
  expect([...prefixes]).toEqual(['scratch']);
  expect([...place.objects.keys()]).toEqual([]);
});

it('checkDatastore reports a deviation with its reason, and one that passes as stale', async () => {
  const store = ofMistake('has no name').open(newPlace());
  const deviations = [
    { case: 'has a name to show', reason: 'nobody asks' },
    { case: 'keeps an empty object', reason: 'no longer true' },
  ];
  const results = await checkDatastore(store, { heavy: false, deviations });
  const verdictOf = (name: string) => results.find((result) => result.case === name);
  expect(verdictOf('has a name to show')).toMatchObject({ verdict: 'deviates', reason: 'nobody asks' });
  expect(verdictOf('keeps an empty object')).toMatchObject({ verdict: 'failed' });
  expect(String(verdictOf('keeps an empty object')?.error)).toContain('remove it from the deviations');
});

it('checkDatastore refuses a deviation that names no case', async () => {
  const store = new MemoryDatastore(newPlace());
  const deviations = [{ case: 'flies', reason: 'no wings' }];
  await expect(checkDatastore(store, { deviations })).rejects.toThrow('No Datastore case is called "flies"');
});

it('checkDatastore ends a case that hangs', async () => {
  const kit = {
    kind: 'Nothing',
    cases: [{ name: 'hangs', run: () => new Promise<void>(() => undefined) }],
    has: () => true,
  };
  const open = async () => ({ subject: undefined, close: async () => undefined });
  const [result] = await runCases(kit, open, { timeoutMs: 10 });
  expect(result).toMatchObject({ case: 'hangs', verdict: 'failed' });
});
