import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { createBlobAccess } from '../../src/io/blob-client.ts';

/** Answers each question with its own size, after it has woken whoever waits without having an answer. */
const SERVER = `
const { workerData: { sync, flag } } = require('node:worker_threads');
const state = new Int32Array(flag);
const rest = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
sync.on('message', ({ read: [{ size }] }) => {
  for (let i = 0; i < 20 && Atomics.notify(state, 0) === 0; i++) rest(5);
  rest(5);
  sync.postMessage({ packed: new Uint8Array(size), lengths: [size], large: [] });
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
});`;

it('takes no answer for another one when it is woken late by the one before', async () => {
  const [sync, stream] = [new MessageChannel(), new MessageChannel()];
  const flag = new SharedArrayBuffer(4);
  const server = new Worker(SERVER, { eval: true, workerData: { sync: sync.port2, flag }, transferList: [sync.port2] });
  await once(server, 'online');
  try {
    const access = createBlobAccess({ sync: sync.port1, stream: stream.port1, flag });
    const sizes = [3, 5, 8].map((size) => access.read([{ digest: 'sha256:00', codec: 'any', size }])[0]?.byteLength);
    expect(sizes).toEqual([3, 5, 8]);
  } finally {
    await server.terminate();
    for (const port of [sync.port1, stream.port1, stream.port2]) port.close();
  }
});
