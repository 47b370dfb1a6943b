import { createTesting } from '@varve/core/testing';

export * from '@varve/core/testing';

const testing = createTesting({
  serializer: async () => (await import('@varve/serializer-superjson')).superjson(),
});

/** Runs a flow in memory: `const run = await testFlow(Penguins, { params: { folds: 2 }, stub: { load() { … } } })`. */
export const testFlow = testing.testFlow;

/** Runs one step: `const after = await runStep(Penguins, 'clean', { raw }); after.rows`. */
export const runStep = testing.runStep;

/** What the step printed whose result `runStep` gave. */
export const logOf = testing.logOf;
