import { onceAborted } from './deadline.ts';

/** Lets a bounded number of requests wait for their answers at once; the others queue in order. */
export class Turns {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(most: number) {
    this.#free = most;
  }

  /** Runs `work` when it is its turn. Rejects with the reason of the signal while it waits. */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        takeBack();
        resolve();
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(start), 1);
        reject(signal?.reason);
      };
      const takeBack = onceAborted(signal, leave);
      this.#queue.push(start);
    });
  }
}
