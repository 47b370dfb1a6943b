import { expect, it } from 'vitest';
import { placeSources } from '../../../src/commands/read/restore-sources.ts';

it('leaves the files of a project where they are', () => {
  expect(placeSources(['flow.ts', 'lib/a.ts'])).toEqual(['flow.ts', 'lib/a.ts']);
});

it('puts what lies beside the project beside it', () => {
  expect(placeSources(['flow.ts', '../lib/a.ts'])).toEqual(['project/flow.ts', 'lib/a.ts']);
  expect(placeSources(['flow.ts', '../lib/a.ts', '../../b.ts'])).toEqual([
    'project/project/flow.ts',
    'project/lib/a.ts',
    'b.ts',
  ]);
});

it('lets no two files meet', () => {
  expect(placeSources(['flow.ts', '../project/flow.ts'])).toEqual(['project_/flow.ts', 'project/flow.ts']);
});
