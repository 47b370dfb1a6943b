import { MessageChannel } from 'node:worker_threads';
import type { Body, Digest } from '@varve/core/contract';
import { ArtifactStore, type BlobSource, blobKey } from '@varve/core/internal';
import { hashOf, MemoryStore, noise, settle } from '@varve/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { type BlobLink, createBlobAccess, PartReader } from '../../src/io/blob-client.ts';
import { serveBlobs } from '../../src/io/blob-server.ts';

const open: BlobLink[] = [];
afterEach(() => {
  for (const link of open.splice(0)) for (const port of [link.sync, link.stream]) port.close();
});

/** Both ends of a link in this thread: everything but waiting works. */
function connect(put: BlobSource['put']) {
  const sync = new MessageChannel();
  const stream = new MessageChannel();
  const flag = new SharedArrayBuffer(4);
  const worker: BlobLink = { sync: sync.port1, stream: stream.port1, flag };
  const server: BlobLink = { sync: sync.port2, stream: stream.port2, flag };
  open.push(worker, server);
  let pulls = 0;
  stream.port1.on('message', (message: object) => {
    if ('pull' in message) pulls++;
  });
  const unused = () => Promise.reject(new Error('not asked for here'));
  serveBlobs(server, { read: unused, materialize: unused, scratch: unused, put });
  return { access: createBlobAccess(worker), worker, server, pulls: () => pulls };
}

function storing(store = new MemoryStore()) {
  const artifacts = new ArtifactStore({ store });
  const put = (digest: Digest, body: Body) => artifacts.putStream({ ...body, digest }, 'any').then(() => {});
  return { store, artifacts, put };
}

describe('storing what a worker holds', () => {
  it('carries the bytes over unchanged, whatever parts they come in', async () => {
    const { store, put } = storing();
    const bytes = noise(1_500_001);
    const digest = hashOf(bytes);
    const cuts = [0, 1, 1, 300_000, 524_288, 1_500_001];
    const parts = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
    await connect(put).access.put(digest, parts);
    expect(Buffer.compare(store.bytes(blobKey(digest)), bytes)).toBe(0);
  });

  it('asks for a few pieces at a time, so that a slow store holds little', async () => {
    let seen: AsyncIterator<Uint8Array> | undefined;
    const { access, pulls } = connect((_, body) => {
      seen = body.open()[Symbol.asyncIterator]();
      return new Promise(() => {});
    });
    const bytes = noise(8 * 1024 * 1024);
    access.put(hashOf(bytes), [bytes]).catch(() => {});
    await settle();
    await seen?.next();
    await settle();
    expect(pulls()).toBeGreaterThan(0);
    expect(pulls()).toBeLessThanOrEqual(5);
  });

  it('pulls nothing of what is stored already', async () => {
    const { put, artifacts } = storing();
    const bytes = noise(600_000);
    await artifacts.put([bytes], 'any');
    const { access, pulls } = connect(put);
    await access.put(hashOf(bytes), [bytes]);
    expect(pulls()).toBe(0);
  });

  it('notices that the memory was changed meanwhile, and stores nothing', async () => {
    const { store, put } = storing();
    const bytes = noise(600_000);
    const digest = hashOf(bytes);
    const stored = connect(put).access.put(digest, [bytes]);
    bytes[599_999] = 1 + (bytes[599_999] ?? 0);
    await expect(stored).rejects.toMatchObject({ code: 'VARVE_CHANGED_SOURCE' });
    expect(store.keys()).toEqual([]);
  });

  it('notices that the memory was given away meanwhile', async () => {
    const { store, put } = storing();
    const bytes = noise(600_000);
    const stored = connect(put).access.put(hashOf(bytes), [bytes]);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    await expect(stored).rejects.toMatchObject({ code: 'VARVE_CHANGED_SOURCE' });
    expect(store.keys()).toEqual([]);
  });
});

describe('a worker that ends while it stores', () => {
  /** Holds the first piece back until it is told to go on. */
  function gated() {
    const base = storing();
    const results: Promise<void>[] = [];
    let begun: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const put = (digest: Digest, body: Body) => {
      const slow: Body = {
        size: body.size,
        async *open() {
          for await (const chunk of body.open()) {
            begun();
            await gate;
            yield chunk;
          }
        },
      };
      const result = base.put(digest, slow);
      results.push(result);
      result.catch(() => {});
      return result;
    };
    return { ...base, put, started, go, results };
  }

  it('leaves nothing behind, and nobody waiting', async () => {
    const { store, put, started, go, results } = gated();
    const { access, worker } = connect(put);
    const bytes = noise(8 * 1024 * 1024);
    access.put(hashOf(bytes), [bytes]).catch(() => {});
    await started;
    worker.stream.close();
    go();
    await expect(results[0]).rejects.toThrow('the worker ended');
    expect(store.keys()).toEqual([]);
  });

  it('does not take another worker with it that stores the same', async () => {
    const { store, put, started, go } = gated();
    const [dying, living] = [connect(put), connect(put)];
    const bytes = noise(8 * 1024 * 1024);
    dying.access.put(hashOf(bytes), [bytes]).catch(() => {});
    await started;
    const other = living.access.put(hashOf(bytes), [bytes]);
    await settle();
    dying.worker.stream.close();
    go();
    await other;
    expect(hashOf(store.bytes(blobKey(hashOf(bytes))))).toBe(hashOf(bytes));
  });
});

describe('a thread of the store that ends', () => {
  it('fails what is under way and what comes later', async () => {
    const { access, server } = connect(() => new Promise(() => {}));
    const bytes = noise(300_000);
    const under = access.put(hashOf(bytes), [bytes]);
    await settle();
    server.stream.close();
    await expect(under).rejects.toMatchObject({ code: 'VARVE_IO_STOPPED' });
    await expect(access.put(hashOf(bytes), [bytes])).rejects.toMatchObject({ code: 'VARVE_IO_STOPPED' });
    await expect(access.scratch()).rejects.toMatchObject({ code: 'VARVE_IO_STOPPED' });
  });
});

describe('reading parts as one', () => {
  it('fills any range, forwards and backwards, and stops where the parts end', () => {
    const bytes = noise(1000);
    const reader = new PartReader([
      bytes.subarray(0, 10),
      new Uint8Array(0),
      bytes.subarray(10, 400),
      bytes.subarray(400),
    ]);
    for (const [offset, length] of [
      [0, 5],
      [5, 700],
      [995, 50],
      [3, 8],
      [400, 1],
      [1000, 4],
    ] as const) {
      const target = new Uint8Array(length);
      const filled = reader.fill(target, offset);
      expect(Buffer.from(target.subarray(0, filled))).toEqual(Buffer.from(bytes.subarray(offset, offset + length)));
    }
  });
});
