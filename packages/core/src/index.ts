/** What users of varve import: flows, steps, parameters, reading results, configuration, and the contract for plugins. */
export * from './api/public.ts';
export * from './contract/index.ts';
