import type { CallOptions } from '@varve/core/contract';

export interface ForEachOptions extends CallOptions {
  /** Most items at work at once. */
  readonly width: number;
}

/** Acts on every item. After a failure it starts no further one, and settles when none is at work any more. */
export async function forEach<T>(
  items: readonly T[],
  { width, signal }: ForEachOptions,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    try {
      for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
        signal?.throwIfAborted();
        await act(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
