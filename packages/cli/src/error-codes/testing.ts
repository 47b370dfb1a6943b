import type { ErrorEntries } from './error-entry.ts';

/** Errors that `varve/testing` throws to a test. */
export const TESTING: ErrorEntries = {
  VARVE_TEST_ENDED: {
    meaning: 'A test asked for the path of a stored file after its run had ended, and nothing of that run is on disk.',
    remedy: 'Read the file with `bytes()`, `text()` or `stream()`; inside of a step `path()` works.',
  },
  VARVE_TEST_INPUT: {
    meaning:
      'A test gives a step something that no step of its kind is handed, or lacks what this one needs. As the cause of another error: the step had looked for artifacts that the test did not give.',
    remedy:
      'Give `runStep` the artifacts that the step reads, an `element` for a foreach, `tasks` or `inputs` for a join; leave out what no step reads.',
  },
  VARVE_TEST_RUN_FAILED: {
    meaning:
      'A test asked for an artifact that is not there because the run had failed; the message says where and why.',
    remedy: 'See the cause. A test that expects the failure looks at `run.status` and `run.error`.',
  },
  VARVE_TEST_STEP: {
    meaning: 'A test names a step that the flow does not have, or its stub is no function.',
    remedy: 'Correct the name. Only methods with `@step` are steps: what they call can be mocked with the test runner.',
  },
};
