import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** As if a minute had passed since any run in this local store gave its last sign of life. */
export function ageHeartbeats(store: string): void {
  setHeartbeats(store, new Date(Date.now() - 60_000));
}

/** As if every run in this local store gave a sign of life just now. */
export function beat(store: string): void {
  setHeartbeats(store, new Date());
}

function setHeartbeats(store: string, at: Date): void {
  const runs = join(store, 'runs');
  if (!existsSync(runs)) return;
  for (const file of readdirSync(runs, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('live')) utimesSync(join(runs, file), at, at);
}
