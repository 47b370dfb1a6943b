import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  createBlobAccess,
  flowCalls,
  installCapture,
  installStrayHandlers,
  serveCalls,
  Values,
  type WorkerSetup,
  WorkerTasks,
} from '../runner/index.ts';
import { openHasher, openPart } from './open-parts.ts';
import type { Setup } from './setup.ts';

/** Entry of a worker thread: loads the serializer, then takes tasks. */
const { setup, worker } = workerData as { readonly setup: Setup; readonly worker: WorkerSetup };
const port = parentPort as MessagePort;
process.setSourceMapsEnabled(true);
installCapture();
installStrayHandlers();
serveCalls(port, flowCalls);
new WorkerTasks(port, openValues(), worker.current);

async function openValues(): Promise<Values> {
  const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
  return new Values(createBlobAccess(worker.link), serializer, hasher);
}
