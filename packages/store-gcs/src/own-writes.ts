import { randomUUID } from 'node:crypto';
import type { Body } from '@varve/core/contract';

/** Name in the metadata of an object under which its writer is found. */
export const WRITER = 'varve-write';

/**
 * Remembers conditional puts whose answer was lost. Whoever repeats one hands in the same body again, and then learns from the
 * mark of the object whether it was written by the first attempt or by somebody else.
 */
export class OwnWrites {
  readonly #unsure = new WeakMap<Body, Map<string, string>>();

  /** The mark for a put: that of an earlier attempt whose end is not known, or a new one. */
  markOf(body: Body, key: string): string {
    return this.#unsure.get(body)?.get(key) ?? randomUUID();
  }

  /** True when an earlier attempt may have written the object. */
  isUnsure(body: Body, key: string): boolean {
    return this.#unsure.get(body)?.has(key) === true;
  }

  remember(body: Body, key: string, mark: string): void {
    const marks = this.#unsure.get(body) ?? new Map<string, string>();
    this.#unsure.set(body, marks.set(key, mark));
  }

  forget(body: Body, key: string): void {
    this.#unsure.get(body)?.delete(key);
  }
}
