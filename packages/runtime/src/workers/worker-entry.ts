import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  type FlowCalls,
  flowCalls,
  installCapture,
  installUnhandledErrorHandlers,
  serveCalls,
  Values,
  WorkerTasks,
} from '@varve/core/internal';

import { Composition } from '../compose/compose.ts';
import type { Setup } from '../compose/setup.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import type { WorkerSetup } from './threads.ts';

/** Entry of a worker thread: loads the serializer, then takes tasks. */
const { setup, worker } = workerData as { readonly setup: Setup; readonly worker: WorkerSetup };
const port = parentPort as MessagePort;
process.setSourceMapsEnabled(true);
installCapture();
installUnhandledErrorHandlers();
serveCalls<FlowCalls>(port, flowCalls);
new WorkerTasks(port, openValues(), worker.current);

async function openValues(): Promise<Values> {
  const stack = new Composition({ setup });
  const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
  return new Values(createBlobAccess(worker.link), serializer, hasher);
}
