import { describe, expect, it } from 'vitest';
import { fingerprinterKit } from '../src/fingerprinter/index.ts';
import { describeFingerprinter } from '../src/vitest.ts';
import { brokenFingerprinters } from './broken/fingerprinters.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { Slicer } from './reference/slicer.ts';

describeFingerprinter('the reference fingerprinter', () => new Slicer());

describe('the Fingerprinter kit', () => {
  const mutants: Mutant[] = [];
  for (const { mistake, failing, fingerprinter } of brokenFingerprinters) {
    it(`notices a fingerprinter that ${mistake}`, async () => {
      const open = async () => ({ subject: fingerprinter, close: async () => undefined });
      const [mutant] = await runMutants(fingerprinterKit, [{ mistake, failing, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...failing]));
    });
  }

  it('has a broken fingerprinter for every case', () => {
    printTable(fingerprinterKit, mutants);
    expect(unproven(fingerprinterKit, mutants)).toEqual([]);
  });
});
