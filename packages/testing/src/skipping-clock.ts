import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Clock } from '@varve/core/contract';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Runs ahead of the clock of the process by all that was slept: no sleep takes time, yet events are as far apart as they would be. */
export class SkippingClock implements Clock {
  private ahead = 0;
  private sleepers: Sleeper[] = [];
  private turning = false;

  now(): number {
    return Date.now() + this.ahead;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
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
      const sleeper = { until: this.now() + ms, wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
      this.turn();
    });
  }

  /** Wakes the sleeper that is due first; all that follows from it happens before the next one wakes. */
  private turn(): void {
    if (this.turning) return;
    this.turning = true;
    nextTurn().then(() => {
      this.turning = false;
      const until = Math.min(...this.sleepers.map((one) => one.until));
      const due = this.sleepers.filter((one) => one.until <= until);
      this.sleepers = this.sleepers.filter((one) => one.until > until);
      if (due.length > 0) this.ahead = Math.max(this.ahead, until - Date.now());
      for (const { wake } of due) wake();
      if (this.sleepers.length > 0) this.turn();
    });
  }
}

/** Test runners fake timers, but not messages: these arrive also when the timers of a test stand still. */
let ports: { readonly here: MessagePort; readonly there: MessagePort } | undefined;
let waiting: (() => void)[] = [];

/** Resolves with the next turn of the event loop, also when all timers are faked. */
export function nextTurn(): Promise<void> {
  ports ??= open();
  const { here, there } = ports;
  return new Promise((resolve) => {
    if (waiting.push(resolve) > 1) return;
    there.ref();
    here.postMessage(undefined);
  });
}

function open() {
  const { port1: here, port2: there } = new MessageChannel();
  there.on('message', () => {
    const due = waiting;
    waiting = [];
    there.unref();
    for (const resolve of due) resolve();
  });
  here.unref();
  return { here, there };
}
