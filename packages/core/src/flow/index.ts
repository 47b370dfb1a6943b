/** Authoring: what a flow's file imports. */

/** Inside of varve: what the other floors of core build on. */
export { type ArtifactSource, artifact, artifactSource, FileValue, isFileValue } from './artifact-source.ts';
export { locateFrame } from './call-site.ts';
export { checkFlow } from './check-flow.ts';
export type { ArtifactName, ParameterValues, StepName, TaskName } from './class-names.ts';
export { constructRoot } from './construct-root.ts';
export { createTask, type Task } from './create-task.ts';
export type { FlowDescription, RetryDescription, StepDescription, StepKind, WhenDescription } from './description.ts';
export type { Duration } from './duration.ts';
export { parseDuration } from './duration.ts';
export { explainFrozen } from './explain-frozen.ts';
export { Flow, type FlowClass, isFlowClass, type RunContext } from './flow.ts';
export { freezeDeep } from './freeze.ts';
export { buildGraph, type Graph, type GraphStep } from './graph.ts';
export { describeFlow } from './inspect-flow.ts';
export { memberNames } from './members.ts';
export { isNonRetryable, NonRetryableError } from './non-retryable.ts';
export { param } from './param.ts';
export { type ParamDescription, type ParamKind, showValue } from './param-spec.ts';
export { type Given, type Parameters, parseParameters } from './parse-parameters.ts';
export { createRandom } from './random.ts';
export { type Secret, secret, secretName } from './secret.ts';
export { SEES_BOTH, type SeenArguments } from './seen-arguments.ts';
export { givenSecrets, revealedSecrets } from './shared.ts';
export { step } from './step.ts';
export type {
  CacheOptions,
  EffectOptions,
  ErrorMatch,
  PlainStepOptions,
  Rate,
  RetryOptions,
  StepOptions,
} from './step-options.ts';
export { resultOptions } from './step-options.ts';
export type { Fields, FlowError, Inputs, Methods, View } from './step-types.ts';
export type { StoredDir, StoredDirEntry, StoredFile } from './stored-file.ts';
export { nearest, suggest } from './suggest.ts';
export type { ArtifactAccess, TaskChanges } from './task-state.ts';
export { transient } from './transient.ts';
export { createView, type OnRead } from './view.ts';
