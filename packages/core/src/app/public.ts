export type {
  AttemptView,
  Cancellation,
  FlowClient,
  History,
  ListedRun,
  RunFilter,
  RunQuery,
  RunView,
  TaskElement,
  TaskQuery,
  TaskView,
} from '../client/index.ts';
export type {
  ArtifactName,
  CacheOptions,
  Duration,
  EffectOptions,
  ErrorMatch,
  Fields,
  FlowClass,
  FlowError,
  Inputs,
  ParameterValues,
  PlainStepOptions,
  Rate,
  RetryOptions,
  RunContext,
  Secret,
  StepName,
  StepOptions,
  StoredDir,
  StoredDirEntry,
  StoredFile,
  TaskName,
  View,
} from '../flow/index.ts';
export { artifact, Flow, NonRetryableError, param, secret, step, transient } from '../flow/index.ts';
export type { Progress } from '../run/progress.ts';
export type { Api, ClientOptions } from './api.ts';
export { defineConfig, type Slots, type VarveConfig } from './config.ts';
export type { ResumeFromCodeOptions, RunFromCodeOptions } from './from-code.ts';
export type { SpinFromCodeOptions, Spun } from './spin/index.ts';
