export type { AttemptView } from '../client/runs/attempt-view.ts';
export type { Cancellation } from '../client/runs/cancel-run.ts';
export type { FlowClient } from '../client/runs/flow-client.ts';
export type { History } from '../client/runs/history.ts';
export type { ListedRun, RunFilter, RunQuery } from '../client/runs/listed-run.ts';
export type { RunView, TaskQuery } from '../client/runs/run-view.ts';
export type { TaskElement, TaskView } from '../client/runs/task-view.ts';
export { artifact } from '../flow/authoring/artifact-source.ts';
export type { ArtifactName, ParameterValues, StepName, TaskName } from '../flow/authoring/class-names.ts';
export type { Duration } from '../flow/authoring/duration.ts';
export { Flow, type FlowClass, type RunContext } from '../flow/authoring/flow.ts';
export { NonRetryableError } from '../flow/authoring/non-retryable.ts';
export { param } from '../flow/authoring/param.ts';
export { type Secret, secret } from '../flow/authoring/secret.ts';
export { step } from '../flow/authoring/step.ts';
export type {
  CacheOptions,
  EffectOptions,
  ErrorMatch,
  PlainStepOptions,
  Rate,
  RetryOptions,
  StepOptions,
} from '../flow/authoring/step-options.ts';
export type { Fields, FlowError, Inputs, View } from '../flow/authoring/step-types.ts';
export type { StoredDir, StoredDirEntry, StoredFile } from '../flow/authoring/stored-file.ts';
export { transient } from '../flow/authoring/transient.ts';
export type { Progress } from '../run/plan/progress.ts';
export { defineConfig, type Slots, type VarveConfig } from '../runtime/compose/config.ts';
export type { Api, ClientOptions } from './api.ts';
export type { ResumeFromCodeOptions, RunFromCodeOptions } from './from-code.ts';
export type { SpinFromCodeOptions, Spun } from './spin/spin-from-code.ts';
