/** Reads runs and their artifacts, cancels runs, verifies and invalidates results, and cleans up the store. */
export type { KeepReason } from './gc/choose.ts';
export type { GcPlan } from './gc/collect.ts';
export { Maintenance } from './gc/maintenance.ts';
export type { PageFault } from './results/read-indexes.ts';
export { ResultCache } from './results/result-cache.ts';
export { type Result, nameOfResult, sizeOfResult } from './results/result.ts';
export type { CacheStats, RunsStats } from './results/stats.ts';
export { type Repair, type Verification, isSound } from './results/verify.ts';
export { AttemptView } from './runs/attempt-view.ts';
export type { Cancellation } from './runs/cancel-run.ts';
export { FlowClient } from './runs/flow-client.ts';
export { History } from './runs/history.ts';
export type { ListedRun, RunFilter, RunQuery } from './runs/listed-run.ts';
export { type Pathspec, parsePathspec, parseTaskName } from './runs/pathspec.ts';
export { RunView, type TaskQuery } from './runs/run-view.ts';
export type { ValueReader } from './runs/stored-view.ts';
export { type TaskElement, TaskView } from './runs/task-view.ts';
