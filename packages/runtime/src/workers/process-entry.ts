import { type Channel, serveTasks } from '@varve/core/worker';

import type { Setup } from '../compose/setup.ts';
import { endGroup } from './processes.ts';
import { openTaskParts } from './task-parts.ts';

/** Entry of a worker process: opens the store in a thread of its own, then takes tasks over IPC. */
const channel: Channel = {
  postMessage: (message) => process.send?.(message),
  on: (_, listener) => process.on('message', listener),
};
process.once('disconnect', endGroup);
const setup = new Promise<Setup>((resolve) => {
  process.once('message', (message) => resolve((message as { readonly setup: Setup }).setup));
});
serveTasks(
  channel,
  setup.then((stack) => openTaskParts(stack)),
);
