import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../contract/index.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
};
