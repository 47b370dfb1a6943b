/** Executes tasks behind a channel: for authors of runners. */
export { type BlobAccess, type Channel, Values, WorkerTasks } from './task/index.ts';
