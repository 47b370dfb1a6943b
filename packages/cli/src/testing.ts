/** Tests of flows and of single steps, in memory, with the default serializer. */

import { createTesting } from '@varve/testing';

export {
  createTesting,
  type Given,
  type StepArguments,
  type Stubs,
  type TestFlowOptions,
  type Testing,
  type TestingParts,
} from '@varve/testing';

const testing = createTesting({
  serializer: async () => (await import('@varve/serializer-exact')).exact(),
});

/** Runs a flow in memory: `const run = await testFlow(Penguins, { params: { folds: 2 }, stub: { load() { … } } })`. */
export const testFlow = testing.testFlow;

/** Runs one step: `const after = await runStep(Penguins, 'clean', { raw }); after.rows`. */
export const runStep = testing.runStep;

/** Output of the step whose result `runStep` returned. */
export const logOf = testing.logOf;
