import { createBlobAccess } from '../runner/blob-port.ts';
import { type Channel, serveCalls } from '../runner/calls.ts';
import { installCapture } from '../runner/console-capture.ts';
import { flowCalls } from '../runner/flow-calls.ts';
import { installStrayHandlers } from '../runner/stray-errors.ts';
import { Values } from '../runner/values.ts';
import { WorkerTasks } from '../runner/worker-tasks.ts';
import { endGroup } from './end-group.ts';
import { openHasher, openPart } from './open-parts.ts';
import type { Setup } from './setup.ts';
import { linkTo, startIo } from './threads.ts';

/** Entry of a worker process: opens the store in a thread of its own, then takes tasks over IPC. */
const channel: Channel = {
  postMessage: (message) => process.send?.(message),
  on: (_, listener) => process.on('message', listener),
};
process.once('disconnect', endGroup);
process.setSourceMapsEnabled(true);
installCapture();
installStrayHandlers();
serveCalls(channel, flowCalls);
new WorkerTasks(channel, openValues(), new SharedArrayBuffer(4));

async function openValues(): Promise<Values> {
  const setup = await new Promise<Setup>((resolve) => {
    process.once('message', (message) => resolve((message as { readonly setup: Setup }).setup));
  });
  const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
  return new Values(createBlobAccess(linkTo(startIo(setup).io)), serializer, hasher);
}
