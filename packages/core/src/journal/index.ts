/** What happened in a run: events, the commit batches that hold them, and what they add up to. */

export {
  HEARTBEAT_MS,
  type Heartbeat,
  HeartbeatTimer as Pulse,
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
export { allocateRunNumber, createRunIds, findRunId, highestNumber } from '../store/coordination/numbers.ts';

export { StoreClock } from '../store/coordination/store-clock.ts';
export {
  type BatchContent,
  type DecodedBatch,
  decodeBatch,
  type EncodedBatch,
  encodeBatch,
} from '../store/journal/batch.ts';
export { readAhead, readBatches } from '../store/journal/batch-reader.ts';
export { CommitWriter, type CommitWriterOptions } from '../store/journal/commit-writer.ts';

export { fold, foldAsync } from '../store/journal/fold.ts';
export { DatastoreJournal, unlessDamaged } from '../store/journal/journal-store.ts';

export type { AttemptState, RunState, StepState, TaskState } from '../store/journal/run-state.ts';
export { pathOfTask, scopesOf, stepOfTask } from '../store/journal/task-name.ts';
export { decodeEnvelope as unseal, encodeEnvelope as seal } from '../store/objects/envelope.ts';
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
