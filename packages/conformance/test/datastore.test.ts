import { describe, expect, it } from 'vitest';
import { datastoreKit } from '../src/datastore/index.ts';
import { describeDatastore } from '../src/vitest.ts';
import { brokenDatastores } from './broken/datastores.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { MemoryDatastore, newPlace } from './reference/memory-datastore.ts';

const shared = newPlace();
describeDatastore('the reference store', () => new MemoryDatastore(shared));

describe('the Datastore kit', () => {
  const mutants: Mutant[] = [];
  for (const broken of brokenDatastores) {
    it(`notices a store that ${broken.mistake}`, async () => {
      const open = async () => {
        const place = newPlace();
        const store = broken.open(place);
        return {
          subject: { store, prefix: 'p', reopen: async () => broken.open(place) },
          close: async () => undefined,
        };
      };
      const [mutant] = await runMutants(datastoreKit, [{ ...broken, open }]);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...broken.failing]));
    });
  }

  it('has a broken store for every case', () => {
    printTable(datastoreKit, mutants);
    expect(unproven(datastoreKit, mutants)).toEqual([]);
  });
});
