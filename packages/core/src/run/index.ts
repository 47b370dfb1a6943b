export * from '../store/journal/artifact-scope.ts';
export { failedEntry, succeededEntry } from './loop/outcome-events.ts';
export * from './loop/scheduler.ts';
export * from './plan/frame.ts';
export * from './plan/plan.ts';
export * from './plan/ports.ts';

export * from './plan/resume-source.ts';

export * from './plan/task-spec.ts';
export * from './reuse/resume-plan.ts';
export { ElementMatcher as PastPlaces } from './reuse/resume-plan.ts';
