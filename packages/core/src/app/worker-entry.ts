import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createBlobAccess } from '../runner/blob-port.ts';
import { serveCalls } from '../runner/calls.ts';
import { installCapture } from '../runner/console-capture.ts';
import { flowCalls } from '../runner/flow-calls.ts';
import { installStrayHandlers } from '../runner/stray-errors.ts';
import { Values } from '../runner/values.ts';
import type { WorkerSetup } from '../runner/worker-protocol.ts';
import { WorkerTasks } from '../runner/worker-tasks.ts';
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
