import { randomUUID } from 'node:crypto';
import type { Body } from '../contract/index.ts';

/** The name in the metadata of an object under which a store keeps the mark of the attempt that wrote it. */
export const MARK = 'varve-write';

/** A mark like no other, for one attempt at a conditional put. */
export function newMark(): string {
  return randomUUID();
}

/**
 * Tells a lost acknowledgement from a lost race. A conditional put whose connection breaks before the answer may have written
 * its object: `remember` its mark. When varve repeats the put and finds the key taken, the mark of the object that is there
 * says whether an attempt of its own wrote it (`holds`) or a rival did. A repeated put is one of the same `Body` to the same
 * key: another body has written nothing yet, whatever bytes it holds.
 */
export class OwnWrites {
  readonly #unsure = new WeakMap<Body, Map<string, Set<string>>>();

  /** Notes an attempt whose outcome is not known. */
  remember(body: Body, key: string, mark: string): void {
    const keys = this.#unsure.get(body) ?? new Map<string, Set<string>>();
    keys.set(key, (keys.get(key) ?? new Set()).add(mark));
    this.#unsure.set(body, keys);
  }

  /** True when an attempt may have written the object. */
  isUnsure(body: Body, key: string): boolean {
    return this.#unsure.get(body)?.has(key) === true;
  }

  /** True when the mark is that of an attempt whose outcome was not known. */
  holds(body: Body, key: string, mark: string | undefined): boolean {
    return mark !== undefined && this.#unsure.get(body)?.get(key)?.has(mark) === true;
  }

  /** Forgets the attempts, once their outcome is known. */
  forget(body: Body, key: string): void {
    this.#unsure.get(body)?.delete(key);
  }
}
