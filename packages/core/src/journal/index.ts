/** What happened in a run: events, the commit batches that hold them, and what they add up to. */
export { type BatchContent, type DecodedBatch, decodeBatch, type EncodedBatch, encodeBatch } from './batch.ts';
export { readBatches } from './batch-reader.ts';
export type { CommitWriterOptions } from './commit-options.ts';
export { CommitWriter } from './commit-writer.ts';
export { fold, foldAsync } from './fold.ts';
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
} from './heartbeat.ts';
export { DatastoreJournal, unlessDamaged } from './journal-store.ts';
export { pathOfTask, scopesOf, stepOfTask } from './labels.ts';
export {
  type AcquiredLease,
  acquireLease,
  type Lease,
  type LeaseOwner,
  readLease,
  releaseLease,
  renewLease,
} from './lease.ts';
export { allocateRunNumber, findRunId, highestNumber } from './numbers.ts';
export { Pulse } from './pulse.ts';
export { readAhead } from './read-ahead.ts';
export { createRunIds } from './run-id.ts';
export type { AttemptState, RunState, StepState, TaskState } from './run-state.ts';
export { seal, unseal } from './sealed.ts';
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
} from './shape.ts';
export { StoreClock } from './store-clock.ts';
