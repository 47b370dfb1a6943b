import { digestOf, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { Digest, Reference } from '../../src/contract/index.ts';
import type { OriginTask, ResumeSource } from '../../src/run/plan/resume-source.ts';
import { artifact, done, FakeRun } from './fake-run.ts';

/** `make` is followed by a task for each item; their join is followed by `end`, which deletes nothing. */
const steps = [
  step('make', { children: ['train'] }),
  step('train', {
    kind: 'foreach',
    foreach: 'items',
    parents: ['make'],
    scope: ['train'],
    children: ['join'],
  }),
  step('join', { kind: 'foreach-join', join: 'train', closes: 'train', parents: ['train'], children: ['end'] }),
  step('end', { kind: 'linear', parents: ['join'] }),
];

function cloned(task: string, ...writes: string[]): [string, OriginTask] {
  const references = Object.fromEntries(writes.map((name) => [name, artifact(name).reference]));
  return [
    task,
    {
      ...{ writes: references, deletes: [], reads: [], ms: 1 },
      ...{ from: `F/1/${task}`, key: undefined, sameBundle: true },
    },
  ];
}

/** The run before has finished everything but `end`. */
function resumed(lost: readonly string[]) {
  const fake = new FakeRun();
  const asked: Reference[] = [];
  fake.missing = lost.map((text) => digestOf(text));
  fake.askedMissing = (references) => asked.push(...references);
  fake.digests = ['a'.repeat(16), 'b'.repeat(16)];
  fake.behaviour = (spec) => done(...(spec.step === 'make' ? ['made'] : [`new ${spec.step}`]));
  const origin: ResumeSource = {
    ...{ path: 'F/1', trust: 'verify', initialisers: 'reuse', rerunSteps: new Set(), rerunTasks: new Set() },
    elements: new Map([['train', fake.digests]]),
    tasks: new Map([
      cloned('init', 'items'),
      cloned('make', 'made'),
      cloned('train[0]', 'score a'),
      cloned('train[1]', 'score b'),
      cloned('join', 'joined'),
    ]),
  };
  return { fake, asked, run: () => fake.run(steps, { origin }) };
}

const warningsOf = ({ progress }: FakeRun) =>
  progress.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
const digestsOf = (names: readonly string[]): Digest[] => names.map((name) => digestOf(name)).sort();

describe('a resumed run that executes its last step', () => {
  it('asks for everything that it took over, and for nothing that it has made', async () => {
    const { fake, asked, run } = resumed([]);
    expect(await run()).toMatchObject({ status: 'succeeded', counts: { cloned: 4, succeeded: 1 } });
    expect(fake.started).toEqual(['own:end']);
    const all = digestsOf(['items', 'made', 'score a', 'score b', 'joined']);
    expect([...new Set(asked.map(({ digest }) => digest))].sort()).toEqual(all);
    expect(warningsOf(fake)).toEqual([]);
  });

  it('makes a lost artifact again that it leaves, although nothing has read it', async () => {
    const { fake, run } = resumed(['made']);
    expect(await run()).toMatchObject({ status: 'succeeded', counts: { cloned: 3, succeeded: 2 } });
    expect(fake.started).toEqual(['own:end', 'own:make']);
    expect(warningsOf(fake)).toEqual([]);
  });

  it('says which results between are gone, and how to make them again', async () => {
    const { fake, run } = resumed(['score a', 'score b']);
    expect(await run()).toMatchObject({ status: 'succeeded', counts: { cloned: 4, succeeded: 1 } });
    expect(fake.started).toEqual(['own:end']);
    expect(warningsOf(fake)).toEqual([
      'BLOB_MISSING train[a].score a, train[b].score b of the resumed run are gone from the store. Nothing in this run needed them; varve resume --from train makes them again',
    ]);
  });
});

it('a run of its own asks for nothing', async () => {
  const fake = new FakeRun();
  const asked: Reference[] = [];
  fake.askedMissing = (references) => asked.push(...references);
  fake.behaviour = (spec) => done(spec.step);
  await fake.run(steps);
  expect(asked).toEqual([]);
});
