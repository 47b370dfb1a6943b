import { inspect } from 'node:util';

const BARE = { depth: 0, maxArrayLength: 0, showHidden: true, customInspect: false, getters: false } as const;

/**
 * True when a long array or typed array carries properties besides its elements. Listing its own names would make a
 * string of every index, so this compares it with a bare sibling in Node's inspector, which lists the other names alone.
 */
export function carriesExtras(value: object, sibling: object): boolean {
  return inspect(value, BARE) !== inspect(sibling, BARE);
}
