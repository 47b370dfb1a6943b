/** Flows: authoring a class, its description as plain data, its checks, and the instance that a task runs on. */
export {
  type ArtifactSource,
  artifact,
  artifactSource,
  FileValue,
  isFileValue,
  type StoredDir,
  type StoredDirEntry,
  type StoredFile,
} from './authoring/artifact-source.ts';
export { locateStack } from './authoring/call-site.ts';
export {
  Flow,
  type FlowClass,
  isFlowClass,
  type RunContext,
} from './authoring/flow.ts';
export {
  checkOutsideInputs,
  type InputsProblem,
  joinOutsideInputs,
  type OutsideInputs,
} from './authoring/outside-inputs.ts';
export { param } from './authoring/param.ts';
export { showValue } from './authoring/param-spec.ts';
export { givenSecrets, isUnobserved, revealedSecrets, unobserved } from './authoring/registry.ts';
export { isNonRetryable, NonRetryableError, RetryAfterError, retryAfterOf } from './authoring/retry-errors.ts';
export { Secret, secret } from './authoring/secret.ts';
export { step, transient } from './authoring/step.ts';
export {
  type CacheOptions,
  type Duration,
  type EffectOptions,
  type ErrorMatch,
  type InputsOptions,
  type PlainStepOptions,
  parseDuration,
  type Rate,
  type RetryOptions,
  resultOptions,
  type StepOptions,
} from './authoring/step-options.ts';
export type {
  ArtifactName,
  Fields,
  FlowError,
  Inputs,
  Methods,
  ParameterValues,
  StepName,
  TaskName,
  View,
} from './authoring/step-types.ts';
export { nearest, suggest } from './authoring/suggest.ts';
export { checkedGraph, checkFlow } from './check/check-flow.ts';
export { type FlowDescription, SEES_BOTH, type SeenArguments, type StepDescription } from './describe/description.ts';
export { parseExactJson } from './describe/exact-json.ts';
export { buildGraph, type Graph, type GraphStep, outlineOf, scopesOf } from './describe/graph.ts';
export { describeFlow, memberNames } from './describe/inspect-flow.ts';
export { type ParameterInput, parseParameters } from './describe/parse-parameters.ts';
export { constructRoot } from './instance/construct-root.ts';
export { explainFrozen, freezeDeep } from './instance/freeze.ts';
export { type ArtifactAccess, createTask } from './instance/instance.ts';
export { createView, type OnRead } from './instance/view.ts';
