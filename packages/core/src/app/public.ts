export type { AttemptView } from '../client/attempt-view.ts';
export type { Cancellation } from '../client/cancel-run.ts';
export type { FlowClient } from '../client/flow-client.ts';
export type { History } from '../client/history.ts';
export type { ListedRun, RunFilter, RunQuery } from '../client/listed-run.ts';
export type { RunView, TaskQuery } from '../client/run-view.ts';
export type { TaskElement, TaskView } from '../client/task-view.ts';
export { artifact } from '../flow/artifact-source.ts';
export type { ArtifactName, ParameterValues, StepName, TaskName } from '../flow/class-names.ts';
export type { Duration } from '../flow/duration.ts';
export { Flow, type FlowClass, type RunContext } from '../flow/flow.ts';
export { NonRetryableError } from '../flow/non-retryable.ts';
export { param } from '../flow/param.ts';
export { type Secret, secret } from '../flow/secret.ts';
export { step } from '../flow/step.ts';
export type {
  CacheOptions,
  EffectOptions,
  ErrorMatch,
  PlainStepOptions,
  Rate,
  RetryOptions,
  StepOptions,
} from '../flow/step-options.ts';
export type { Fields, FlowError, Inputs, View } from '../flow/step-types.ts';
export type { StoredDir, StoredDirEntry, StoredFile } from '../flow/stored-file.ts';
export { transient } from '../flow/transient.ts';
export type { Progress } from '../run/progress.ts';
export type { Api, ClientOptions } from './api.ts';
export { defineConfig, type Slots, type VarveConfig } from './config.ts';
export type { ResumeFromCodeOptions, RunFromCodeOptions } from './from-code.ts';
export type { SpinFromCodeOptions, Spun } from './spin/spin-from-code.ts';
