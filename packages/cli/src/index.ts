import { createApi } from '@varve/core/app';
import { DEFAULTS } from './default-stack-url.ts';

export * from '@varve/core';

const api = createApi(DEFAULTS);

/** The history of a flow: `const run = await client(Penguins).last(); run.artifacts.best`. */
export const client = api.client;

/** Runs a flow from code: `const run = await run(Penguins, { folds: 3 })`. */
export const run = api.run;

/** Goes on with a run that stopped, from code: `const run = await resume(Penguins)`. */
export const resume = api.resume;

/** Tries one task on what a run has left for it: `const { artifacts } = await spin(Penguins, 'train[knn]')`. */
export const spin = api.spin;
