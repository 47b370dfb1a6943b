import type { TestStore } from './stores.ts';

const isHeartbeat = (key: string) => key.startsWith('runs/') && key.endsWith('live');
const MINUTE = 60_000;

/** Makes the last heartbeat of all runs in this store a minute old. */
export function ageHeartbeats(store: TestStore): void {
  store.age(MINUTE, isHeartbeat);
}

/** Renews the heartbeat of all runs in this store. */
export function beat(store: TestStore): void {
  for (const key of store.keys('runs/').filter(isHeartbeat)) store.write(key, store.read(key));
}
