import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Datastore, GetOptions } from '@varve/core/contract';
import type { GcsServer } from '@varve/test-servers/gcs';
import {
  expectBytes,
  MIB,
  noise,
  PART,
  PART_FAULTS,
  partHeaders,
  partsBy,
  readAll,
  readWhile,
  SIZES,
  until,
} from '@varve/test-servers/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GcsDatastore } from '../src/datastore.ts';
import { failure, NO_PAUSE, open, seed, useServers } from './support.ts';

const start = useServers();
/** Five parts, the last of them short. */
const LARGE = noise(4 * PART + 3);
/** Ms. Longer than a busy machine needs. */
const PATIENCE = { answerMs: 1500, idleMs: 1500 };
const HINT = { size: LARGE.length };

async function startWith(bytes = LARGE, options: Parameters<typeof open>[1] = {}) {
  const server = await start();
  seed(server, 'a', bytes);
  return { server, store: open(server, options) };
}

async function expectLarge(store: Datastore, options: GetOptions = HINT, wanted = LARGE): Promise<void> {
  expectBytes(await readAll(await store.get('a', options)), wanted);
}

const readsOf = (server: GcsServer) => server.log.filter(({ operation }) => operation === 'media');

const partAt = partsBy('media');

/** Reads until a failure, and tells what came before it. */
async function readUntilFailure(stream: AsyncIterable<Uint8Array>, onFirst?: () => Promise<unknown>) {
  const { error, bytes } = await readWhile(stream, onFirst);
  return { error: await failure(Promise.reject(error)), bytes };
}

describe('a large object whose size is known', () => {
  it('is read in ranges of one version, whose bytes come in their order', async () => {
    const { server, store } = await startWith();
    // The parts that are asked for first are answered last.
    for (const [at, ms] of [400, 300, 200, 100].entries()) {
      server.faults.add({ on: partAt(at * PART), fault: { kind: 'delay', ms } });
    }
    await expectLarge(store);
    const reads = readsOf(server);
    expect(reads.map(({ headers }) => headers.range).sort()).toEqual(partHeaders(LARGE.length).sort());
    const generation = String(server.bucket().peek('a')?.generation);
    const wanted = reads.map(({ url }) => new URL(url, server.url).searchParams.get('ifGenerationMatch'));
    expect(wanted.filter((one) => one === null)).toHaveLength(1);
    expect(new Set(wanted.filter((one) => one !== null))).toEqual(new Set([generation]));
  });

  it('is fetched four parts at a time, and held no further ahead of its reader', async () => {
    const { server, store } = await startWith();
    for (let part = 1; part < 5; part++) {
      server.faults.add({ on: partAt(part * PART), fault: { kind: 'delay', ms: 200 } });
    }
    const reader = (await store.get('a', HINT))[Symbol.asyncIterator]();
    await reader.next();
    await until(() => server.openAnswers === 3);
    await until(() => server.openAnswers === 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readsOf(server)).toHaveLength(4);
    await reader.return?.();
  });

  it('is one request as long as it has no more than two parts, or nobody says its size', async () => {
    const { server, store } = await startWith(LARGE.subarray(0, 2 * PART));
    await expectLarge(store, { size: 2 * PART }, LARGE.subarray(0, 2 * PART));
    seed(server, 'a', LARGE);
    await expectLarge(store, {});
    expect(readsOf(server).map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  it('may be read by a reader that takes its time', async () => {
    const { store } = await startWith(LARGE, { patience: { answerMs: 5000, idleMs: 1000 } });
    let count = 0;
    const chunks: Uint8Array[] = [];
    for await (const chunk of await store.get('a', HINT)) {
      chunks.push(chunk);
      if (count++ === 1) await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    expectBytes(Buffer.concat(chunks), LARGE);
  });

  it('is read from the middle in the same way, as after a break', async () => {
    const { server, store } = await startWith();
    const range = { start: PART + 5, end: Number.MAX_SAFE_INTEGER };
    await expectLarge(store, { ...HINT, range }, LARGE.subarray(range.start));
    await expectLarge(store, { ...HINT, range: { start: 3, end: 3 * PART } }, LARGE.subarray(3, 3 * PART));
    expect(readsOf(server)).toHaveLength(3 + 3);
  });
});

describe('a part that fails is an error after the bytes before it, and worth a retry', () => {
  for (const [how, fault] of PART_FAULTS) {
    it(`when it ${how}`, async () => {
      const { server, store } = await startWith(LARGE, { patience: PATIENCE });
      server.faults.add({ on: partAt(2 * PART), fault });
      const { error, bytes } = await readUntilFailure(await store.get('a', HINT));
      expect(error).toMatchObject({ code: 'unavailable', retryable: true, key: 'a' });
      expect(bytes.length).toBeGreaterThanOrEqual(2 * PART);
      expect(bytes.length).toBeLessThan(3 * PART);
      expectBytes(bytes, LARGE.subarray(0, bytes.length));
      await until(() => server.openAnswers === 0);
      const range = { start: bytes.length, end: Number.MAX_SAFE_INTEGER };
      await expectLarge(open(server), { ...HINT, range }, LARGE.subarray(bytes.length));
    });
  }
});

describe('an object that is replaced while its parts are read', () => {
  it('gives bytes of the old one only, then an error that says so', async () => {
    const { server, store } = await startWith();
    const replace = async () => {
      await until(() => readsOf(server).length === 4);
      seed(server, 'a', 'other');
    };
    const { error, bytes } = await readUntilFailure(await store.get('a', HINT), replace);
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).toBe('Cannot read "a" in gs://bucket: it was replaced while it was read.');
    expectBytes(bytes, LARGE.subarray(0, 4 * PART));
    await expectLarge(store, HINT, Buffer.from('other'));
  });

  it('is noticed when the server ignores the condition', async () => {
    let generation = 1;
    const store = await openAt((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const [begin, end] = [Number(from), Math.min(LARGE.length, Number(to) + 1)];
      response.writeHead(206, {
        'content-range': `bytes ${begin}-${end - 1}/${LARGE.length}`,
        'content-length': end - begin,
        'x-goog-generation': generation++,
      });
      response.end(LARGE.subarray(begin, end));
    });
    const { error, bytes } = await readUntilFailure(await store.get('a', HINT));
    expect(error.message).toContain('it was replaced while it was read');
    expectBytes(bytes, LARGE.subarray(0, PART));
  });

  it('is missing when it is deleted instead', async () => {
    const { server, store } = await startWith();
    const remove = async () => {
      await until(() => readsOf(server).length === 4);
      server.bucket().delete('a', new URLSearchParams());
    };
    expect((await readUntilFailure(await store.get('a', HINT), remove)).error.code).toBe('not-found');
  });
});

describe('a wrong size changes nothing of what is read', () => {
  for (const [what, size] of Object.entries(SIZES)) {
    it(`of an object of ${what}`, async () => {
      const bytes = LARGE.subarray(0, size);
      const { store } = await startWith(bytes);
      for (const wrong of [17 * MIB, 100 * MIB, 0]) {
        await expectLarge(store, { size: wrong }, bytes);
        const range = { start: 3, end: 20 * MIB };
        await expectLarge(store, { size: wrong, range }, bytes.subarray(3, range.end));
      }
    });
  }

  it('of an object that is not there', async () => {
    expect((await failure(open(await start()).get('a', HINT))).code).toBe('not-found');
  });

  it('where the server knows no ranges, or no versions', async () => {
    const all = await openAt((_, response) => response.end(LARGE));
    await expectLarge(all);
    const unversioned = await openAt((request, response) => {
      const isPart = request.headers.range !== undefined;
      const range = { 'content-range': `bytes 0-${PART - 1}/${LARGE.length}` };
      response.writeHead(isPart ? 206 : 200, isPart ? range : {});
      response.end(isPart ? LARGE.subarray(0, PART) : LARGE);
    });
    await expectLarge(unversioned);
  });
});

describe('nothing goes on', () => {
  it('after the reader has left', async () => {
    const { server, store } = await startWith();
    server.faults.add({ on: partAt(PART), fault: { kind: 'stall', after: MIB } });
    server.faults.add({ on: partAt(2 * PART), fault: { kind: 'stall', after: 0 } });
    for await (const chunk of await store.get('a', HINT)) {
      expect(chunk.length).toBeGreaterThan(0);
      await until(() => readsOf(server).length === 4);
      break;
    }
    await until(() => server.openAnswers === 0);
    expect(readsOf(server)).toHaveLength(4);
  });

  for (const [when, at, fault] of [
    ['while a part has no answer', PART, { kind: 'delay', ms: 2000 }],
    ['in the middle of a part', PART, { kind: 'stall', after: MIB }],
    ['in the middle of the first part', 0, { kind: 'stall', after: MIB }],
  ] as const) {
    it(`after an abort ${when}, which rejects with its reason`, async () => {
      const { server, store } = await startWith();
      server.faults.add({ on: partAt(at), fault });
      const controller = new AbortController();
      const reason = new Error('not wanted any more');
      const read = async () => {
        for await (const chunk of await store.get('a', { ...HINT, signal: controller.signal })) {
          expect(chunk.length).toBeGreaterThan(0);
          setTimeout(() => controller.abort(reason), 200);
        }
      };
      await expect(read()).rejects.toBe(reason);
      await until(() => server.openAnswers === 0);
    });
  }
});

/** A store at a server of the test. */
async function openAt(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<GcsDatastore> {
  const server = createServer((request, response) => {
    // Without any such header it is not an answer of the service.
    response.setHeader('x-goog-hash', 'md5=AAAA');
    answer(request, response);
  });
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
