import type { RunEvent } from '@varve/core/contract';
import { cancelKey } from '@varve/core/internal';
import { collect } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { FlowClient } from '../../src/runs/flow-client.ts';
import type { RunQuery } from '../../src/runs/run-filter.ts';

import { done, expanded, Past } from './views.ts';

const START = 1_700_000_000_000;
const DAY = 86_400_000;

/** Six runs of one flow, a day apart, and one of another flow. */
async function sevenRuns() {
  const past = new Past();
  past.now = START + 6 * DAY;
  const ends = ['succeeded', 'failed', 'cancelled', undefined, 'succeeded'] as const;
  for (const [i, status] of ends.entries()) {
    const tags = i % 2 === 0 ? ['nightly', `n${i}`] : [];
    await past.run(
      i + 1,
      { createdAt: START + i * DAY, tags, parameters: { folds: String(i), list: '["a"]' } },
      status,
    );
  }
  past.now += 60_000;
  await past.run(6, { createdAt: past.now, parameters: {} });
  await past.run(7, { flow: 'Other', createdAt: past.now }, 'failed');
  const client = new FlowClient('Penguins', async () => past.history);
  const numbers = async (query: RunQuery = {}) =>
    (await collect(client.runs(query))).map(({ record }) => record.number);
  return { past, client, numbers };
}

describe('a list of runs', () => {
  it('holds the runs that match every filter, newest first', async () => {
    const { numbers } = await sevenRuns();
    expect(await numbers()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await numbers({ status: 'failed' })).toEqual([2]);
    expect(await numbers({ status: ['failed', 'lost', 'running'] })).toEqual([6, 4, 2]);
    expect(await numbers({ tag: 'nightly' })).toEqual([5, 3, 1]);
    expect(await numbers({ tag: ['nightly', 'n2'] })).toEqual([3]);
    expect(await numbers({ since: START + 2 * DAY })).toEqual([6, 5, 4, 3]);
    expect(await numbers({ until: new Date(START + 2 * DAY) })).toEqual([2, 1]);
    expect(await numbers({ since: new Date(START + DAY), until: START + 3 * DAY })).toEqual([3, 2]);
    expect(await numbers({ parameters: { folds: 2 } })).toEqual([3]);
    expect(await numbers({ parameters: { list: ['a'], folds: '4' } })).toEqual([5]);
    expect(await numbers({ parameters: { nothing: 1 } })).toEqual([]);
    expect(await numbers({ parameters: { toString: 1 } })).toEqual([]);
    expect(await numbers({ limit: 2 })).toEqual([6, 5]);
    expect(await numbers({ status: 'succeeded', tag: 'nightly', limit: 1 })).toEqual([5]);
    expect(await numbers({ status: [] })).toEqual([]);
  });

  it('reads no journal of an ended run, and no record from long before `since`', async () => {
    const { past, numbers } = await sevenRuns();
    past.store.calls.length = 0;
    await numbers({ status: ['succeeded', 'failed', 'cancelled', 'running'], tag: 'nightly' });
    expect(past.store.calls.filter(({ key }) => key.includes('/batch'))).toEqual([]);
    const many = new Past();
    for (let i = 1; i <= 100; i++) await many.run(i, { createdAt: START + i * DAY }, 'succeeded');
    many.store.calls.length = 0;
    const found = await collect(many.history.list({ since: START + 99 * DAY }));
    expect(found.map(({ record }) => record.number)).toEqual([100, 99]);
    expect(many.store.calls.filter(({ call }) => call === 'get').length).toBeLessThan(100);
  });

  it('opens a run with its status at that time, not that of the list', async () => {
    const { past, client } = await sevenRuns();
    const [newest] = await collect(client.runs({ limit: 1 }));
    if (!newest) throw new Error('no run');
    expect(newest.status).toBe('running');
    await past.finish(newest.record, 'failed');
    expect(await newest.open()).toMatchObject({ number: 6, status: 'failed', isFinished: true, isSuccessful: false });
  });

  it('gives the newest match as `last`, or throws VARVE_NO_RUN', async () => {
    const { client } = await sevenRuns();
    expect((await client.last()).number).toBe(6);
    expect((await client.last({ tag: 'nightly', status: 'succeeded' })).number).toBe(5);
    await expect(client.last({ tag: 'weekly' })).rejects.toMatchObject({ code: 'VARVE_NO_RUN' });
  });
});

describe('runs that resume each other', () => {
  it('find each other through resumes and resumedBy', async () => {
    const past = new Past();
    const first = await past.run(1, {}, 'failed');
    const second = await past.run(2, { origin: first.id }, 'failed');
    await past.run(3, { origin: second.id }, 'succeeded');
    await past.run(4, { origin: first.id }, 'succeeded');
    const client = new FlowClient('Penguins', async () => past.history);
    const [one, two, three] = await Promise.all([client.run(1), client.run(2), client.run(3)]);
    expect(await one.resumes()).toBeUndefined();
    expect((await two.resumes())?.number).toBe(1);
    expect((await (await three.resumes())?.resumes())?.number).toBe(1);
    expect((await one.resumedBy()).map(({ record }) => record.number)).toEqual([4, 2]);
    expect((await two.resumedBy()).map(({ record }) => record.number)).toEqual([3]);
    expect(await three.resumedBy()).toEqual([]);
  });

  it('are found although the clock of the second machine is behind', async () => {
    const past = new Past();
    const late = await past.run(9, { createdAt: START + 3_600_000 }, 'failed');
    await past.run(2, { createdAt: START, origin: late.id }, 'succeeded');
    const [run] = await past.history.resumedBy(late);
    expect(run?.record.number).toBe(2);
  });
});

describe('cancelling a run', () => {
  it('writes one marker for its process, and reports each further request as asked-before', async () => {
    const past = new Past();
    const record = await past.run(1);
    const client = new FlowClient('Penguins', async () => past.history);
    const run = await client.last();
    expect(past.store.objects.has(cancelKey(record.flow, record.id))).toBe(false);
    expect(await run.cancel()).toBe('asked');
    expect(past.store.objects.has(cancelKey(record.flow, record.id))).toBe(true);
    expect(await client.cancel(1)).toBe('asked-before');
    expect(await client.cancel(record.id)).toBe('asked-before');
    await past.finish(record, 'cancelled');
    expect(await run.cancel()).toBe('cancelled-before');
    expect(await run.refresh()).toMatchObject({ status: 'cancelled' });
    expect(run.status).toBe('running');
  });

  it('that has succeeded or failed throws VARVE_RUN_ENDED and writes no marker', async () => {
    const past = new Past();
    for (const [i, status] of (['succeeded', 'failed'] as const).entries()) {
      const record = await past.run(i + 1, {}, status);
      const error = { code: 'VARVE_RUN_ENDED', message: `Penguins/${i + 1} has ended already: it ${status}` };
      await expect(past.history.cancel(record)).rejects.toMatchObject(error);
      expect(past.store.objects.has(cancelKey(record.flow, record.id))).toBe(false);
    }
    const client = new FlowClient('Penguins', async () => past.history);
    await expect(client.cancel(9)).rejects.toMatchObject({ code: 'VARVE_NO_RUN' });
  });

  it('that is lost returns lost, and still writes the marker that stops it if it comes back', async () => {
    const past = new Past();
    const record = await past.run(1);
    past.now += 60_000;
    expect(await past.history.cancel(record)).toBe('lost');
    expect(await past.history.cancel(record)).toBe('lost');
    expect(past.store.objects.has(cancelKey(record.flow, record.id))).toBe(true);
  });

  it('can be followed by waiting for its end, until a signal aborts', async () => {
    const past = new Past();
    const record = await past.run(1);
    const run = await new FlowClient('Penguins', async () => past.history).last();
    const ended = run.whenFinished();
    await past.finish(record, 'cancelled');
    expect(await ended).toMatchObject({ status: 'cancelled' });
    const second = await past.run(2);
    const stop = new Error('enough');
    const waiting = past.history.whenFinished(second, AbortSignal.abort(stop));
    await expect(waiting).rejects.toBe(stop);
    const late = new AbortController();
    const later = past.history.whenFinished(second, late.signal);
    setTimeout(() => late.abort(stop), 20);
    await expect(later).rejects.toBe(stop);
  });
});

it('original() of many cached tasks reads the run that computed them once', async () => {
  const past = new Past();
  const graph = [{ name: 'each', after: [], foreach: 'items' }];
  const tasks = Array.from({ length: 50 }, (_, i) => `each[${i}]`);
  const start = [done('init', { writes: { items: 'list' } }), expanded('each', ...tasks)];
  const first = await past.run(1, { graph }, 'succeeded');
  await past.tell(first, [...start, ...tasks.map((task) => done(task, { writes: { x: task } }))]);
  const second = await past.run(2, { graph }, 'succeeded');
  const from = (task: string) => ({ via: 'cached', from: `Penguins/1/${task}` });
  await past.tell(second, [...start, ...tasks.map((task) => ({ ...done(task), ...from(task) }) as RunEvent)]);
  const run = await new FlowClient('Penguins', async () => past.history).last();
  past.store.calls.length = 0;
  const originals = await Promise.all(run.tasks().map((task) => task.original()));
  expect(originals.map(({ name, status }) => `${name} ${status}`)).toEqual(tasks.map((task) => `${task} succeeded`));
  expect(past.store.calls.length).toBeLessThan(10);
});
