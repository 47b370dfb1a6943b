/** Entry of a worker process: gets the stack through the pipe, then tasks. */
import { Socket } from 'node:net';
import { serveTasks } from '@varve/core/worker';
import { openTaskParts } from 'varve';
import { channelOver } from './channel.ts';

const pipe = new Socket({ fd: 3 });
const channel = channelOver(pipe);
// The run is gone, so nothing here is wanted any more.
pipe.once('close', () => process.kill(process.pid, 'SIGKILL'));

const stack = new Promise<unknown>((resolve) => {
  channel.on('message', (message) => {
    if (typeof message === 'object' && message !== null && 'stack' in message) resolve(message.stack);
  });
});
serveTasks(
  channel,
  stack.then((stack) => openTaskParts(stack, { parentPid: process.ppid })),
);
