/** One attempt of one task: loads the flow, executes the step and encodes its writes, in this thread or behind a channel. */
export type { WorkerEnd } from './ended-attempts.ts';
export { encodeWrites } from './execute-task.ts';
export { InlineRunner } from './inline-runner.ts';
export {
  type FlowCalls,
  flowCalls,
  type GivenParameter,
  isLoadingFlow,
  type LoadedFlow,
  type StepBody,
} from './load-flow.ts';
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
export { PoolRunner } from './remote/pool-runner.ts';
export { PoolWorker, type WorkerHandle } from './remote/pool-worker.ts';
export { WorkerTasks } from './remote/serve-tasks.ts';
export { RunnerSet } from './runner-set.ts';
export { currentScope, installCapture } from './scope.ts';
export { type LogLine, parseLog, redact } from './task-log.ts';
export { failingExit, installUnhandledErrorHandlers } from './unhandled-errors.ts';
export type { BlobAccess, BlobSource } from './values/blob-access.ts';
export { isFileCodec } from './values/stored-files.ts';
export { SMALL, Values } from './values/values.ts';
