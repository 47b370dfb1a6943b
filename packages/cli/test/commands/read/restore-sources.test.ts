import { expect, it } from 'vitest';
import { placeSources } from '../../../src/commands/read/restore-sources.ts';

it('varve code -o keeps the paths of files inside the project', () => {
  expect(placeSources(['flow.ts', 'lib/a.ts'])).toEqual(['flow.ts', 'lib/a.ts']);
});

it('varve code -o puts files from beside the project beside it', () => {
  expect(placeSources(['flow.ts', '../lib/a.ts'])).toEqual(['project/flow.ts', 'lib/a.ts']);
  expect(placeSources(['flow.ts', '../lib/a.ts', '../../b.ts'])).toEqual([
    'project/project/flow.ts',
    'project/lib/a.ts',
    'b.ts',
  ]);
});

it('varve code -o maps no two files to the same path', () => {
  expect(placeSources(['flow.ts', '../project/flow.ts'])).toEqual(['project_/flow.ts', 'project/flow.ts']);
});
