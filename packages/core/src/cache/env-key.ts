import { createHmac, randomBytes } from 'node:crypto';
import type { CallOptions, Datastore } from '../contract/index.ts';
import { readObject } from '../store/objects/body.ts';
import { createOnce } from '../store/objects/create-once.ts';
import { ENV_KEY } from '../store/objects/key.ts';
import { seal, unseal } from '../store/objects/sealed.ts';
import { asFields, asString } from '../store/objects/shape.ts';

/** Random bytes of the key, in hex. */
const KEY_BYTES = 32;

/**
 * With what values of environment variables are hashed, so that nobody can guess them from a cache key without reading
 * the store. Made by whoever comes first; everybody who shares the store shares it. Hex.
 */
export async function readEnvKey(store: Datastore, options: CallOptions = {}): Promise<string> {
  for (;;) {
    const bytes = await readObject(store, ENV_KEY, options);
    if (bytes) return asString(asFields(unseal('secret', bytes, ENV_KEY), '').key, '.key');
    await createOnce(store, ENV_KEY, [seal('secret', { key: randomBytes(KEY_BYTES).toString('hex') })], options);
  }
}

/** A value that can be compared and not read; `null` for a variable that is not set. */
export function hashEnv(key: string, name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`${name}\n${value}`).digest('hex').slice(0, 32);
}
