/** One attempt of one task: loads the flow, executes the step and encodes its writes, in this thread or behind a channel. */
export type { WorkerEnd } from './attempt/ended-attempts.ts';
export { encodeWrites } from './attempt/execute-task.ts';
export { InlineRunner } from './attempt/inline-runner.ts';
export type { ThreadChange } from './attempt/left-behind.ts';
export { Leftovers } from './attempt/leftovers.ts';
export {
  type FlowCalls,
  flowCalls,
  type GivenParameter,
  isLoadingFlow,
  type LoadedFlow,
  type LoadObserver,
  type LoadReport,
  loadDigest,
  observeLoads,
  type StepBody,
} from './attempt/load-flow.ts';
export { RunnerSet } from './attempt/runner-set.ts';
export { type LogLine, parseLog, redact } from './attempt/task-log.ts';
export {
  type Caller,
  type Channel,
  createCaller,
  fromWire,
  type Handlers,
  serveCalls,
  toWire,
  type WireError,
} from './remote/calls.ts';
export { BytePacker } from './remote/packed-tasks.ts';
export { type PoolOptions, PoolRunner } from './remote/pool-runner.ts';
export { PoolWorker, type PoolWorkerOptions, type WorkerHandle } from './remote/pool-worker.ts';
export { type ServeOptions, serveTasks, type TaskParts } from './remote/serve-tasks.ts';
export { AmbientInputs } from './scope/ambient-inputs.ts';
export { ambientInputs } from './scope/ambient-scope.ts';
export { type AttemptScope, currentScope, loadingInputs, runInScope, runLoading, runReading } from './scope/capture.ts';
export { wallNow } from './scope/own-clock.ts';
export { observeState } from './scope/thread-state.ts';
export { failingExit } from './scope/unhandled-errors.ts';
export type { BlobAccess, BlobSource } from './values/blob-access.ts';
export { decodeStored } from './values/decode-stored.ts';
export { isFileCodec } from './values/stored-files.ts';
export { SMALL, Values } from './values/values.ts';
