import { ANSWER, type BlobLink } from './blob-port.ts';

/**
 * Threads that may be waiting for this one. When this thread ends it wakes them itself: a thread that waits for the
 * thread it has started cannot hear of its end in any other way.
 */
export class Waiters {
  private readonly flags = new Set<Int32Array>();
  private readonly wakeAll = (): void => {
    for (const flag of this.flags) {
      Atomics.store(flag, 0, ANSWER.gone);
      Atomics.notify(flag, 0);
    }
  };

  constructor() {
    process.once('exit', this.wakeAll);
  }

  add(link: BlobLink): void {
    const flag = new Int32Array(link.flag);
    this.flags.add(flag);
    link.stream.on('close', () => this.flags.delete(flag));
  }

  close(): void {
    process.off('exit', this.wakeAll);
  }
}
