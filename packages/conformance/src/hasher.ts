import assert from 'node:assert/strict';
import { createHash, getHashes } from 'node:crypto';
import type { Hasher } from '@varve/core/contract';
import { pattern } from './bytes.ts';
import type { Case, Kit } from './case.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function streamed(hasher: Hasher, chunks: readonly Uint8Array[]): string {
  const stream = hasher.create();
  for (const chunk of chunks) stream.update(chunk);
  return stream.digest();
}

/** Finds the algorithm's name in `node:crypto`, if it has one: `sha512256` is its `sha512-256`. */
function knownName(algorithm: string): string | undefined {
  return getHashes().find((name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === algorithm);
}

const cases: readonly Case<Hasher>[] = [
  {
    name: 'has an algorithm of [a-z0-9]+',
    async run(hasher) {
      assert.match(hasher.algorithm, /^[a-z0-9]+$/);
    },
  },
  {
    name: 'gives lower-case hex of one length',
    async run(hasher) {
      const digests = Array.from({ length: 200 }, (_, n) => hasher.hash([pattern(n)]));
      for (const digest of digests) {
        assert.match(digest, /^[0-9a-f]+$/);
        assert.equal(digest.length, digests[0]?.length, 'the length of a digest');
        assert.ok(digest.length >= 32, 'a digest is shorter than 128 bits');
      }
    },
  },
  {
    name: 'gives different bytes different digests',
    async run(hasher) {
      const inputs = [
        ...Array.from({ length: 300 }, (_, n) => new Uint8Array(n)),
        bytes('a'),
        bytes('A'),
        bytes('a\n'),
      ];
      for (let bit = 0; bit < 800; bit++) {
        const input = pattern(100_000);
        input[bit * 125] = (input[bit * 125] ?? 0) ^ (1 << (bit % 8));
        inputs.push(input);
      }
      assert.equal(new Set(inputs.map((input) => hasher.hash([input]))).size, inputs.length, 'different digests');
    },
  },
  {
    name: 'gives the same digest wherever the parts are cut',
    async run(hasher) {
      const input = pattern(10_000, 5);
      const whole = hasher.hash([input]);
      assert.equal(hasher.hash([input]), whole, 'the same bytes again');
      for (const cut of [0, 1, 63, 64, 65, 5000, 9999, 10_000]) {
        assert.equal(hasher.hash([input.subarray(0, cut), input.subarray(cut)]), whole, `two parts, cut at ${cut}`);
      }
      assert.equal(hasher.hash(Array.from(input, (byte) => Uint8Array.of(byte))), whole, 'one part a byte');
      assert.equal(hasher.hash([]), hasher.hash([new Uint8Array()]), 'no part and an empty part');
    },
  },
  {
    name: 'streams to the same digest as in one call',
    async run(hasher) {
      for (const size of [0, 1, 64, 1000, 300_000]) {
        const input = pattern(size, 6);
        const cut = size >> 1;
        const digest = streamed(hasher, [input.subarray(0, cut), new Uint8Array(), input.subarray(cut)]);
        assert.equal(digest, hasher.hash([input]), `${size} bytes`);
      }
      assert.equal(streamed(hasher, []), hasher.hash([]), 'no chunk');
    },
  },
  {
    name: 'reads a view within its bounds',
    async run(hasher) {
      const input = pattern(1000, 7);
      const view = new Uint8Array(input.buffer, 100, 50);
      assert.equal(hasher.hash([view]), hasher.hash([Uint8Array.from(view)]), 'in one call');
      assert.equal(streamed(hasher, [view]), hasher.hash([Uint8Array.from(view)]), 'as a stream');
    },
  },
  {
    name: 'is done with a chunk when update returns',
    async run(hasher) {
      const reused = new Uint8Array(4);
      const stream = hasher.create();
      for (const text of ['laid', 'down', 'once']) {
        reused.set(bytes(text));
        stream.update(reused);
      }
      assert.equal(stream.digest(), hasher.hash([bytes('laiddownonce')]));
    },
  },
  {
    name: 'keeps streams apart',
    async run(hasher) {
      const [a, b] = [hasher.create(), hasher.create()];
      a.update(bytes('a1'));
      b.update(bytes('b1'));
      a.update(bytes('a2'));
      assert.equal(a.digest(), hasher.hash([bytes('a1a2')]));
      assert.equal(b.digest(), hasher.hash([bytes('b1')]));
    },
  },
  {
    name: 'is the algorithm it says, where Node knows it too',
    needs: ['knownAlgorithm'],
    async run(hasher) {
      const name = knownName(hasher.algorithm) ?? '';
      for (const input of [bytes(''), bytes('abc'), pattern(100_000, 8)]) {
        assert.equal(
          hasher.hash([input]),
          createHash(name).update(input).digest('hex'),
          `${name} of ${input.length} bytes`,
        );
      }
    },
  },
];

/** The cases of the Hasher contract. */
export const hasherKit: Kit<Hasher> = {
  kind: 'Hasher',
  cases,
  has: (hasher, need) => need === 'knownAlgorithm' && knownName(hasher.algorithm) !== undefined,
};
