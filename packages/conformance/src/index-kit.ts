import assert from 'node:assert/strict';
import type { IndexedRun, ListingQuery, RunIndex, RunListing } from '@varve/core/contract';
import type { Case, Kit } from './case.ts';
import { rejectsAs, sameData, sameNames } from './expect.ts';
import { checkSelections, selectableRuns } from './metadata/selections.ts';
import { makeRun, SUMMARY } from './metadata/subject.ts';

/** An empty index. */
export interface IndexSubject {
  readonly index: RunIndex;
  /** Opens another handle on the same index, as another process would. */
  readonly reopen?: () => Promise<RunIndex>;
}

function made(flow: string, n: number, changes: Partial<RunListing> = {}): IndexedRun {
  return {
    key: `records/_${flow.toLowerCase()}/${n}`,
    listing: { record: makeRun({ scope: 'x' }, flow, n), ...changes },
  };
}

function keyed(listing: RunListing): IndexedRun {
  return { key: `records/_penguins/${listing.record.id}`, listing };
}

async function runsOf(index: RunIndex, query: Pick<ListingQuery, 'flow' | 'where'> = {}): Promise<IndexedRun[]> {
  const snapshot = await index.snapshot();
  const runs: IndexedRun[] = [];
  for await (const run of snapshot.runs(query)) runs.push(run);
  await snapshot.close();
  return runs;
}

async function knownIn(index: RunIndex, flow?: string): Promise<string[]> {
  const snapshot = await index.snapshot();
  const known = await snapshot.known(flow);
  await snapshot.close();
  return [...known].map(([key, ended]) => `${key} ${ended}`);
}

const cases: readonly Case<IndexSubject>[] = [
  {
    name: 'has a name to show',
    async run({ index }) {
      assert.ok(index.name.trim().length > 0, 'the name is empty');
    },
  },
  {
    name: 'holds nothing at first',
    async run({ index }) {
      sameData(await knownIn(index), []);
      sameData(await runsOf(index), []);
    },
  },
  {
    name: 'gives runs back as they were put, newest first',
    async run({ index }) {
      const runs = [made('Pen', 3), made('Pens', 12, { summary: SUMMARY }), made('Pen', 1, { summary: SUMMARY })];
      await index.put(runs.slice(0, 1));
      await index.put(runs.slice(1));
      sameData(await runsOf(index), [runs[1], runs[0], runs[2]]);
      sameData(await runsOf(index, { flow: 'Pen' }), [runs[0], runs[2]], 'the runs of Pen');
    },
  },
  {
    name: 'knows the keys of its runs, and which have a summary',
    async run({ index }) {
      await index.put([made('Pen', 3), made('Pens', 12, { summary: SUMMARY }), made('Pen', 1, { summary: SUMMARY })]);
      const known = ['records/_pen/3 false', 'records/_pens/12 true', 'records/_pen/1 true'];
      sameNames(await knownIn(index), known, 'the known runs');
      sameNames(await knownIn(index, 'Pens'), ['records/_pens/12 true'], 'the known runs of Pens');
    },
  },
  {
    name: 'takes the summary of a run that has ended since, and keeps it',
    async run({ index }) {
      const ended = made('Pen', 1, { summary: SUMMARY });
      await index.put([made('Pen', 1)]);
      await index.put([ended]);
      await index.put([made('Pen', 1), made('Pen', 1)]);
      sameData(await runsOf(index), [ended]);
      sameData(await runsOf(index, { where: { ended: ['succeeded'] } }), [], 'those that succeeded');
    },
  },
  {
    name: 'leaves out the runs that are not selected, and no other',
    async run({ index }) {
      const runs = selectableRuns('x', 'Penguins');
      await index.put(runs.map(keyed));
      await checkSelections(runs, async function* (where) {
        for (const { listing } of await runsOf(index, { where })) yield listing;
      });
    },
  },
  {
    name: 'keeps a snapshot as it was',
    async run({ index }) {
      await index.put([made('Pen', 1), made('Pen', 2)]);
      const snapshot = await index.snapshot();
      await index.put([made('Pen', 3), made('Pen', 1, { summary: SUMMARY })]);
      await index.remove([made('Pen', 2).key]);
      const keys = ['records/_pen/1', 'records/_pen/2'];
      const known = await snapshot.known();
      sameNames([...known.keys()], keys, 'the known runs of the snapshot');
      const found: string[] = [];
      for await (const { key, listing } of snapshot.runs({})) found.push(`${key} ${listing.summary?.status}`);
      sameData(found, ['records/_pen/2 undefined', 'records/_pen/1 undefined'], 'the runs of the snapshot');
      await snapshot.close();
      sameNames(await knownIn(index), ['records/_pen/1 true', 'records/_pen/3 false'], 'the known runs after it');
    },
  },
  {
    name: 'takes runs out, and does not mind those that are not there',
    async run({ index }) {
      await index.put([made('Pen', 1), made('Pen', 2), made('Pen', 12)]);
      await index.remove([made('Pen', 1).key, 'records/_pen/99']);
      sameNames(await knownIn(index), ['records/_pen/2 false', 'records/_pen/12 false'], 'the known runs');
      sameData(await runsOf(index, { where: { tags: ['nightly'] } }), [made('Pen', 12), made('Pen', 2)]);
      await index.put([made('Pen', 1)]);
      sameData((await runsOf(index)).length, 3, 'runs after one was put back');
    },
  },
  {
    name: 'is empty when it was cleared, and serves again',
    async run({ index }) {
      await index.put([made('Pen', 1), made('Pen', 2)]);
      await index.clear();
      sameData(await knownIn(index), []);
      await index.put([made('Pen', 2)]);
      sameData(await runsOf(index, { where: { tags: ['nightly'] } }), [made('Pen', 2)]);
    },
  },
  {
    name: 'takes what two handles put at once, and can be closed twice',
    needs: ['reopen'],
    async run({ index, reopen }) {
      const other = (await reopen?.()) as RunIndex;
      const runs = selectableRuns('x', 'Penguins').map(keyed);
      const put = async (to: RunIndex) => {
        for (let at = 0; at < runs.length; at += 4) await to.put(runs.slice(at, at + 4));
      };
      await Promise.all([put(index), put(other), other.remove(['records/_penguins/none'])]);
      await other.close?.();
      await other.close?.();
      sameData(await runsOf(index), [...runs].reverse());
    },
  },
  {
    name: 'rejects every call that was aborted before with the reason',
    async run({ index }) {
      const reason = new Error('too late');
      const options = { signal: AbortSignal.abort(reason) };
      await index.put([made('Pen', 1)]);
      await rejectsAs(reason, 'an aborted put', () => index.put([made('Pen', 2)], options));
      await rejectsAs(reason, 'an aborted remove', () => index.remove([made('Pen', 1).key], options));
      await rejectsAs(reason, 'an aborted clear', () => index.clear(options));
      await rejectsAs(reason, 'an aborted snapshot', () => index.snapshot(options));
      sameData(await runsOf(index), [made('Pen', 1)]);
    },
  },
];

/** The cases of the RunIndex contract. */
export const indexKit: Kit<IndexSubject> = {
  kind: 'RunIndex',
  cases,
  has: ({ reopen }, need) => need === 'reopen' && reopen !== undefined,
};
