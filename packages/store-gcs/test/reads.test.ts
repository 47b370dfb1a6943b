import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expectBytes, MIB, noise, readAll, until } from '@varve/test-servers/wire';
import { expect, it, onTestFinished } from 'vitest';
import { GcsDatastore } from '../src/datastore.ts';
import { bodyOf, failure, listAll, NO_PAUSE, open, persist, SHORT, seed, textOf, useServers } from './support.ts';

const start = useServers();
const SMALL = noise(5000);
const LARGE = noise(3 * MIB);
const BREAKS = [
  ['ends', { kind: 'cut', by: 'fin' }],
  ['is reset', { kind: 'cut', by: 'rst' }],
  ['falls silent', { kind: 'stall' }],
] as const;

for (const [name, bytes] of Object.entries({ small: SMALL, large: LARGE })) {
  for (const [how, fault] of BREAKS) {
    for (const after of [0, 1000]) {
      it(`a read of a ${name} object whose connection ${how} after ${after} bytes rejects with unavailable`, async () => {
        const server = await start();
        const store = open(server, { patience: SHORT });
        seed(server, 'a', bytes);
        server.faults.add({ on: 'media', fault: { ...fault, after } });
        const error = await failure(store.get('a').then(readAll));
        expect(error).toMatchObject({ code: 'unavailable', retryable: true, key: 'a' });
        expect(error.message).toMatch(/^Cannot read "a" in gs:\/\/bucket: .*(?:bytes|no answer within)/);
        expectBytes(await readAll(await open(server).get('a')), bytes);
      });
    }
  }
}

it('a read that broke off can go on where it broke', async () => {
  const server = await start();
  const store = open(server, { patience: SHORT });
  seed(server, 'a', LARGE);
  server.faults.add({ on: 'media', fault: { kind: 'cut', by: 'fin', after: 2 * MIB } });
  const chunks: Uint8Array[] = [];
  await failure(
    (async () => {
      for await (const chunk of await store.get('a')) chunks.push(chunk);
    })(),
  );
  const read = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  expect(read).toBeGreaterThan(0);
  const rest = await readAll(await open(server).get('a', { range: { start: read, end: LARGE.length } }));
  expectBytes(Buffer.concat([...chunks, rest]), LARGE);
});

it('a reader that takes its time is no stall', async () => {
  const server = await start();
  const store = open(server, { patience: { answerMs: 5000, idleMs: 60 } });
  seed(server, 'a', LARGE);
  let pauses = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.get('a')) {
    chunks.push(chunk);
    if (pauses++ < 2) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expectBytes(Buffer.concat(chunks), LARGE);
});

it('a reader that leaves early ends the connection, and the store goes on', async () => {
  const server = await start();
  const store = open(server);
  seed(server, 'a', LARGE);
  for await (const chunk of await store.get('a')) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  expectBytes(await readAll(await store.get('a')), LARGE);
});

it('an answer that does not come rejects with unavailable, whatever the call', async () => {
  const server = await start();
  const store = open(server, { patience: SHORT });
  seed(server, 'a', 'x');
  const calls = {
    get: () => store.get('a'),
    stat: () => store.stat('a'),
    list: () => listAll(store),
    delete: () => store.delete('a'),
    copy: () => store.copy('a', 'b'),
    put: () => store.put('c', bodyOf('y')),
  };
  for (const [name, call] of Object.entries(calls)) {
    server.faults.add({ fault: { kind: 'delay', ms: 3000 } });
    const error = await failure(call() as Promise<unknown>);
    expect(error, name).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message, name).toContain('no answer within 0.4 s');
  }
});

it('an abort ends a read that hangs at once, with its reason', async () => {
  const server = await start();
  const store = open(server);
  seed(server, 'a', LARGE);
  server.faults.add({ on: 'media', fault: { kind: 'stall', after: MIB } });
  const controller = new AbortController();
  const reason = new Error('enough');
  const read = async (): Promise<void> => {
    let size = 0;
    for await (const chunk of await store.get('a', { signal: controller.signal })) {
      size += chunk.length;
      if (size === MIB) controller.abort(reason);
    }
  };
  await expect(read()).rejects.toBe(reason);
});

it('many calls may share one signal without a warning of Node', async () => {
  const server = await start();
  const store = open(server);
  const warnings: string[] = [];
  const listen = (warning: Error): unknown => warnings.push(warning.message);
  process.on('warning', listen);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.put(`a/${index}`, bodyOf('x'), { signal })));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  expect(warnings).toEqual([]);
});

for (const status of [408, 429, 500, 502, 503, 504]) {
  it(`a read that is answered with ${status} rejects with unavailable, and works when it is repeated`, async () => {
    const server = await start();
    const store = open(server);
    seed(server, 'a', 'x');
    server.faults.add({ on: 'media', fault: { kind: 'refuse', status } });
    expect(await failure(store.get('a'))).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await persist(() => textOf(store, 'a'))).toBe('x');
  });
}

it('no call repeats itself: that is left to the layer above', async () => {
  const server = await start();
  const store = open(server);
  server.faults.add({ fault: { kind: 'refuse', status: 503 }, times: 100 });
  await failure(store.get('a'));
  await failure(store.stat('a'));
  await failure(listAll(store));
  await failure(store.delete('a'));
  await failure(store.put('a', bodyOf('x')));
  await failure(store.copy('a', 'b'));
  expect(server.log.map(({ operation }) => operation)).toEqual(['media', 'get', 'list', 'delete', 'insert', 'rewrite']);
});

it('a list asks for page after page, and says so when one of them fails', async () => {
  const server = await start();
  const store = open(server);
  const names = Array.from({ length: 2500 }, (_, index) => `a/${String(index).padStart(4, '0')}`);
  for (const name of names) seed(server, name, 'x');
  expect((await listAll(store, 'a/')).map(({ key }) => key)).toEqual(names);
  expect(server.count('list')).toBe(3);
  for (const by of ['fin', 'rst'] as const) {
    server.faults.add({ on: 'list', skip: 1, fault: { kind: 'cut', by, after: 50 } });
    expect(await failure(listAll(store, 'a/'))).toMatchObject({ code: 'unavailable', retryable: true });
  }
});

it('no more than 64 requests wait for their answers at once, and one that waits for its turn can be aborted', async () => {
  const waiting: ServerResponse[] = [];
  let most = 0;
  const slow = createServer((_, response) => {
    most = Math.max(most, waiting.push(response));
  });
  const store = await openAt(slow);
  const reason = new Error('not wanted any more');
  const controller = new AbortController();
  const calls = Array.from({ length: 150 }, (_, index) => store.stat(`a/${index}`));
  const aborted = store.stat('late', { signal: controller.signal });
  await until(() => waiting.length === 64);
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  for (let answered = 0; answered < calls.length; answered++) {
    await until(() => waiting.length > 0);
    waiting.pop()?.end('{"kind":"storage#object","size":"1","timeCreated":"2026-01-01T00:00:00Z"}');
  }
  expect(await Promise.all(calls)).toHaveLength(150);
  expect(most).toBe(64);
});

it('an answer from the start to a request for later bytes is refused, not taken for them', async () => {
  const store = await openAt(
    createServer((_, response) => {
      response.setHeader('x-goog-generation', '1');
      response.end('0123456789');
    }),
  );
  expect(await textOf(store, 'a')).toBe('0123456789');
  const error = await failure(store.get('a', { range: { start: 4, end: 6 } }));
  expect(error).toMatchObject({ code: 'unexpected', retryable: false });
  expect(error.message).toContain('does not begin at byte 4');
});

/** A store at a server of the test. */
async function openAt(server: Server): Promise<GcsDatastore> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = new GcsDatastore({ bucket: 'bucket', apiEndpoint, clock: NO_PAUSE });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  return store;
}
