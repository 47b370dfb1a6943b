import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeProject } from '../../project.ts';
import { compare, openCoveredRuns } from './covered-runs.ts';

const EXAMPLES = fileURLToPath(new URL('../../../../../examples', import.meta.url));

const runs = openCoveredRuns();

/** Copies the files of an example into a project, with the packages it uses. */
function copyExample(name: string): string {
  const project = makeProject({});
  project.remove('node_modules');
  const isOwn = (path: string) => !/[\\/](node_modules|test|tsconfig\.json)$/.test(path);
  cpSync(join(EXAMPLES, name), project.root, { recursive: true, filter: isOwn });
  symlinkSync(join(EXAMPLES, name, 'node_modules'), project.path('node_modules'), 'junction');
  return project.path(`${name}.ts`);
}

test('what runs in the steps of an example is what they reach', { timeout: 120_000 }, async () => {
  const { loaded, steps } = await runs.cover({
    path: copyExample('penguins'),
    name: 'Penguins',
    given: { folds: 2 },
    calls: [{ step: 'load' }, { step: 'clean' }, { step: 'train', each: 'models' }, { step: 'report', join: true }],
  });
  expect(loaded.missed).toEqual([]);
  expect(steps.map(({ step, failure, missed, missedAlone }) => [step, failure, missed, missedAlone])).toEqual(
    ['load', 'clean', 'train', 'report'].map((step) => [step, undefined, [], []]),
  );
  expect(steps.map(({ ran }) => ran.map((each) => each.replace(/:\d+$/, '')).sort())).toEqual([
    ['penguins.ts#Penguins.load', 'sightings.ts#readPenguins'],
    ['penguins.ts#Penguins.clean', 'sightings.ts#toRow'],
    expect.arrayContaining(['models.ts#trainers', 'models.ts#crossValidate', 'shuffle.ts#shuffled']),
    ['models.ts#bestOf', 'penguins.ts#Penguins.report'],
  ]);
});

test('what runs in the steps of the smallest example is what they reach', async () => {
  const { steps } = await runs.cover({
    path: copyExample('hello'),
    name: 'Hello',
    given: { names: 'Ada, Grace' },
    calls: [{ step: 'invite' }, { step: 'greet', each: 'guests' }, { step: 'collect', join: true }],
  });
  expect(steps.map(({ failure, ran, missed }) => [failure, ran, missed])).toEqual([
    [undefined, ['hello.ts#Hello.invite:11'], []],
    [undefined, ['hello.ts#Hello.greet:16'], []],
    [undefined, ['hello.ts#Hello.collect:22'], []],
  ]);
});

test('a piece that ran is missed unless the same piece, or its whole file, was expected to run', () => {
  const ran = ['a.ts#f', 'a.ts#g', 'a.ts', 'b.ts#h', 'c.cjs#k'].map((label) => ({ label, line: 2 }));
  const expected = [
    { label: 'a.ts#f', line: 2 },
    { label: 'a.ts#g', line: 3 },
    { label: 'c.cjs', line: 1 },
  ];
  expect(compare(ran, expected).missed).toEqual(['a.ts#g:2', 'b.ts#h:2']);
});
