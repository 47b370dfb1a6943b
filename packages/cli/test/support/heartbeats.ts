import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the last heartbeat of all runs in this local store a minute old. */
export function ageHeartbeats(store: string): void {
  setHeartbeats(store, new Date(Date.now() - 60_000));
}

/** Renews the heartbeat of all runs in this local store. */
export function beat(store: string): void {
  setHeartbeats(store, new Date());
}

function setHeartbeats(store: string, at: Date): void {
  const runs = join(store, 'runs');
  if (!existsSync(runs)) return;
  for (const file of readdirSync(runs, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('live')) utimesSync(join(runs, file), at, at);
}
