import { describe, expect, it } from 'vitest';
import { metadataKit } from '../src/metadata/index.ts';
import { describeMetadata } from '../src/vitest.ts';
import { brokenMetadata } from './broken/metadata.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { type Journals, MemoryMetadata } from './reference/memory-metadata.ts';

const shared: Journals = new Map();
describeMetadata('the reference provider', () => new MemoryMetadata(shared));

describe('the MetadataProvider kit', () => {
  const mutants: Mutant[] = [];
  for (const broken of brokenMetadata) {
    it(`notices a provider that ${broken.mistake}`, async () => {
      const open = async () => {
        const journals: Journals = new Map();
        const subject = { provider: broken.open(journals), scope: 'x1', reopen: async () => broken.open(journals) };
        return { subject, close: async () => undefined };
      };
      const [mutant] = await runMutants(metadataKit, [{ ...broken, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...broken.failing]));
    });
  }

  it('has a broken provider for every case', () => {
    printTable(metadataKit, mutants);
    expect(unproven(metadataKit, mutants)).toEqual([]);
  });
});
