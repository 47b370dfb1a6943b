import { expect, it } from 'vitest';
import { countsLine, mergeReports } from '../stages/counts.mjs';

function report(...files: [name: string, ...tests: [fullName: string, status: string][]][]) {
  return {
    testResults: files.map(([name, ...tests]) => ({
      name,
      status: tests.some(([, status]) => status === 'failed') || tests.length === 0 ? 'failed' : 'passed',
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    })),
  };
}

it('the counts of CI hold every test once over two runs, with the worse outcome', () => {
  const first = report(['a.test.ts', ['works', 'passed'], ['breaks', 'passed'], ['waits', 'pending']]);
  const second = report(['a.test.ts', ['works', 'passed'], ['breaks', 'failed'], ['waits', 'todo']]);
  expect(countsLine(mergeReports([first, second]))).toBe('1 passed, 1 failed, 1 skipped');
});

it('the counts of CI hold a file twice that runs in two projects', () => {
  const both = report(['a.test.ts', ['works', 'passed']], ['a.test.ts', ['works', 'failed']]);
  expect(countsLine(mergeReports([both, both]))).toBe('1 passed, 1 failed, 0 skipped');
});

it('the counts of CI hold one failure for a file that could not be loaded', () => {
  expect(countsLine(mergeReports([report(['a.test.ts'])]))).toBe('0 passed, 1 failed, 0 skipped');
});
