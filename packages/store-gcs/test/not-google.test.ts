import type { Datastore } from '@varve/core/contract';
import { MIB, noise, OTHER_ANSWERS, readAll, typed } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { bodyOf, failure, listAll, open, seed, streamOf, useServers } from './support.ts';

const start = useServers();

/** What something between the store and the service answers instead of it. */
const ANSWERS = [
  ...OTHER_ANSWERS,
  ['other JSON', typed('application/json', '{}')] as const,
  ['null', typed('application/json', 'null')] as const,
];

const CALLS: readonly (readonly [operation: string, act: (store: Datastore) => Promise<unknown>])[] = [
  ['list', (store) => listAll(store)],
  ['insert', (store) => store.put('new', bodyOf('x'))],
  ['insert', (store) => store.put('new', bodyOf('x'), { ifAbsent: true })],
  ['media', async (store) => readAll(await store.get('a'))],
  ['get', (store) => store.stat('a')],
  ['rewrite', (store) => store.copy?.('a', 'b') ?? Promise.resolve()],
  ['start', (store) => store.put('large', streamOf(noise(9 * MIB)))],
  ['put', (store) => store.put('large', streamOf(noise(9 * MIB)))],
  ['bucket', (store) => store.inspect?.() ?? Promise.resolve()],
];

describe('an answer that is not of Google Cloud Storage', () => {
  for (const [what, reply] of ANSWERS) {
    for (const [index, [operation, act]] of CALLS.entries()) {
      it(`is refused: ${what} to ${operation} (${index})`, async () => {
        const server = await start();
        seed(server, 'a', 'there');
        const store = open(server);
        server.faults.add({ on: operation, fault: { kind: 'answer', reply }, times: Number.POSITIVE_INFINITY });
        const error = await failure(act(store));
        expect(error).toMatchObject({ name: 'StoreError' });
        expect(server.bucket().names()).toEqual(['a']);
      });
    }
  }

  for (const [what, reply] of ANSWERS.filter(([, { status }]) => status !== 204)) {
    it(`is refused: ${what} to delete`, async () => {
      const server = await start();
      seed(server, 'a', 'there');
      server.faults.add({ on: 'delete', fault: { kind: 'answer', reply } });
      expect(await failure(open(server).delete('a'))).toMatchObject({ code: 'unexpected' });
    });
  }

  it('to the last piece of an upload is no success', async () => {
    const server = await start();
    const reply = typed('application/json', '{}');
    server.faults.add({ on: 'put', skip: 1, fault: { kind: 'answer', reply }, times: Number.POSITIVE_INFINITY });
    const error = await failure(open(server).put('large', streamOf(noise(9 * MIB))));
    expect(error.message).toContain('Something else than Google Cloud Storage answers');
  });
});
