import { digestOf, MemoryStore, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/contract/index.ts';
import { ArtifactStore } from '../../../src/store/artifacts/artifact-store.ts';
import { type BatchContent, decodeBatch, encodeBatch } from '../../../src/store/journal/batch.ts';
import { joinBytes } from '../../../src/store/objects/body.ts';
import { encodeEnvelope } from '../../../src/store/objects/envelope.ts';
import { batchKey } from '../../../src/store/objects/keys.ts';

const key = batchKey('Penguins', 'r1', 2);

function encode(changes: Partial<BatchContent> = {}) {
  const { event, bytes } = succeeded('load', { rows: '[1,2]', ['__proto__']: '"own"' });
  const content = { runId: 'r1', batch: 2, first: 7, writer: 'w', events: [event], blobs: bytes, ...changes };
  const encoded = encodeBatch(key, content, () => undefined);
  return { bytes: joinBytes(encoded.parts), locations: encoded.locations, event };
}

const decode = (bytes: Uint8Array, size = bytes.byteLength) => decodeBatch(bytes, { key, runId: 'r1', batch: 2, size });
const corrupt = expect.objectContaining({ code: 'VARVE_CORRUPT_JOURNAL', message: expect.stringContaining(key) });

/** A batch with a correct hash and any header. */
function forge(header: object): Uint8Array {
  return encodeEnvelope('batch', { run: 'r1', batch: 2, first: 7, writer: 'w', events: [], blobs: [], ...header });
}

describe('a commit batch', () => {
  it('decodes to its events, with every reference resolved', () => {
    const { bytes, locations, event } = encode();
    const decoded = decode(bytes);
    expect(decoded).toMatchObject({ batch: 2, first: 7, count: 1, writer: 'w' });
    expect(decoded.blobs).toEqual(locations);
    const [read] = decoded.events;
    if (read?.type !== 'task-succeeded' || event.type !== 'task-succeeded') throw new Error('no event');
    expect(read.writes.rows).toEqual({ ...event.writes.rows, at: locations.get(digestOf('[1,2]')) });
    const at = locations.get(digestOf('"own"'));
    expect(Object.entries(read.writes)[1]).toEqual(['__proto__', { ...Object.entries(event.writes)[1]?.[1], at }]);
    expect(Buffer.from(bytes.subarray(at?.offset, (at?.offset ?? 0) + (at?.length ?? 0))).toString()).toBe('"own"');
  });

  it('preserves every kind of event', () => {
    const log = {
      digest: digestOf('log'),
      size: 3,
      codec: 'log/1',
      at: { object: 'runs/a/b/batch/00000000', offset: 4, length: 3 },
    };
    const events: RunEvent[] = [
      { type: 'foreach-expanded', at: 1, step: 'train', parent: 'clean', labels: ['knn', ''] },
      { type: 'task-started', at: 2, task: 'train[0]', attempt: 1 },
      {
        type: 'task-succeeded',
        at: 3,
        task: 'train[0]',
        attempt: 2,
        via: 'cached',
        writes: {},
        deletes: ['x'],
        reads: ['!y', 'z'],
        log,
        ms: 0.5,
        from: 'Penguins/3/train[0]',
      },
      {
        type: 'task-failed',
        at: 4,
        task: 'a',
        attempt: 1,
        retrying: true,
        ms: 1,
        log,
        error: { name: 'E', message: '', code: 'C', hint: 'h', stack: 's', cause: { name: 'F', message: 'm' } },
      },
      { type: 'task-skipped', at: 5, task: 'b', reason: 'no' },
      { type: 'task-cancelled', at: 6, task: 'c', attempt: 1, reason: 'interrupted' },
      { type: 'run-ended', at: 7, status: 'cancelled' },
    ];
    expect(decode(encode({ events, blobs: new Map() }).bytes).events).toEqual(events);
  });

  it('is refused when a bit is flipped at any byte, before its content is decoded', async () => {
    const { bytes, locations } = encode();
    const header = Math.min(...[...locations.values()].map((at) => at.offset));
    for (let byte = 0; byte < bytes.byteLength; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = bytes.slice();
        damaged[byte] = (damaged[byte] ?? 0) ^ (1 << bit);
        if (byte < header) expect(() => decode(damaged), `byte ${byte}`).toThrow(/VARVE|damaged|format/);
        else await expect(readBlobs(damaged), `byte ${byte}`).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
      }
    }
  });

  it('is refused when it is shorter or longer than written', () => {
    const { bytes } = encode();
    for (let size = 0; size < bytes.byteLength; size += 7) expect(() => decode(bytes.slice(0, size))).toThrow(corrupt);
    expect(() => decode(joinBytes([bytes, new Uint8Array(1)]))).toThrow(corrupt);
  });

  it('is refused under the key of another run or another position', () => {
    expect(() => decode(encode({ runId: 'r2' }).bytes)).toThrow(corrupt);
    expect(() => decode(encode({ batch: 3 }).bytes)).toThrow(corrupt);
  });

  it('skips events of a later version, but counts them', () => {
    const later = { type: 'task-moved', at: 1, task: 'a', to: 'b' };
    const known = { type: 'task-started', at: 2, task: 'a', attempt: 1, colour: 'red' };
    const decoded = decode(
      forge({ events: [later, { type: '__proto__', at: 1 }, { type: 'constructor', at: 1 }, known] }),
    );
    expect(decoded.count).toBe(4);
    expect(decoded.events).toEqual([{ type: 'task-started', at: 2, task: 'a', attempt: 1 }]);
  });

  it('is refused when its format has another number', () => {
    const other = Buffer.from(forge({})).toString('latin1').replace('varve-batch 1 ', 'varve-batch 9 ');
    expect(() => decode(Buffer.from(other, 'latin1'))).toThrow(
      expect.objectContaining({ code: 'VARVE_FORMAT_VERSION' }),
    );
  });

  const reference = { digest: digestOf('x'), size: 1, codec: 'json/1' };
  const event = { type: 'task-succeeded', at: 1, task: 'a', attempt: 1, via: 'executed', writes: {}, ms: 1 };
  it.each([
    ['.events is not an array', { events: {} }],
    ['.events[0] is not an object', { events: [null] }],
    ['.events[0].at is not a finite number', { events: [{ ...event, at: 'noon' }] }],
    ['.events[0].via is not one of', { events: [{ ...event, via: 'magic' }] }],
    [
      '.events[0].writes.x.digest is not a digest',
      { events: [{ ...event, writes: { x: { ...reference, digest: 'sha256:../../x' } } }] },
    ],
    ['.events[0].writes.x.size is not a whole', { events: [{ ...event, writes: { x: { ...reference, size: -1 } } }] }],
    [
      '.events[0].writes.x.at is not inside',
      { events: [{ ...event, writes: { x: { ...reference, at: { offset: 0, length: 1 } } } }] },
    ],
    ['.events[0].reads[1] is not a string', { events: [{ ...event, reads: ['a', 1] }] }],
    ['.blobs[0][0] is not a digest', { blobs: [['x', 0, 0]] }],
    [
      '.blobs[1][1] is not where',
      {
        blobs: [
          [digestOf('x'), 0, 0],
          [digestOf('y'), 1, 0],
        ],
      },
    ],
    ['the object is not', { blobs: [[digestOf('x'), 0, 1]] }],
    ['.first is not a whole', { first: 1.5 }],
    ['.writer is not a string', { writer: null }],
  ])('is refused with the malformed field: %s', (message, header) => {
    expect(() => decode(forge(header))).toThrow(
      expect.objectContaining({ code: 'VARVE_CORRUPT_JOURNAL', message: expect.stringContaining(message) }),
    );
  });
});

async function readBlobs(bytes: Uint8Array): Promise<void> {
  const store = new MemoryStore();
  store.objects.set(key, { bytes, modifiedAt: 0 });
  const [event] = decode(bytes).events;
  if (event?.type !== 'task-succeeded') throw new Error('no event');
  await new ArtifactStore({ store }).readMany(Object.values(event.writes));
}
