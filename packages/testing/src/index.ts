/** Tests flows and single steps in memory, in the process of any test runner. */
export { createTesting, type TestingParts } from './create-testing.ts';
export type { Given, StepArguments, Stubs, TestFlowOptions, Testing } from './types.ts';
