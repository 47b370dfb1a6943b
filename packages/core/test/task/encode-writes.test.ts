import { hashOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { SerializeError, type WrittenArtifact } from '../../src/contract/index.ts';
import { encodeWrites } from '../../src/task/attempt/execute-task.ts';

const artifactOf = (value: unknown): WrittenArtifact => ({
  reference: { digest: hashOf(Buffer.from(String(value))), size: 1, codec: 'json' },
});

/** A store that holds each value back until the test lets it through. */
function slowValues(sizeOf: (value: unknown) => number = () => 1) {
  const waiting: (() => void)[] = [];
  const state = { bytesUnderWay: 0, most: 0, mostBytes: 0 };
  let open = 0;
  const write = async (value: unknown) => {
    if (value === 'bad') throw new SerializeError('is bad', { path: '.a' });
    state.most = Math.max(state.most, ++open);
    state.bytesUnderWay += sizeOf(value);
    state.mostBytes = Math.max(state.mostBytes, state.bytesUnderWay);
    await new Promise<void>((resolve) => waiting.push(resolve));
    open--;
    state.bytesUnderWay -= sizeOf(value);
    return artifactOf(value);
  };
  const letThrough = async (encoding: Promise<unknown>) => {
    let over = false;
    encoding.then(
      () => (over = true),
      () => (over = true),
    );
    while (!over) {
      waiting.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { state, letThrough, values: Object.assign(state, { write }) };
}

const writesOf = (values: readonly unknown[]) => new Map(values.map((value, i) => [`f${i}`, value]));

describe('encoding the fields that a task assigned', () => {
  it('stores at most 16 values at once, and returns them in the order of assignment', async () => {
    const { values, state, letThrough } = slowValues();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const encoding = encodeWrites('write', writesOf(numbers), values);
    await letThrough(encoding);
    expect(Object.entries(await encoding)).toEqual(numbers.map((i) => [`f${i}`, artifactOf(i)]));
    expect(state.most).toBe(16);
  });

  it('starts no further value while more than 32 MiB are on their way', async () => {
    const size = 20 * 1024 * 1024;
    const { values, state, letThrough } = slowValues(() => size);
    const encoding = encodeWrites('write', writesOf([1, 2, 3, 4, 5]), values);
    await letThrough(encoding);
    await encoding;
    expect(state.mostBytes).toBe(2 * size);
  });

  it('names the field that cannot be stored, wherever it stands', async () => {
    for (const all of [
      ['bad', 1, 2],
      [1, 'bad', 2],
      [1, 2, 'bad'],
    ]) {
      const { values, letThrough } = slowValues();
      const encoding = encodeWrites('train[2]', writesOf(all), values);
      await letThrough(encoding);
      await expect(encoding).rejects.toMatchObject({
        code: 'VARVE_NOT_STORABLE',
        message: `train[2] assigned this.f${all.indexOf('bad')}.a: is bad`,
      });
    }
  });
});
