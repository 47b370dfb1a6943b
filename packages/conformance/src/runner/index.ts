/** The cases of the TaskRunner contract: results, reads and failures of attempts. */

import type { Kit } from '../case.ts';
import { failureCases, resultCases } from './attempts.ts';
import { readCases } from './reads.ts';
import { type RunnerSubject, runnerHas } from './subject.ts';

export const runnerKit: Kit<RunnerSubject> = {
  kind: 'TaskRunner',
  cases: [...resultCases, ...readCases, ...failureCases],
  has: runnerHas,
};
