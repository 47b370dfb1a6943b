/** Authoring: what a flow's file imports. */

export { createRandom } from '../task/random.ts';
/** Inside of varve: what the other floors of core build on. */
export { type ArtifactSource, artifact, artifactSource, FileValue, isFileValue } from './authoring/artifact-source.ts';
export { locateFrame } from './authoring/call-site.ts';
export type { ArtifactName, ParameterValues, StepName, TaskName } from './authoring/class-names.ts';
export type { Duration } from './authoring/duration.ts';
export { parseDuration } from './authoring/duration.ts';
export { Flow, type FlowClass, isFlowClass, type RunContext } from './authoring/flow.ts';
export { isNonRetryable, NonRetryableError } from './authoring/non-retryable.ts';
export { param } from './authoring/param.ts';
export { type ParamDescription, type ParamKind, showValue } from './authoring/param-spec.ts';
export { givenSecrets, revealedSecrets } from './authoring/registry.ts';
export { type Secret, secret, secretName } from './authoring/secret.ts';
export { step } from './authoring/step.ts';
export type {
  CacheOptions,
  EffectOptions,
  ErrorMatch,
  PlainStepOptions,
  Rate,
  RetryOptions,
  StepOptions,
} from './authoring/step-options.ts';
export { resultOptions } from './authoring/step-options.ts';
export type { Fields, FlowError, Inputs, Methods, View } from './authoring/step-types.ts';
export type { StoredDir, StoredDirEntry, StoredFile } from './authoring/stored-file.ts';
export { nearest, suggest } from './authoring/suggest.ts';
export { transient } from './authoring/transient.ts';
export { checkFlow } from './check/check-flow.ts';
export type {
  FlowDescription,
  RetryDescription,
  StepDescription,
  StepKind,
  WhenDescription,
} from './describe/description.ts';
export { buildGraph, type Graph, type GraphStep } from './describe/graph.ts';
export { describeFlow } from './describe/inspect-flow.ts';
export { memberNames } from './describe/members.ts';
export { type Given, type Parameters, parseParameters } from './describe/parse-parameters.ts';
export { SEES_BOTH, type SeenArguments } from './describe/seen-arguments.ts';
export { constructRoot } from './instance/construct-root.ts';
export { createTask, type Task } from './instance/create-task.ts';
export { explainFrozen } from './instance/explain-frozen.ts';
export { freezeDeep } from './instance/freeze.ts';
export type { ArtifactAccess, TaskChanges } from './instance/task-state.ts';
export { createView, type OnRead } from './instance/view.ts';
