import { describe, expect, it } from 'vitest';
import { renderTree, whyReached } from '../src/index.ts';
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

async function fingerprintTrain() {
  const [found] = await makeProject(FILES).fingerprint(['train']);
  if (!found) throw new Error('no fingerprint');
  return found;
}

describe('renderTree', () => {
  it('shows every piece a step reaches below the piece that first reached it', async () => {
    const tree = renderTree(await fingerprintTrain());
    expect(tree.replace(/[0-9a-f]{8,}/g, '#').split('\n')).toEqual([
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
  });
});

describe('whyReached', () => {
  it.each(['lib/math.ts#normalize', 'normalize', 'lib/math.ts'])(
    'gives the labels from a step to a piece named %s',
    async (label) => {
      const way = ['flow.ts#Example.train', 'lib/shuffle.ts#shuffle', 'lib/math.ts#normalize'];
      expect(whyReached(await fingerprintTrain(), label)).toEqual(way);
    },
  );

  it('gives nothing for a piece that a step does not reach', async () => {
    expect(whyReached(await fingerprintTrain(), 'lib/other.ts')).toBeUndefined();
  });
});
