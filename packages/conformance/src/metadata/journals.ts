import assert from 'node:assert/strict';
import { type RunEvent, StoreError } from '@varve/core/contract';
import type { Case } from '../case.ts';
import { rejectsWith, sameData, sameItems } from '../expect.ts';
import { eventsOf, everyEvent, type MetadataSubject, makeRun, started } from './subject.ts';

const RACERS = 20;

async function created(subject: MetadataSubject, n = 1) {
  const run = makeRun(subject, `Penguins${subject.scope}`, n);
  await subject.provider.createRun(run);
  return run;
}

/** Cases about journals: append-only, in order, all or none. */
export const journalCases: readonly Case<MetadataSubject>[] = [
  {
    name: 'starts a journal empty',
    async run(subject) {
      sameData(await eventsOf(subject.provider, await created(subject)), []);
    },
  },
  {
    name: 'gives every type of event back with all its fields',
    async run(subject) {
      const run = await created(subject);
      await subject.provider.append(run, everyEvent(), { expectedLength: 0 });
      sameData(await eventsOf(subject.provider, run), everyEvent());
      assert.equal(({} as Record<string, unknown>).digest, undefined, 'a stored name reached Object.prototype');
    },
  },
  {
    name: 'keeps the order of events within and between appends',
    async run(subject) {
      const run = await created(subject);
      const events = Array.from({ length: 60 }, (_, n) => started(`step[${n}]`, 60 - n));
      for (let start = 0, size = 1; start < events.length; start += size, size += 1) {
        await subject.provider.append(run, events.slice(start, start + size), { expectedLength: start });
      }
      sameData(await eventsOf(subject.provider, run), events);
    },
  },
  {
    name: 'keeps the journals of runs apart',
    async run(subject) {
      const runs = [await created(subject, 1), await created(subject, 10), await created(subject, 100)];
      for (const run of runs) {
        await subject.provider.append(run, [started(`only-${run.number}`)], { expectedLength: 0 });
      }
      for (const run of runs) {
        sameData(await eventsOf(subject.provider, run), [started(`only-${run.number}`)]);
      }
    },
  },
  {
    name: 'rejects an append to an unknown run with not-found',
    async run(subject) {
      const run = makeRun(subject, `Penguins${subject.scope}`, 1);
      const append = () => subject.provider.append(run, [started('a')], { expectedLength: 0 });
      await rejectsWith('not-found', 'append to a run that was never created', append);
    },
  },
  {
    name: 'refuses an append at a wrong length with already-exists, and stores none of it',
    needs: ['conditionalAppend'],
    async run(subject) {
      const run = await created(subject);
      const { provider } = subject;
      await provider.append(run, [started('a'), started('b')], { expectedLength: 0 });
      for (const expectedLength of [0, 1, 3]) {
        const append = () => provider.append(run, [started('x'), started('y')], { expectedLength });
        await rejectsWith('already-exists', `append at ${expectedLength} of 2`, append);
      }
      sameData(await eventsOf(provider, run), [started('a'), started('b')]);
    },
  },
  {
    name: 'lets exactly one of 20 appends at the same length win, whole',
    needs: ['conditionalAppend'],
    async run(subject) {
      const run = await created(subject);
      const outcomes = await Promise.allSettled(
        Array.from({ length: RACERS }, async (_, racer) => {
          const events = Array.from({ length: (racer % 4) + 1 }, (_event, n) => started(`racer${racer}[${n}]`));
          await subject.provider.append(run, events, { expectedLength: 0 });
          return events;
        }),
      );
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(winners.length, 1, `of ${RACERS} appends at the same length, ${winners.length} succeeded`);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          assert.ok(StoreError.is(outcome.reason, 'already-exists'), String(outcome.reason));
      }
      sameData(await eventsOf(subject.provider, run), winners[0]);
    },
  },
  {
    name: 'keeps a journal of 10,000 events',
    heavy: true,
    async run(subject) {
      const run = await created(subject);
      const events: RunEvent[] = Array.from({ length: 10_000 }, (_, n) => started(`step[${n}]`));
      for (let start = 0; start < events.length; start += 100) {
        await subject.provider.append(run, events.slice(start, start + 100), { expectedLength: start });
      }
      sameItems(await eventsOf(subject.provider, run), events, 'the events');
    },
  },
];
