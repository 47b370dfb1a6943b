export * from './env.ts';
export * from './frame.ts';
export * from './plan.ts';
export * from './ports.ts';
export * from './problems.ts';
export * from './progress.ts';
export * from './scheduler.ts';
export * from './task-spec.ts';
