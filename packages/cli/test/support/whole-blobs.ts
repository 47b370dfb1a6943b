import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { TestStore } from './stores.ts';

/** Checks that no large artifact is half written: each has the digest that it is named by, once it is unpacked. */
export function expectWholeBlobs(store: TestStore): void {
  for (const key of store.keys('cas/sha256/')) {
    const object = store.read(key) ?? Buffer.alloc(0);
    const isPacked = key.endsWith('.gz');
    const bytes = isPacked ? gunzipSync(object.subarray(object.indexOf('\n') + 1)) : object;
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(digest, key).toBe(key.replace(/\.gz$/, '').slice(-64));
  }
}
