export type { FlowClient, History, ListedRun, RunView, TaskView } from '../client/index.ts';
export type {
  CacheOptions,
  Duration,
  EffectOptions,
  ErrorMatch,
  Fields,
  FlowClass,
  FlowError,
  Inputs,
  PlainStepOptions,
  Rate,
  RetryOptions,
  RunContext,
  Secret,
  StepOptions,
  StoredDir,
  StoredDirEntry,
  StoredFile,
  View,
} from '../flow/index.ts';
export { artifact, Flow, NonRetryableError, param, secret, step, transient } from '../flow/index.ts';
export type { Progress } from '../run/progress.ts';
export type { Api, ClientOptions, RunFromCodeOptions } from './api.ts';
export { defineConfig, type Slots, type VarveConfig } from './config.ts';
