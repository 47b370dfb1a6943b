import type { Clock } from '@varve/core/contract';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that passes only when it is told to. */
export class ManualClock implements Clock {
  private sleepers: Sleeper[] = [];
  /** Ms of every sleep asked for. */
  readonly slept: number[] = [];

  constructor(private time = 1_700_000_000_000) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.sleepers = this.sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = { until: this.time + ms, wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', stop);
    });
  }

  /** Lets `ms` pass and everything settle that was waiting for it. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    const due = this.sleepers.filter((one) => one.until <= this.time);
    this.sleepers = this.sleepers.filter((one) => one.until > this.time);
    for (const { wake } of due) wake();
    await settle();
  }

  get waiting(): number {
    return this.sleepers.length;
  }
}

/** Lets everything that needs no time happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
