/** Everything that a flow imports, and `run`, `resume`, `spin` and `client` over the default plugins. */

import { createApi } from './api/api.ts';
import { FoundStacks } from './api/stacks.ts';
import { DEFAULTS } from './default-stack-url.ts';

const api = createApi(new FoundStacks(DEFAULTS));

/** Runs a flow from code: `const run = await run(Penguins, { folds: 3 })`. */
export const run = api.run;

/** Resumes a run that stopped, from code: `const run = await resume(Penguins)`. */
export const resume = api.resume;

/** Tries one task on the artifacts of a past run: `const { artifacts } = await spin(Penguins, 'train[knn]')`. */
export const spin = api.spin;

/** Opens the history of a flow: `const run = await client(Penguins).last(); run.artifacts.best`. */
export const client = api.client;

/** Brings the index of the runs up to date with the store: `await updateIndex()`. */
export const updateIndex = api.updateIndex;

/** Copies the runs, artifacts and results of one store to another. */
export { copyStore, type StoreCopyOptions } from './api/copy/copy-store.ts';
export type { StoreSource } from './api/copy/open-store.ts';

// Authoring: what the file of a flow is written with.

export {
  type ArtifactName,
  artifact,
  type CacheOptions,
  type Duration,
  type EffectOptions,
  type ErrorMatch,
  type Fields,
  Flow,
  type FlowClass,
  type FlowError,
  type Inputs,
  type InputsOptions,
  NonRetryableError,
  type ParameterValues,
  type PlainStepOptions,
  param,
  type Rate,
  RetryAfterError,
  type RetryOptions,
  type RunContext,
  type Secret,
  type StepName,
  type StepOptions,
  type StoredDir,
  type StoredDirEntry,
  type StoredFile,
  secret,
  step,
  type TaskName,
  transient,
  type View,
} from '@varve/core';

// Reading: runs, tasks and their artifacts.

export type {
  AttemptView,
  Cancellation,
  CopiedRun,
  CopyProgress,
  FlowClient,
  History,
  IndexUpdate,
  ListedRun,
  NotCopied,
  RunFilter,
  RunQuery,
  RunView,
  StoreCopy,
  TaskElement,
  TaskQuery,
  TaskView,
} from '@varve/client';

// Stacks of one's own.

export { memoryStore } from '@varve/core';
export { type Configure, type PartContainer, type Parts, type PartToken, tokens } from '@varve/runtime';
export { createVarve, type Varve, type VarveOptions } from './api/create-varve.ts';

// Running from code: options and progress.

export type { Progress } from '@varve/core';
export type { Api, ClientOptions, IndexFromCodeOptions } from './api/api.ts';
export type { ResumeFromCodeOptions, RunFromCodeOptions } from './api/from-code.ts';
export type { SpinFromCodeOptions, Spun } from './api/spin/spin-from-code.ts';

// Configuration: `varve.config.ts`.

export { type CacheRequest, defineConfig, type InputsConfig, type Slots, type VarveConfig } from '@varve/runtime';

// Errors: a code, a location and a hint.

export {
  type Finding,
  SerializeError,
  type SourceLocation,
  StoreError,
  type StoreErrorCode,
  VarveError,
  type VarveErrorOptions,
} from '@varve/core';

// Plugins: what every kind shares.

export {
  type Clock,
  CONTRACT,
  definePlugin,
  isPlugin,
  type Kind,
  type Kinds,
  type Logger,
  type Plugin,
  type PluginContext,
} from '@varve/core';

// Plugins: datastores.

export type {
  Body,
  CallOptions,
  Datastore,
  DatastoreCapabilities,
  GetOptions,
  ObjectInfo,
  PutOptions,
} from '@varve/core';

// Plugins: metadata providers, and the records of runs that they keep.

export type {
  Digest,
  ListingQuery,
  Location,
  MetadataProvider,
  Provenance,
  Reference,
  References,
  RunEvent,
  RunListing,
  RunRecord,
  RunStatus,
  RunSummary,
  StepKeyed,
  StepOutline,
  StoredError,
  TaskStatus,
} from '@varve/core';

// Plugins: serializers and hashers.

export type { Encoded, Hasher, HashStream, Serializer } from '@varve/core';

// Plugins: loaders and fingerprinters.

export type {
  CodeFingerprint,
  Compilation,
  Fingerprinter,
  FingerprintNode,
  GivenImport,
  GivenSources,
  Hazard,
  ImportTarget,
  Loader,
  ModuleGraph,
  ModuleImport,
  PurityFinding,
  SourceModule,
} from '@varve/core';

// Plugins: runners, and the names of reads that tasks report.

export {
  type CodeLocation,
  type ContextField,
  formatRead,
  parseRead,
  type Read,
  type RunTaskOptions,
  type TaskLogLine,
  type TaskOutcome,
  type TaskRunner,
  type TaskSpec,
  type ViewSpec,
  type WrittenArtifact,
} from '@varve/core';
export { type OpenTaskParts, type OpenTaskPartsOptions, openTaskParts } from '@varve/runtime';
