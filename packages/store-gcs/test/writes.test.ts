import { noise } from '@varve/test-servers/wire';
import { expect, it } from 'vitest';
import { bodyOf, failure, open, persist, SHORT, seed, streamOf, textOf, useServers } from './support.ts';

const start = useServers();
const CREATE = { ifAbsent: true };

it('sends an object of up to 8 MiB in one request', async () => {
  const server = await start();
  await open(server).put('a', streamOf(noise(8 * 1024 * 1024)));
  expect(server.log.map(({ operation }) => operation)).toEqual(['insert']);
});

for (const fault of [
  { kind: 'refuse', status: 503 },
  { kind: 'refuse', status: 500 },
  { kind: 'refuse', status: 429, reason: 'rateLimitExceeded' },
  { kind: 'refuse', status: 403, reason: 'userRateLimitExceeded' },
  { kind: 'refuse', status: 408 },
  { kind: 'drop' },
] as const) {
  const what = 'status' in fault ? `is answered with ${fault.status}` : 'is reset';
  it(`a put that ${what} rejects with unavailable, leaves nothing, and works when it is repeated`, async () => {
    const server = await start();
    const store = open(server);
    server.faults.add({ on: 'insert', fault, times: 2 });
    expect(await failure(store.put('a', bodyOf('x')))).toMatchObject({ code: 'unavailable', retryable: true });
    expect(server.bucket().names()).toEqual([]);
    const body = bodyOf('x');
    await persist(() => store.put('a', body, CREATE));
    expect(await textOf(store, 'a')).toBe('x');
  });
}

for (const by of ['fin', 'rst'] as const) {
  it(`a put whose answer is cut (${by}) rejects with unavailable, and works when it is repeated`, async () => {
    const server = await start();
    const store = open(server);
    server.faults.add({ on: 'insert', fault: { kind: 'cut', by, after: 3 } });
    const body = bodyOf('x');
    expect(await failure(store.put('a', body, CREATE))).toMatchObject({ code: 'unavailable' });
    await store.put('a', body, CREATE);
    expect(await textOf(store, 'a')).toBe('x');
  });
}

it('a put whose answer stalls rejects with unavailable in bounded time', async () => {
  const server = await start();
  const store = open(server, { patience: SHORT });
  server.faults.add({ on: 'insert', fault: { kind: 'stall', after: 3 } });
  expect(await failure(store.put('a', bodyOf('x')))).toMatchObject({ code: 'unavailable', retryable: true });
});

it('a conditional put whose answer was lost is repeated and finds that it had won', async () => {
  const server = await start();
  const store = open(server);
  server.faults.add({ on: 'insert', fault: { kind: 'lost-ack', by: 'rst' } });
  const body = bodyOf('mine');
  await persist(() => store.put('a', body, CREATE));
  expect(server.log.map(({ status }) => status)).toEqual([200, 412, 200]);
  expect(await textOf(store, 'a')).toBe('mine');
});

it('a conditional put whose answer was lost loses to another writer, even one of the same bytes', async () => {
  const server = await start();
  const [store, other] = [open(server), open(server)];
  server.faults.add({ on: 'insert', fault: { kind: 'drop' } });
  const body = bodyOf('claim');
  expect(await failure(store.put('a', body, CREATE))).toMatchObject({ code: 'unavailable' });
  await other.put('a', bodyOf('claim'), CREATE);
  expect(await failure(store.put('a', body, CREATE))).toMatchObject({ code: 'already-exists', retryable: false });
});

it('a conditional put that was answered is not mistaken for one whose answer was lost', async () => {
  const server = await start();
  const store = open(server);
  const body = bodyOf('mine');
  server.faults.add({ on: 'insert', fault: { kind: 'lost-ack', by: 'rst' } });
  await persist(() => store.put('a', body, CREATE));
  expect(await failure(store.put('a', body, CREATE))).toMatchObject({ code: 'already-exists' });
  await store.put('b', body, CREATE);
  expect(await failure(store.put('b', body, CREATE))).toMatchObject({ code: 'already-exists' });
});

it('a conditional put can be repeated when what was in its way is gone again', async () => {
  const server = await start();
  const store = open(server);
  const body = bodyOf('mine');
  server.faults.add({ on: 'insert', fault: { kind: 'lost-ack', by: 'rst' } });
  await failure(store.put('a', body, CREATE));
  server.faults.add({ on: 'get', fault: { kind: 'refuse', status: 404, reason: 'notFound' } });
  const error = await failure(store.put('a', body, CREATE));
  expect(error).toMatchObject({ code: 'unavailable', retryable: true });
  await store.put('a', body, CREATE);
});

it('a put whose answer was lost and a delete whose answer was lost can both be repeated', async () => {
  const server = await start();
  const store = open(server);
  server.faults.add({ on: 'insert', fault: { kind: 'lost-ack', by: 'rst' } });
  await persist(() => store.put('a', bodyOf('x')));
  server.faults.add({ on: 'delete', fault: { kind: 'lost-ack', by: 'rst' } });
  await persist(() => store.delete('a'));
  expect(server.bucket().names()).toEqual([]);
});

it('bytes that were damaged on their way are refused by the service and can be sent again', async () => {
  const server = await start();
  const store = open(server);
  seed(server, 'other', 'x');
  server.faults.add({ on: 'insert', fault: { kind: 'damage' } });
  expect(await failure(store.put('a', bodyOf('whole')))).toMatchObject({ code: 'unavailable', retryable: true });
  expect(server.bucket().names()).toEqual(['other']);
  await store.put('a', bodyOf('whole'));
  expect(await textOf(store, 'a')).toBe('whole');
});

it('of many racing creates through two stores exactly one wins, and none fails in another way', async () => {
  const server = await start();
  const stores = [open(server), open(server)];
  server.faults.add({ on: 'insert', fault: { kind: 'lost-ack', by: 'rst' }, times: 3 });
  server.faults.add({ on: 'insert', skip: 2, fault: { kind: 'refuse', status: 503 }, times: 3 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 16 }, async (_, racer) => {
      const body = bodyOf(`racer ${racer}`);
      await persist(() => (stores[racer % 2] ?? open(server)).put('claim', body, CREATE), 10);
      return racer;
    }),
  );
  const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(winners).toHaveLength(1);
  expect(await textOf(open(server), 'claim')).toBe(`racer ${winners[0]}`);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already-exists' });
  }
});
