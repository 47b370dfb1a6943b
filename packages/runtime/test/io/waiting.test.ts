import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { hashOf } from '@varve/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { makeLink, portsOf, startThread } from './threads.ts';

const threads: Worker[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});

/** What two reads in a row gave to a thread that waits for each. */
async function readTwice(onRead: 'answer' | 'exit' | 'throw', sizes: readonly number[]): Promise<unknown> {
  const { worker, server } = makeLink();
  const store = await startThread('store-thread', { link: server, onRead }, portsOf(server));
  store.on('error', () => {});
  const references = sizes.map((size) => ({ digest: hashOf(Buffer.from(String(size))), size, codec: 'raw' }));
  const reader = await startThread('reading-thread', { link: worker, references }, portsOf(worker));
  threads.push(store, reader);
  const [result] = (await once(reader, 'message')) as [unknown];
  return result;
}

describe('a thread that waits for the thread of the store', () => {
  it('is handed small values cut from one buffer, and large ones in memory of their own', async () => {
    const once = [
      [10, 7, true],
      [5_000_000, 7, true],
      [20, 7, true],
    ];
    expect(await readTwice('answer', [10, 5_000_000, 20])).toEqual([once, once]);
  });

  it.each(['exit', 'throw'] as const)('is woken with an error when that thread ends by %s, also later', async (how) => {
    expect(await readTwice(how, [10])).toEqual(['VARVE_IO_STOPPED', 'VARVE_IO_STOPPED']);
  });
});
