/** Reads runs and their artifacts, cancels runs, verifies and invalidates results, and cleans up the store. */

// Runs, their tasks and artifacts.

export type { ValueReader } from './runs/artifact-view.ts';
export type { Cancellation } from './runs/cancel-run.ts';
export { FlowClient } from './runs/flow-client.ts';
export { History, type ListedRun, RunView, type TaskQuery } from './runs/history.ts';
export { type Pathspec, parsePathspec, parseTaskName } from './runs/pathspec.ts';
export type { RunFilter, RunQuery } from './runs/run-filter.ts';
export { AttemptView, type TaskElement, TaskView } from './runs/task-view.ts';
export { type IndexUpdate, type UpdateIndexOptions, updateIndex } from './runs/update-index.ts';

// Results kept for later runs.

export type { PageFault } from '@varve/core/internal';
export { nameOfResult, type Result, sizeOfResult } from './results/result.ts';
export { ResultCache } from './results/result-cache.ts';
export type { CacheStats, RunsStats } from './results/stats.ts';
export { isSound, type Repair, type Verification } from './results/verify.ts';

// Garbage collection, and removing and pinning runs.

export type { KeepReason } from './gc/choose.ts';
export type { GcPlan } from './gc/collect.ts';
export { Maintenance } from './gc/maintenance.ts';

// Copying a store.

export { copyStore } from './copy/copy-store.ts';
export type { CopiedRun, CopyOptions, CopyProgress, CopySide, NotCopied, StoreCopy } from './copy/result.ts';
