import {
  type Channel,
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
import { endGroup } from './processes.ts';
import { linkTo, startIo } from './threads.ts';

/** Entry of a worker process: opens the store in a thread of its own, then takes tasks over IPC. */
const channel: Channel = {
  postMessage: (message) => process.send?.(message),
  on: (_, listener) => process.on('message', listener),
};
process.once('disconnect', endGroup);
process.setSourceMapsEnabled(true);
installCapture();
installUnhandledErrorHandlers();
serveCalls<FlowCalls>(channel, flowCalls);
new WorkerTasks(channel, openValues(), new SharedArrayBuffer(4));

async function openValues(): Promise<Values> {
  const setup = await new Promise<Setup>((resolve) => {
    process.once('message', (message) => resolve((message as { readonly setup: Setup }).setup));
  });
  const stack = new Composition({ setup });
  const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
  return new Values(createBlobAccess(linkTo(startIo(setup).io)), serializer, hasher);
}
