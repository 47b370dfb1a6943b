import { randomUUID } from 'node:crypto';
import type { Body } from '@varve/core/contract';

/** Metadata that names the attempt which wrote an object. */
export const MARK = 'varve-write';

/** A mark like no other. */
export function newMark(): string {
  return randomUUID();
}

/**
 * Remembers attempts whose outcome nobody knows, because the connection broke before the answer. The repeated put then finds
 * its key taken, and the mark of the object tells whether by itself or by a rival. A repeated put is one of the same
 * `Body` to the same key: another body has written nothing yet, whatever bytes it holds.
 */
export class OwnWrites {
  private readonly unsure = new WeakMap<Body, Map<string, Set<string>>>();

  remember(body: Body, key: string, mark: string): void {
    const keys = this.unsure.get(body) ?? new Map<string, Set<string>>();
    keys.set(key, (keys.get(key) ?? new Set()).add(mark));
    this.unsure.set(body, keys);
  }

  isUnsure(body: Body, key: string): boolean {
    return this.unsure.get(body)?.has(key) === true;
  }

  holds(body: Body, key: string, mark: string | undefined): boolean {
    return mark !== undefined && this.unsure.get(body)?.get(key)?.has(mark) === true;
  }
}
