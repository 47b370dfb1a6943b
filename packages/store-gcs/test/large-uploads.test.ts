import type { Body } from '@varve/core/contract';
import { expectBytes, MIB, noise, readAll, until } from '@varve/test-servers/wire';
import { expect, it } from 'vitest';
import { bodyOf, failure, open, persist, seed, streamOf, useServers } from './support.ts';

const start = useServers();
const CREATE = { ifAbsent: true };
const LARGE = noise(20 * MIB + 12_345);

it('sends a large object in pieces of 8 MiB, with a checksum in the last', async () => {
  const server = await start();
  const store = open(server);
  await store.put('a', streamOf(LARGE));
  expect(server.log.map(({ operation }) => operation)).toEqual(['start', 'put', 'put', 'put']);
  const ranges = server.log.map(({ headers }) => headers['content-range']);
  const size = LARGE.length;
  expect(ranges.slice(1)).toEqual([
    `bytes 0-8388607/${size}`,
    `bytes 8388608-16777215/${size}`,
    `bytes 16777216-${size - 1}/${size}`,
  ]);
  expect(server.log.at(-1)?.headers['x-goog-hash']).toBe(`crc32c=${server.bucket().peek('a')?.crc32c}`);
  expectBytes(await readAll(await store.get('a')), LARGE);
});

it('sends an object of exactly two pieces in two', async () => {
  const server = await start();
  const bytes = noise(16 * MIB, 2);
  await open(server).put('a', streamOf(bytes, 16 * MIB), CREATE);
  await open(server).put('b', bodyOf(bytes), CREATE);
  expect(server.log.map(({ operation }) => operation)).toEqual(['start', 'put', 'put', 'start', 'put', 'put']);
  expectBytes(server.bucket().peek('a')?.bytes ?? new Uint8Array(), bytes);
  expectBytes(server.bucket().peek('b')?.bytes ?? new Uint8Array(), bytes);
});

for (const piece of [0, 1, 2]) {
  for (const fault of [{ kind: 'refuse', status: 503 }, { kind: 'drop' }, { kind: 'lost-ack', by: 'rst' }] as const) {
    it(`goes on with an upload whose piece ${piece + 1} of 3 meets ${fault.kind}, without the body being read again`, async () => {
      const server = await start();
      server.faults.add({ on: 'put', skip: piece, fault });
      let opened = 0;
      const body: Body = {
        size: LARGE.length,
        open: () => {
          opened += 1;
          return streamOf(LARGE).open();
        },
      };
      await open(server).put('a', body, CREATE);
      expect(opened).toBe(1);
      expect(server.count('status')).toBe(1);
      expect(server.count('put')).toBe(fault.kind === 'lost-ack' ? 3 : 4);
      expectBytes(server.bucket().peek('a')?.bytes ?? new Uint8Array(), LARGE);
    });
  }
}

it('gives up an upload that makes no progress, with unavailable, and leaves nothing', async () => {
  const server = await start();
  server.faults.add({ on: 'put', skip: 1, fault: { kind: 'refuse', status: 503 }, times: 1000 });
  expect(await failure(open(server).put('a', streamOf(LARGE)))).toMatchObject({ code: 'unavailable', retryable: true });
  expect(server.count('put') + server.count('status')).toBeLessThan(20);
  expect(server.bucket().names()).toEqual([]);
});

it('begins again when the service has forgotten the upload', async () => {
  const server = await start();
  const store = open(server);
  let read = 0;
  const body: Body = {
    size: LARGE.length,
    async *open() {
      read += 1;
      let sent = 0;
      for await (const chunk of streamOf(LARGE).open()) {
        yield chunk;
        sent += chunk.length;
        if (read === 1 && sent > 17 * MIB) server.uploads.forget();
      }
    },
  };
  await persist(() => store.put('a', body, CREATE));
  expect(read).toBe(2);
  expectBytes(server.bucket().peek('a')?.bytes ?? new Uint8Array(), LARGE);
});

it('never lets an object appear whose bytes were damaged on their way', async () => {
  for (const skip of [0, 2]) {
    const server = await start();
    const store = open(server);
    server.faults.add({ on: 'put', skip, fault: { kind: 'damage' } });
    expect(await failure(store.put('a', streamOf(LARGE)))).toMatchObject({ code: 'unavailable', retryable: true });
    expect(server.bucket().names()).toEqual([]);
    expect(server.count('put')).toBe(3);
  }
});

it('lets exactly one of two large conditional creates win, however late the loser finds out', async () => {
  const server = await start();
  const [one, two] = [open(server), open(server)];
  const outcomes = await Promise.allSettled([
    one.put('a', streamOf(LARGE), CREATE),
    two.put('a', streamOf(noise(LARGE.length, 9)), CREATE),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const lost = outcomes.find((outcome) => outcome.status === 'rejected');
  expect(lost?.reason).toMatchObject({ code: 'already-exists', retryable: false });
});

it('finds a large key taken before it sends a byte', async () => {
  const server = await start();
  seed(server, 'a', 'x');
  expect(await failure(open(server).put('a', streamOf(LARGE), CREATE))).toMatchObject({ code: 'already-exists' });
  expect(server.count('put')).toBe(0);
});

it('cancels an upload whose body fails, ends early, does not end, or is aborted', async () => {
  const server = await start();
  const store = open(server);
  const broken: Body = {
    size: LARGE.length,
    async *open() {
      yield LARGE.subarray(0, 9 * MIB);
      throw new Error('the disk broke');
    },
  };
  await expect(store.put('a', broken)).rejects.toThrow('the disk broke');
  expect(await failure(store.put('a', { ...streamOf(LARGE), size: LARGE.length + 1 }))).toMatchObject({
    code: 'corrupt',
  });
  expect(await failure(store.put('a', { ...streamOf(LARGE), size: LARGE.length - 1 }))).toMatchObject({
    code: 'corrupt',
  });
  const reason = new Error('changed my mind');
  const controller = new AbortController();
  const hanging: Body = {
    size: LARGE.length,
    async *open() {
      yield LARGE.subarray(0, 9 * MIB);
      controller.abort(reason);
      await new Promise(() => undefined);
    },
  };
  await expect(store.put('a', hanging, { signal: controller.signal })).rejects.toBe(reason);
  await until(() => server.count('cancel') === 4);
  expect(server.uploads.open).toBe(0);
  expect(server.bucket().names()).toEqual([]);
});

it('copies a large object in as many requests as the service wants', async () => {
  const server = await start();
  const store = open(server);
  seed(server, 'a', LARGE);
  await store.copy('a', 'b');
  expect(server.count('rewrite')).toBe(2);
  expectBytes(server.bucket().peek('b')?.bytes ?? new Uint8Array(), LARGE);
});
