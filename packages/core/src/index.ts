/** What users of varve import: flows, steps, parameters, reading results, configuration, and the contract for plugins. */
export * from './app/public.ts';
export * from './contract/index.ts';
