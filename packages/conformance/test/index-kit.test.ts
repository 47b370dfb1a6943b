import type { IndexedRun } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { indexKit } from '../src/index-kit.ts';
import { describeIndex } from '../src/vitest.ts';
import { brokenIndexes } from './broken/indexes.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { MemoryIndex } from './reference/memory-index.ts';

const shared = new Map<string, IndexedRun>();
describeIndex('the reference index', () => new MemoryIndex(shared));

describe('the RunIndex kit', () => {
  const mutants: Mutant[] = [];
  for (const broken of brokenIndexes) {
    it(`notices an index that ${broken.mistake}`, async () => {
      const open = async () => {
        const held = new Map<string, IndexedRun>();
        const subject = { index: broken.open(held), reopen: async () => broken.open(held) };
        return { subject, close: async () => undefined };
      };
      const [mutant] = await runMutants(indexKit, [{ ...broken, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...broken.failing]));
    });
  }

  it('has a broken index for every case', () => {
    printTable(indexKit, mutants);
    expect(unproven(indexKit, mutants)).toEqual([]);
  });
});
