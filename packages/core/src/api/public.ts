export type { AttemptView } from '../client/runs/attempt-view.ts';
export type { Cancellation } from '../client/runs/cancel-run.ts';
export type { FlowClient } from '../client/runs/flow-client.ts';
export type { History } from '../client/runs/history.ts';
export type { ListedRun, RunFilter, RunQuery } from '../client/runs/listed-run.ts';
export type { RunView, TaskQuery } from '../client/runs/run-view.ts';
export type { TaskElement, TaskView } from '../client/runs/task-view.ts';
export { artifact, type StoredDir, type StoredDirEntry, type StoredFile } from '../flow/authoring/artifact-source.ts';
export { Flow, type FlowClass, NonRetryableError, type RunContext } from '../flow/authoring/flow.ts';
export { param } from '../flow/authoring/param.ts';
export { type Secret, secret } from '../flow/authoring/secret.ts';
export { step, transient } from '../flow/authoring/step.ts';
export type {
  CacheOptions,
  Duration,
  EffectOptions,
  ErrorMatch,
  PlainStepOptions,
  Rate,
  RetryOptions,
  StepOptions,
} from '../flow/authoring/step-options.ts';
export type {
  ArtifactName,
  Fields,
  FlowError,
  Inputs,
  ParameterValues,
  StepName,
  TaskName,
  View,
} from '../flow/authoring/step-types.ts';

export type { Progress } from '../run/plan/ports.ts';
export { defineConfig, type Slots, type VarveConfig } from '../runtime/compose/config.ts';
export type { Api, ClientOptions } from './api.ts';
export type { ResumeFromCodeOptions, RunFromCodeOptions } from './from-code.ts';
export type { SpinFromCodeOptions, Spun } from './spin/spin-from-code.ts';
