import { setMaxListeners } from 'node:events';

export interface PassOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Lets a bounded number of actions run at once; the others queue in order. */
export class Semaphore {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** `most`: how many run at once. */
  constructor(most: number) {
    this.#free = most;
  }

  /** Runs `act` when it is its turn. Rejects with the reason of the signal when that aborts before. */
  async pass<T>(act: () => Promise<T>, { signal }: PassOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    try {
      return await act();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    // All calls of a run may share one signal, and Node warns of more than ten.
    if (signal) setMaxListeners(0, signal);
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(start), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(start);
    });
  }
}
