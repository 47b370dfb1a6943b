export * from './flow-client.ts';
export * from './history.ts';
export * from './pathspec.ts';
export * from './results/index.ts';
export * from './run-view.ts';
