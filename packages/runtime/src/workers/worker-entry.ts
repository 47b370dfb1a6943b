import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveTasks, type TaskParts } from '@varve/core/worker';
import type { Setup } from '../compose/setup.ts';
import { openTaskKinds } from '../compose/task-kinds.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import type { WorkerSetup } from './threads.ts';

/** Entry of a worker thread: loads the serializer, then takes tasks. */
const { setup, worker } = workerData as { readonly setup: Setup; readonly worker: WorkerSetup };
serveTasks(parentPort as MessagePort, openParts(), { current: worker.current });

async function openParts(): Promise<TaskParts> {
  const { serializer, hasher } = await openTaskKinds(setup);
  return { blobs: createBlobAccess(worker.link), serializer, hasher };
}
