import { type CacheEntry, pathOf } from '../../cache/entry.ts';
import { taskKey } from '../../cache/task-key.ts';

/** A result as it is kept, with where it is kept. */
export interface Result {
  /** Hex; no other result has it. */
  readonly key: string;
  /** The step's key, hex. */
  readonly stepKey: string;
  readonly step: string;
  readonly entry: CacheEntry;
}

export function resultOf(stepKey: string, step: string, entry: CacheEntry): Result {
  return { key: taskKey(stepKey, entry), stepKey, step, entry };
}

/** `Penguins/12/train[2]`. */
export function nameOfResult({ entry }: Result): string {
  return pathOf(entry);
}

/** Bytes of everything a result holds. */
export function sizeOfResult({ entry }: Result): number {
  return Object.values(entry.writes).reduce((sum, { size }) => sum + size, entry.log?.size ?? 0);
}
