import { describe, expect, it } from 'vitest';
import { serializerKit } from '../src/serializer/index.ts';
import { describeSerializer } from '../src/vitest.ts';
import { brokenSerializers } from './broken/serializers.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { strictJson } from './reference/strict-json.ts';

describeSerializer('the reference serializer', () => strictJson);

describe('the Serializer kit', () => {
  const mutants: Mutant[] = [];
  for (const { mistake, failing, serializer } of brokenSerializers) {
    it(`notices a serializer that ${mistake}`, async () => {
      const open = async () => ({ subject: serializer, close: async () => undefined });
      const [mutant] = await runMutants(serializerKit, [{ mistake, failing, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...failing]));
    });
  }

  it('has a broken serializer for every case', () => {
    printTable(serializerKit, mutants);
    expect(unproven(serializerKit, mutants)).toEqual([]);
  });
});
