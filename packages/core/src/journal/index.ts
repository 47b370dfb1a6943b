/** What happened in a run: events, the commit batches that hold them, and what they add up to. */

export {
  HEARTBEAT_MS,
  type Heartbeat,
  isStale,
  type Markers,
  readHeartbeat,
  type SeenHeartbeat,
  statusOf,
  taskStatusIn,
  writeCancel,
  writeFence,
  writeHeartbeat,
} from '../store/coordination/heartbeat.ts';
export {
  type AcquiredLease,
  acquireLease,
  type Lease,
  type LeaseOwner,
  readLease,
  releaseLease,
  renewLease,
} from '../store/coordination/lease.ts';
export { allocateRunNumber, findRunId, highestNumber } from '../store/coordination/numbers.ts';
export { Pulse } from '../store/coordination/pulse.ts';
export { createRunIds } from '../store/coordination/run-id.ts';
export { StoreClock } from '../store/coordination/store-clock.ts';
export {
  type BatchContent,
  type DecodedBatch,
  decodeBatch,
  type EncodedBatch,
  encodeBatch,
} from '../store/journal/batch.ts';
export { readBatches } from '../store/journal/batch-reader.ts';
export type { CommitWriterOptions } from '../store/journal/commit-options.ts';
export { CommitWriter } from '../store/journal/commit-writer.ts';
export { fold, foldAsync } from '../store/journal/fold.ts';
export { DatastoreJournal, unlessDamaged } from '../store/journal/journal-store.ts';
export { readAhead } from '../store/journal/read-ahead.ts';
export type { AttemptState, RunState, StepState, TaskState } from '../store/journal/run-state.ts';
export { pathOfTask, scopesOf, stepOfTask } from '../store/journal/task-name.ts';
export { seal, unseal } from '../store/objects/sealed.ts';
export {
  asArray,
  asBoolean,
  asCount,
  asFields,
  asNumber,
  asRecord,
  asString,
  asStrings,
  type Fields,
  optional,
  ShapeError,
} from '../store/objects/shape.ts';
