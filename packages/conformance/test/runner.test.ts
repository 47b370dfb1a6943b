import type { TaskRunner } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { runnerKit } from '../src/runner/index.ts';
import type { RunnerSubject } from '../src/runner/subject.ts';
import { describeRunner } from '../src/vitest.ts';
import { brokenRunners } from './broken/runners.ts';
import { failedCases, type Mutant, printTable, runMutants, unproven } from './mutation-table.ts';
import { ScriptedRunner, Values } from './reference/scripted-runner.ts';

function subjectOf(open: (values: Values) => TaskRunner): RunnerSubject {
  const values = new Values();
  return {
    runner: open(values),
    code: { bundle: 'file:///no/such/bundle.js', digest: 'test:0', flow: 'Cases' },
    store: async (value) => values.store(value),
    load: async ({ reference }) => values.load(reference),
  };
}

describeRunner('the reference runner', async () => subjectOf((values) => new ScriptedRunner(values)));

describe('the TaskRunner kit', () => {
  const mutants: Mutant[] = [];
  for (const { mistake, failing, open } of brokenRunners) {
    it(`notices a runner that ${mistake}`, async () => {
      const subject = async () => ({ subject: subjectOf(open), close: async () => undefined });
      const [mutant] = await runMutants(runnerKit, [{ mistake, failing, open: subject }], 600);
      if (mutant !== undefined) mutants.push(mutant);
      expect(failedCases(mutant?.results ?? [])).toEqual(expect.arrayContaining([...failing]));
    });
  }

  it('has a broken runner for every case', () => {
    printTable(runnerKit, mutants);
    expect(unproven(runnerKit, mutants)).toEqual([]);
  });
});
