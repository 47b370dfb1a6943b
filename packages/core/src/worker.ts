/** Executes tasks behind a channel: for authors of runners. A worker calls `serveTasks`, its run drives a `PoolRunner`. */
export {
  type BlobAccess,
  type Channel,
  type PoolOptions,
  PoolRunner,
  PoolWorker,
  type PoolWorkerOptions,
  type ServeOptions,
  serveTasks,
  type TaskParts,
  type WorkerEnd,
  type WorkerHandle,
} from './task/index.ts';
