import { expect, test } from 'vitest';
import { diffFingerprints, renderTree, whyReached } from '../src/index.ts';
import { type Files, flow, makeProject } from './project.ts';

const FILES: Files = {
  'flow.ts': flow(
    `import { shuffle } from './lib/shuffle.ts';\nimport { solve } from 'solver';`,
    `  rows!: unknown;\n  @step({ catch: 'rows' }) train() { this.rows = [shuffle(), solve]; }`,
  ),
  'lib/shuffle.ts': `import { normalize } from './math.ts';\nexport const shuffle = () => normalize(1);\n`,
  'lib/math.ts': 'export const normalize = (x: number) => x / 2;\n',
  'lib/other.ts': 'export const normalize = (x: number) => x / 3;\n',
  'node_modules/solver/package.json': '{ "name": "solver", "version": "4.1.0", "main": "i.js" }',
  'node_modules/solver/i.js': 'exports.solve = 1;',
};

async function change(files: Files) {
  const project = makeProject(FILES);
  const [before] = await project.fingerprint(['train']);
  project.write(files);
  const [after] = await project.fingerprint(['train']);
  if (!before || !after) throw new Error('no fingerprint');
  return { before, after, causes: diffFingerprints(before, after) };
}

test('a changed body is the one cause, with the way to it', async () => {
  const { causes } = await change({
    'lib/math.ts': '\n// moved down\nexport const normalize = (x: number) => x / 4;\n',
  });
  expect(causes).toEqual([
    {
      kind: 'changed',
      label: 'lib/math.ts#normalize',
      chain: ['flow.ts#Example.train', 'lib/shuffle.ts#shuffle', 'lib/math.ts#normalize'],
      message: 'normalize in lib/math.ts changed (Example.train -> shuffle -> normalize)',
    },
  ]);
});

test('a name that leads elsewhere is re-bound', async () => {
  const { causes } = await change({
    'lib/shuffle.ts': `import { normalize } from './other.ts';\nexport const shuffle = () => normalize(1);\n`,
  });
  expect(causes).toMatchObject([{ kind: 'rebound', before: 'lib/math.ts#normalize', after: 'lib/other.ts#normalize' }]);
});

test('a package shows both versions', async () => {
  const { causes } = await change({
    'node_modules/solver/package.json': '{ "name": "solver", "version": "4.1.2", "main": "i.js" }',
  });
  expect(causes).toMatchObject([
    { kind: 'package', before: '4.1.0', after: '4.1.2', message: 'package solver 4.1.0 -> 4.1.2 (via Example.train)' },
  ]);
});

test('an option of the step is told apart from its body', async () => {
  const { causes } = await change({ 'flow.ts': (FILES['flow.ts'] ?? '').replace("catch: 'rows'", "catch: 'oops'") });
  expect(causes).toMatchObject([{ kind: 'option', message: 'an option of Example.train changed' }]);
});

test('code that runs while files are loaded and is new is added', async () => {
  const { causes } = await change({ 'lib/math.ts': `${FILES['lib/math.ts']}globalThis.x = 1;\n` });
  expect(causes).toMatchObject([{ kind: 'added' }]);
});

test('equal fingerprints have no cause, and moving code has none', async () => {
  const { causes } = await change({
    'lib/shuffle.ts': `import { normalize } from './moved.ts';\nexport const shuffle = () => normalize(1);\n`,
    'lib/moved.ts': 'export const normalize = (x: number) => x / 2;\n',
  });
  expect(causes).toEqual([]);
});

test('the tree shows every piece below what reaches it, and why gives the way', async () => {
  const { before } = await change({});
  expect(
    renderTree(before)
      .replace(/[0-9a-f]{8,}/g, '#')
      .split('\n'),
  ).toEqual([
    'train sha256:#',
    '  flow.ts#Example:4 #',
    '    varve#Flow:1 #',
    '  flow.ts#Example.train:6 #',
    '    lib/shuffle.ts#shuffle:2 #',
    '      lib/math.ts#normalize:1 #',
    '    solver#solve:1 #',
    '  flow.ts#Example.train @step:6 #',
    'package solver 4.1.0 (via flow.ts#Example.train)',
  ]);
  const way = ['flow.ts#Example.train', 'lib/shuffle.ts#shuffle', 'lib/math.ts#normalize'];
  expect(whyReached(before, 'lib/math.ts#normalize')).toEqual(way);
  expect(whyReached(before, 'normalize')).toEqual(way);
  expect(whyReached(before, 'lib/math.ts')).toEqual(way);
  expect(whyReached(before, 'lib/other.ts')).toBeUndefined();
});
