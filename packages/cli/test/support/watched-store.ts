import { existsSync } from 'node:fs';
import type { Project } from './project.ts';

/**
 * A config whose store writes every call into `calls.txt` beside it, and fails or dies where the environment says so:
 * `STORE_DOWN='list:cache/ put:cache/'` (a call and the beginning of a key), `STORE_KILL='put:cache/'` (kills the process
 * before the call). `STORE_ROOT` is another folder for it.
 */
export const WATCHED_CONFIG = `
import { appendFileSync } from 'node:fs';
import { definePlugin, StoreError } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';

const inner = fsStore({ root: process.env.STORE_ROOT ?? '.varve/store' });
const log = new URL('./calls.txt', import.meta.url);
const asked = (name, call, key) =>
  (process.env[name] ?? '').split(' ').some((one) => {
    const [which, prefix] = one.split(':');
    return which === call && key.startsWith(prefix);
  });
const look = (call, key) => {
  appendFileSync(log, call + ' ' + key + '\\n');
  if (asked('STORE_KILL', call, key)) process.kill(process.pid, 'SIGKILL');
  if (asked('STORE_DOWN', call, key)) throw new StoreError('unavailable', 'the store is down', { key });
};
const watched = (store) => ({
  name: 'watched ' + store.name,
  capabilities: store.capabilities,
  async put(key, ...rest) { look('put', key); return store.put(key, ...rest); },
  async get(key, ...rest) { look('get', key); return store.get(key, ...rest); },
  async stat(key, ...rest) { look('stat', key); return store.stat(key, ...rest); },
  async *list(prefix, ...rest) { look('list', prefix); yield* store.list(prefix, ...rest); },
  async delete(key, ...rest) { look('delete', key); return store.delete(key, ...rest); },
});
export default {
  datastore: definePlugin({ name: 'watched', provides: { datastore: (context) => watched(inner.provides.datastore(context)) } }),
};
`;

/** Calls since the last look: `get cache/v1/…`. */
export function takeCalls(project: Project): string[] {
  if (!existsSync(project.path('calls.txt'))) return [];
  const lines = project.read('calls.txt').split('\n').filter(Boolean);
  project.write('calls.txt', '');
  return lines;
}
