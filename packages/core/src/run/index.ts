/** One run: the plan, the loop that carries it out, and what it reuses of earlier runs. */
export { failedEntry, succeededEntry } from './loop/outcome-events.ts';
export { Scheduler } from './loop/scheduler.ts';
export { type ForeachFrame, type TaskNames, namesOf, openFanout, rootFrame, taskName } from './plan/frame.ts';
export { type Action, type Plan, createPlan, decide, expand, settle, startPlan } from './plan/plan.ts';
export type { CachePort, Elements, JournalPort, Progress, ProgressListener, RunCache, RunOptions, RunPorts, RunnerPort, SmallBytes, StepCache, ValuePort } from './plan/ports.ts';
export { type OriginTask, type ResumeSource, TRUSTS } from './plan/resume-source.ts';
export { INIT, type RunIdentity, initSpec, specOf } from './plan/task-spec.ts';
export { finishedTasks } from './reuse/finished-tasks.ts';
export { ElementMatcher } from './reuse/resume-plan.ts';
