/** The contract between varve and its plugins: interfaces, their errors, and `definePlugin`. It imports nothing else. */
export {
  type Body,
  type CallOptions,
  type Datastore,
  type DatastoreCapabilities,
  type DeleteOptions,
  type GetOptions,
  type ObjectInfo,
  type PutOptions,
  type StatOptions,
  StoreError,
  type StoreErrorCode,
  type StoreFinding,
} from './datastore.ts';
export { type Finding, type SourceLocation, VarveError, type VarveErrorOptions } from './error.ts';
export type {
  CodeFingerprint,
  FingerprintCallOptions,
  Fingerprinter,
  FingerprintNode,
  Hazard,
  PurityFinding,
} from './fingerprinter.ts';
export type { Hasher, HashStream } from './hasher.ts';
export type {
  ListingQuery,
  MetadataProvider,
  Provenance,
  RunEvent,
  RunListing,
  RunRecord,
  RunSelection,
  RunStatus,
  RunSummary,
  StoredError,
  TaskStatus,
} from './metadata.ts';
export type {
  Compilation,
  GivenImport,
  GivenSources,
  ImportTarget,
  Loader,
  ModuleGraph,
  ModuleImport,
  SourceModule,
} from './modules.ts';
export { flagValues, givenConditions, type Started } from './node-flags.ts';
export {
  type Clock,
  CONTRACT,
  coreOf,
  definePlugin,
  isPlugin,
  type Kind,
  type Kinds,
  type Logger,
  type Plugin,
  type PluginContext,
} from './plugin.ts';
export { type AmbientKind, type ContextField, formatRead, isAmbientRead, parseRead, type Read } from './read-name.ts';
export type { Digest, Location, Reference, References } from './reference.ts';
export type { IndexedRun, IndexSnapshot, RunIndex } from './run-index.ts';
export type {
  AmbientCall,
  AmbientReads,
  CodeLocation,
  RunTaskOptions,
  TaskLogLine,
  TaskOutcome,
  TaskRunner,
  TaskSpec,
  ViewSpec,
  WrittenArtifact,
} from './runner.ts';
export { type Encoded, SerializeError, type Serializer } from './serializer.ts';
export type { StepKeyed, StepOutline } from './step-record.ts';
