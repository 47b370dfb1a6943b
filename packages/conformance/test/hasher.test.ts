import { describe, expect, it } from 'vitest';
import { hasherKit } from '../src/hasher.ts';
import { describeHasher } from '../src/vitest.ts';
import { brokenHashers, goodHasher } from './broken/hashers.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';

describeHasher('the reference hasher', () => goodHasher);

describe('the Hasher kit', () => {
  const mutants: Mutant[] = [];
  for (const { mistake, failing, hasher } of brokenHashers) {
    it(`notices a hasher that ${mistake}`, async () => {
      const open = async () => ({ subject: hasher, close: async () => undefined });
      const [mutant] = await runMutants(hasherKit, [{ mistake, failing, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...failing]));
    });
  }

  it('has a broken hasher for every case', () => {
    printTable(hasherKit, mutants);
    expect(unproven(hasherKit, mutants)).toEqual([]);
  });
});
