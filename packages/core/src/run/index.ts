/** One run: the plan of its tasks, the loop that carries it out, and the results it reuses from earlier runs. */

export { failedEntry, succeededEntry } from './loop/outcome-events.ts';
export { Scheduler } from './loop/scheduler.ts';
export { type ForeachFrame, namesOf, openFanout, rootFrame, type TaskNames } from './plan/frame.ts';
export { type Action, createPlan, decide, expand, type Plan, settle, startPlan } from './plan/plan.ts';
export type {
  AmbientPort,
  CachePort,
  EarlierStep,
  Elements,
  JournalPort,
  LeaseHolder,
  Progress,
  ProgressListener,
  RunCache,
  RunnerPort,
  RunOptions,
  RunPorts,
  SmallBytes,
  StepCache,
  ValuePort,
} from './plan/ports.ts';
export { isStepCache } from './plan/ports.ts';
export { type OriginTask, type ResumeSource, TRUSTS } from './plan/resume-source.ts';
export { INIT, initSpec, type RunIdentity, specOf } from './plan/task-spec.ts';
export { storedTokens } from './reuse/ambient-look.ts';
export { finishedTasks } from './reuse/finished-tasks.ts';
export { ElementMatcher } from './reuse/resume-plan.ts';
