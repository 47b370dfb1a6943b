import { describe, expect, it } from 'vitest';
import { eventsOf, listed, makeRun, open, refusal, started } from './support.ts';

const RUN = makeRun('Penguins', 1);
const SUMMARY = { status: 'succeeded', endedAt: 2, counts: {} } as const;

/** A provider on a Map, with a run of three batches in it. */
async function withRun() {
  const map = new Map<string, string>();
  const provider = await open({ store: map });
  await provider.createRun(RUN);
  for (const n of [0, 1, 2]) await provider.append(RUN, [started(`t${n}`)], { expectedLength: n });
  const keyOf = (end: string) => [...map.keys()].find((key) => key.endsWith(end)) ?? '';
  return { map, provider, keyOf };
}

describe('a journal in Keyv', () => {
  it.each(['batch/0', 'batch/1', 'batch/2', 'head'])(
    'is not read without its %s, which the store has lost',
    async (end) => {
      const { map, provider, keyOf } = await withRun();
      expect(map.delete(keyOf(end))).toBe(true);
      const error = await refusal(eventsOf(provider, RUN));
      expect(error).toMatchObject({ code: 'VARVE_CORRUPT_JOURNAL', message: expect.stringContaining(`/${end} in`) });
    },
  );

  it.each([
    ['another record', (map: Map<string, string>, key: string, other: string) => map.set(key, map.get(other) ?? '')],
    ['no record', (map: Map<string, string>, key: string) => map.set(key, '{"value":"{"}')],
    ['no text', (map: Map<string, string>, key: string) => map.set(key, '{"value":7}')],
    ['a later version', (map: Map<string, string>, key: string) => map.set(key, '{"value":"{\\"varve\\":2}"}')],
  ])('is not read when a batch is %s', async (_, spoil) => {
    const { map, provider, keyOf } = await withRun();
    spoil(map, keyOf('batch/1'), keyOf('batch/0'));
    expect(await refusal(eventsOf(provider, RUN))).toMatchObject({ code: 'VARVE_CORRUPT_JOURNAL' });
  });

  it('holds a batch whose writer was killed before it could count it, and goes on behind it', async () => {
    const { map, provider, keyOf } = await withRun();
    const counted = map.get(keyOf('head')) ?? '';
    await provider.append(RUN, [started('t3')], { expectedLength: 3 });
    map.set(keyOf('head'), counted);
    const other = await open({ store: map });
    expect(await eventsOf(other, RUN)).toHaveLength(4);
    await other.append(RUN, [started('t4')], { expectedLength: 4 });
    expect((await eventsOf(provider, RUN)).map((event) => 'task' in event && event.task)).toEqual([
      't0',
      't1',
      't2',
      't3',
      't4',
    ]);
  });

  it('refuses an append at another length than it has, where it can tell', async () => {
    const { map } = await withRun();
    const append = (await open({ store: map })).append(RUN, [started('x')], { expectedLength: 1 });
    expect(await refusal(append)).toMatchObject({ code: 'already-exists' });
  });

  it('leaves nothing of a run that is removed but the names of its flow', async () => {
    const { map, provider } = await withRun();
    await provider.finishRun(RUN, SUMMARY);
    await provider.removeRun?.(RUN);
    await provider.removeRun?.(RUN);
    expect(await provider.run('Penguins', RUN.id)).toBeUndefined();
    expect(await listed(provider)).toEqual([]);
    expect([...map.keys()].sort()).toEqual(['varve:flow/%50enguins/top', expect.stringMatching(/^varve:flows\/\d+$/)]);
  });

  it('takes names of any length and letters under keys that every database takes', async () => {
    const map = new Map<string, string>();
    const provider = await open({ store: map, namespace: 'n'.repeat(64) });
    const flows = [`${'Ü'.repeat(300)}a`, `${'Ü'.repeat(300)}b`, 'a', 'A', '%41'];
    for (const [number, flow] of flows.entries()) await provider.createRun(makeRun(flow, number));
    for (const [number, flow] of flows.entries()) expect(await listed(provider, flow)).toEqual([`${flow}#${number}`]);
    // Redis puts the namespace before it a second time.
    for (const key of map.keys()) expect(key.length + 66).toBeLessThanOrEqual(255);
    expect(new Set([...map.keys()].map((key) => key.toLowerCase())).size).toBe(map.size);
  });
});

describe('the index of runs in Keyv', () => {
  it('lists a run whose number is behind the highest that is known, and those after a gap', async () => {
    const map = new Map<string, string>();
    const provider = await open({ store: map });
    for (const number of [1, 7, 1_700, 1_702]) await provider.createRun(makeRun('Penguins', number));
    const top = 'varve:flow/%50enguins/top';
    const all = ['Penguins#1702', 'Penguins#1700', 'Penguins#7', 'Penguins#1'];
    expect(await listed(provider)).toEqual(all);
    // Another process has written a lower one at the same time.
    map.set(top, (map.get(top) ?? '').replace('1702', '1700'));
    expect(await listed(provider)).toEqual(all);
  });

  it('loses no run of processes that begin at once, and mends the list of flows when a run ends', async () => {
    const map = new Map<string, string>();
    const runs = Array.from({ length: 20 }, (_, n) => makeRun(`Flow${n}`, 1, `01k${n + 100}`));
    const providers = await Promise.all(runs.map(() => open({ store: map })));
    await Promise.all(runs.map((run, i) => providers[i]?.createRun(run)));
    for (const run of runs) expect(await listed(await open({ store: map }), run.flow)).toEqual([`${run.flow}#1`]);
    for (const [i, run] of runs.entries()) await providers[i]?.finishRun(run, SUMMARY);
    expect(await listed(await open({ store: map }))).toHaveLength(20);
  });

  it('refuses the run of another store that has the same number', async () => {
    const map = new Map<string, string>();
    const provider = await open({ store: map });
    await provider.createRun(RUN);
    const error = await refusal(provider.createRun(makeRun('Penguins', 1, '01kother')));
    expect(error).toMatchObject({ code: 'VARVE_CONFIG', hint: expect.stringContaining('namespace of its own') });
    await (await open({ store: map, namespace: 'other' })).createRun(makeRun('Penguins', 1, '01kother'));
    expect(await listed(provider)).toEqual(['Penguins#1']);
  });

  it('reports a run once that is listed and not there, and lists the others', async () => {
    const { map, provider, keyOf } = await withRun();
    await provider.createRun(makeRun('Penguins', 2));
    map.set(keyOf('/record'), '{"value":"{}"}');
    const damage: unknown[] = [];
    expect(await listed(provider, undefined, damage)).toEqual(['Penguins#2']);
    expect(damage).toEqual([expect.stringContaining('is no record of varve')]);
    map.delete(keyOf('/record'));
    expect(await listed(provider, undefined, damage)).toEqual(['Penguins#2']);
    expect(damage).toHaveLength(2);
  });
});
