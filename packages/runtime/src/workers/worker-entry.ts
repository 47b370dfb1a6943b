import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveTasks, type TaskParts } from '@varve/core/worker';
import type { Setup } from '../compose/setup.ts';
import { openTaskKinds } from '../compose/task-kinds.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import { installObservers } from '../observe/install.ts';
import { changesForOthers, isThreadIntact } from '../observe/load/index.ts';
import { observeOptions } from '../observe/options.ts';
import type { WorkerSetup } from './threads.ts';

/** Entry of a worker thread: loads the serializer, then takes tasks. */
const { setup, worker } = workerData as { readonly setup: Setup; readonly worker: WorkerSetup };
installObservers(observeOptions(setup));
// The worker's own handlers come first: loading a config takes the place of some for a while.
serveTasks(parentPort as MessagePort, Promise.resolve().then(openParts), { current: worker.current });

async function openParts(): Promise<TaskParts> {
  const { serializer, hasher } = await openTaskKinds(setup);
  return {
    blobs: createBlobAccess(worker.link),
    serializer,
    hasher,
    isIntact: isThreadIntact,
    changes: changesForOthers,
  };
}
