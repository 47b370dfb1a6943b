import assert from 'node:assert/strict';
import type { MetadataProvider } from '@varve/core/contract';
import type { Case } from '../case.ts';
import { rejectsAs, rejectsWith, sameData } from '../expect.ts';
import { checkSelections, selectableRuns } from './selections.ts';
import { eventsOf, type MetadataSubject, makeRun, runsOf, SUMMARY, started } from './subject.ts';

/** Cases about runs: created once, ended once, listed newest first. */
export const runCases: readonly Case<MetadataSubject>[] = [
  {
    name: 'has a name to show',
    async run({ provider }) {
      assert.ok(provider.name.trim().length > 0, 'the name is empty');
    },
  },
  {
    name: 'gives a run back as it was created, without a summary',
    async run(subject) {
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      await subject.provider.createRun(run);
      const found = await subject.provider.run(run.flow, run.id);
      sameData(found?.record, run);
      assert.equal(found?.summary, undefined, 'the summary of a run that is going');
    },
  },
  {
    name: 'answers undefined for a run it does not know',
    async run(subject) {
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      assert.equal(await subject.provider.run(run.flow, run.id), undefined, 'a run before it was created');
      await subject.provider.createRun(run);
      assert.equal(await subject.provider.run(run.flow, `${run.id}x`), undefined, 'a longer id');
      assert.equal(await subject.provider.run(`Other${subject.scope}`, run.id), undefined, 'the id under another flow');
    },
  },
  {
    name: 'refuses to create a run twice with already-exists, and keeps the first',
    async run(subject) {
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      await subject.provider.createRun(run);
      const again = () => subject.provider.createRun({ ...run, user: 'eve' });
      await rejectsWith('already-exists', 'the second createRun', again);
      assert.equal((await subject.provider.run(run.flow, run.id))?.record.user, 'ada');
    },
  },
  {
    name: 'keeps the summary, and the first one of several',
    async run(subject) {
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      await subject.provider.createRun(run);
      await subject.provider.finishRun(run, SUMMARY);
      await subject.provider.finishRun(run, { status: 'succeeded', endedAt: 1, counts: {} });
      sameData((await subject.provider.run(run.flow, run.id))?.summary, SUMMARY);
      sameData((await runsOf(subject.provider, run.flow))[0]?.summary, SUMMARY, 'the summary in the list');
    },
  },
  {
    name: 'lists the runs of a flow, newest first',
    async run(subject) {
      const flow = `Penguins${subject.scope}`;
      for (const n of [3, 1, 12, 2]) await subject.provider.createRun(makeRun(subject, flow, n));
      const found = await runsOf(subject.provider, flow);
      sameData(
        found.map(({ record }) => record),
        [12, 3, 2, 1].map((n) => makeRun(subject, flow, n)),
      );
    },
  },
  {
    name: 'keeps flows apart whose names are alike',
    async run(subject) {
      const { provider, scope } = subject;
      const flows = [
        `Pen${scope}`,
        `pen${scope}`,
        `Pen${scope}s`,
        `Überblick${scope}`,
        `$Pen_${scope}`,
        `Pen${scope}/s`,
      ];
      for (const [n, flow] of flows.entries()) await provider.createRun(makeRun(subject, flow, n));
      for (const [n, flow] of flows.entries()) {
        const records = (await runsOf(provider, flow)).map(({ record }) => record);
        sameData(records, [makeRun(subject, flow, n)], `the runs of ${flow}`);
      }
    },
  },
  {
    name: 'lists the runs of all flows, newest first',
    async run(subject) {
      const { provider, scope } = subject;
      const runs = [1, 2, 3, 4].map((n) => makeRun(subject, n % 2 === 0 ? `Even${scope}` : `Odd${scope}`, n));
      for (const run of runs) await provider.createRun(run);
      const found = (await runsOf(provider)).filter(({ record }) => record.flow.endsWith(scope));
      sameData(
        found.map(({ record }) => record.number),
        [4, 3, 2, 1],
      );
    },
  },
  {
    name: 'lets a reader leave the list of runs early, and lists nothing for a flow without runs',
    async run(subject) {
      const { provider, scope } = subject;
      for (const n of [1, 2, 3]) await provider.createRun(makeRun(subject, `Penguins${scope}`, n));
      for (let round = 0; round < 2; round++) {
        for await (const { record } of provider.runs({ flow: `Penguins${scope}` })) {
          assert.equal(record.number, 3);
          break;
        }
      }
      sameData(await runsOf(provider, `None${scope}`), []);
    },
  },
  {
    name: 'leaves out the runs that are not selected, and no other',
    needs: ['selectsRuns'],
    async run({ provider, scope }) {
      const flow = `Penguins${scope}`;
      const runs = selectableRuns(scope, flow);
      for (const { record, summary } of runs) {
        await provider.createRun(record);
        if (summary) await provider.finishRun(record, summary);
      }
      await checkSelections(runs, (where) => provider.runs({ flow, where }));
    },
  },
  {
    name: 'rejects every call that was aborted before with the reason',
    async run(subject) {
      const { provider, scope } = subject;
      const reason = new Error('too late');
      const options = { signal: AbortSignal.abort(reason) };
      const run = makeRun(subject, `Penguins${scope}`, 1);
      await rejectsAs(reason, 'an aborted createRun', () => provider.createRun(run, options));
      await provider.createRun(run);
      const append = () => provider.append(run, [started('a')], { ...options, expectedLength: 0 });
      await rejectsAs(reason, 'an aborted append', append);
      await rejectsAs(reason, 'an aborted finishRun', () => provider.finishRun(run, SUMMARY, options));
      await rejectsAs(reason, 'an aborted run', () => provider.run(run.flow, run.id, options));
      await rejectsAs(reason, 'aborted events', () => drain(provider.events(run, options)));
      await rejectsAs(reason, 'aborted runs', () => drain(provider.runs({ flow: run.flow }, options)));
      sameData(await eventsOf(provider, run), [], 'events after an aborted append');
      assert.equal(
        (await provider.run(run.flow, run.id))?.summary,
        undefined,
        'the summary after an aborted finishRun',
      );
    },
  },
  {
    name: 'shows another handle at once what it wrote, and can be closed twice',
    needs: ['reopen'],
    async run(subject) {
      const other = (await subject.reopen?.()) as MetadataProvider;
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      assert.equal(await other.run(run.flow, run.id), undefined);
      await subject.provider.createRun(run);
      await subject.provider.append(run, [started('a')], { expectedLength: 0 });
      assert.equal((await eventsOf(other, run)).length, 1, 'events seen by the other handle');
      await other.append(run, [started('b')], { expectedLength: 1 });
      await other.close?.();
      await other.close?.();
      assert.equal((await eventsOf(subject.provider, run)).length, 2, 'events after the other handle was closed');
    },
  },
];

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const item of stream) assert.ok(item);
}
