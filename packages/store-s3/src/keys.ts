/** Longest key, in bytes. Keys are ASCII, so bytes are characters. */
const KEY_MAX = 512;
const KEY = /^(?!(?:.*\/)?\.{1,2}(?:\/|$))[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/;
/** The start of some key: its last segment may be cut anywhere. */
const START = /^(?:(?!\.{1,2}\/)[a-z0-9._-]+\/)*[a-z0-9._-]*$/;

/** No key can hold a `~`: this object is the store's own. */
export const PROBE = '~probe/if-none-match';

/** True when a key is in the grammar of the contract. */
export function isKey(key: string): boolean {
  return key.length > 0 && key.length <= KEY_MAX && KEY.test(key);
}

/** True when a key can start with `prefix`. */
export function startsKeys(prefix: string): boolean {
  return prefix.length <= KEY_MAX && START.test(prefix);
}
