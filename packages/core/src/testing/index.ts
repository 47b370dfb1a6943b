/** Tests of flows and of single steps, in the process of any test runner. */
export { createTesting, type TestingParts } from './create-testing.ts';
export type { Given, StepArguments, Stubs, TestFlowOptions, Testing } from './types.ts';
