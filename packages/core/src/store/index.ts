/** Objects in a Datastore: content-addressed artifacts, journals of runs, leases and heartbeats. */
export { ArtifactError, type ArtifactErrorCode, isLoss } from './artifacts/artifact-error.ts';
export { ArtifactStore } from './artifacts/artifact-store.ts';
export { moveToQuarantine } from './artifacts/blobs.ts';
export { CODE_CODEC, type CodeFile, type CodeManifest, decodeCode, encodeCode } from './artifacts/code-manifest.ts';
export { DIR_CODEC, type DirEntry, decodeManifest, encodeManifest, FILE_CODEC } from './artifacts/dir-manifest.ts';
export {
  CollectorLease,
  collectorOf,
  type Guard,
  type GuardOptions,
  type WaitOptions,
  waitForGc,
  withoutCollector,
} from './coordination/gc-lease.ts';
export {
  HEARTBEAT_MS,
  isStale,
  readHeartbeat,
  readStatus,
  type StoredHeartbeat,
  statusOf,
  taskStatusIn,
  writeCancel,
  writeHeartbeat,
} from './coordination/heartbeat.ts';
export { acquireLease, type Lease, releaseLease, releaseOwn } from './coordination/lease.ts';
export { type Moment, momentOf, msSince } from './coordination/moment.ts';
export { allocateRunNumber, createRunIds, findRunId } from './coordination/numbers.ts';
export { isPinned, listPins, pinRun, unpinRun } from './coordination/pins.ts';
export { StoreClock, systemClock } from './coordination/store-clock.ts';
export {
  type ArtifactScope,
  changesSince,
  extendScope,
  flattenScope,
  mergeScopes,
  namesInView,
  referenceInView,
  sameValue,
} from './journal/artifact-scope.ts';
export { type DecodedBatch, decodeBatch } from './journal/batch.ts';
export { readAhead, readBatches } from './journal/batch-reader.ts';
export { CommitWriter } from './journal/commit-writer.ts';
export { type FenceOptions, fenceRun } from './journal/fence-run.ts';
export { fold, foldAsync } from './journal/fold.ts';
export { DatastoreJournal, unlessDamaged } from './journal/journal-store.ts';
export { mapReferences, mapTaskReferences, referencesOfTask, withLocation } from './journal/references.ts';
export { type AttemptState, isSuccessful, type RunState, type StepState, type TaskState } from './journal/run-state.ts';
export { CAUSES_MAX, storeError } from './journal/stored-error.ts';
export { pathOfTask, stepOfTask, taskName } from './journal/task-name.ts';
export {
  bodyOf,
  createOnce,
  fileBody,
  joinBytes,
  readObject,
  readPieces,
  requireConditionalPut,
} from './objects/body.ts';
export { formatDigest, isDigest, parseDigest, sha256Hasher } from './objects/digest.ts';
export { decodeEnvelope, type EnvelopeKind, encodeEnvelope } from './objects/envelope.ts';
export {
  batchKey,
  blobKey,
  blobKeyOf,
  bytesKey,
  CACHE,
  CAS,
  cancelKey,
  compressedKey,
  digestOfKey,
  ENV_KEY,
  fenceKey,
  isTrialKey,
  LEASES,
  leaseKey,
  liveKey,
  NUMBERS,
  numberKey,
  PINS,
  pageKey,
  pagesPrefix,
  partsOfRecordKey,
  pinKey,
  QUARANTINE,
  RECORDS,
  type RecordKeyParts,
  RUNS,
  recordKey,
  recordsPrefix,
  runPrefix,
  summaryKey,
  TRIALS,
} from './objects/keys.ts';
export { withCompression } from './objects/layers/with-compression.ts';
export { withLimit } from './objects/layers/with-limit.ts';
export { withMetadataRetry } from './objects/layers/with-metadata-retry.ts';
export { withPatience } from './objects/layers/with-patience.ts';
export { withRetry } from './objects/layers/with-retry.ts';
export { metricsOf, noUsage, type StoreUsage, usageIn, usageSince, withUsage } from './objects/layers/with-usage.ts';
export { MemoryDatastore, memoryStore } from './objects/memory-store.ts';
export {
  asArray,
  asBoolean,
  asCount,
  asFields,
  asNumber,
  asRecord,
  asString,
  asStrings,
  optional,
  ShapeError,
  type ShapeFields,
} from './objects/shape.ts';
export { removeStale } from './objects/stale-files.ts';
