import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type Clock, type Datastore, StoreError, type StoreErrorCode } from '../../contract/index.ts';
import { bodyOf } from '../objects/body.ts';
import { leaseKey } from '../objects/keys.ts';

/** Why nothing may be written where much may still be read. */
const NOT_WRITABLE: readonly StoreErrorCode[] = ['permission-denied', 'no-space', 'unsupported'];

/**
 * The time of the store, which alone tells the age of objects that other machines wrote: clocks of two machines may be
 * far apart. Measured once, at the first call, by writing an object and deleting it again. Where nothing may be written, the
 * clock of this machine has to do.
 */
export class StoreClock {
  private ahead: Promise<number> | undefined;

  constructor(
    private readonly store: Datastore,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly options: CallOptions = {},
  ) {}

  /** Ms since the Unix epoch. */
  async now(): Promise<number> {
    this.ahead ??= this.measure().catch((error: unknown) => this.withoutWriting(error));
    return this.clock.now() + (await this.ahead);
  }

  private async measure(): Promise<number> {
    const key = leaseKey(`clock-${randomUUID()}`, 0);
    await this.store.put(key, bodyOf([Buffer.from('\n')]), this.options);
    const here = this.clock.now();
    const info = await this.store.stat(key, this.options);
    // Whoever may not delete knows the time all the same; varve gc takes the object away.
    await this.store.delete(key, this.options).catch((error: unknown) => {
      if (!isNotWritable(error)) throw error;
    });
    return info ? info.modifiedAt - here : 0;
  }

  private withoutWriting(error: unknown): number {
    if (isNotWritable(error)) return 0;
    // What failed now may succeed at the next call.
    this.ahead = undefined;
    throw error;
  }
}

function isNotWritable(error: unknown): boolean {
  return StoreError.is(error) && NOT_WRITABLE.includes(error.code);
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
};
