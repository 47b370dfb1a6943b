import { type Clock, VarveError } from '@varve/core/contract';
import type { Keyv, KeyvStoreAdapter } from 'keyv';
import { redact } from './errors.ts';
import { sharesPool } from './own-pool.ts';

/** A store of Keyv: an adapter such as `new KeyvRedis(…)`, or a Map. */
// biome-ignore lint/suspicious/noExplicitAny: these are the types of Keyv itself.
export type KeyvStore = KeyvStoreAdapter | Map<any, any>;

export interface MetadataKeyvOptions {
  /**
   * Makes the store when it is first needed, once in each thread that needs it. A store as it is works too, where making one
   * connects to nothing: a config is imported by every worker.
   */
  readonly store: KeyvStore | (() => KeyvStore | Promise<KeyvStore>);
  /** Before the keys of everything that is kept, so that others can use the same server. Default `varve`; 64 characters at most. */
  readonly namespace?: string;
  /** Ms that the store may take for one call. Default 5,000. */
  readonly timeoutMs?: number;
}

/** The settings after their defaults. */
export interface Settings {
  readonly makeStore: () => Promise<KeyvStore>;
  readonly namespace: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const NAMESPACE = /^[\w.-]{1,64}$/;

/** Checks the options. Throws `VARVE_CONFIG`. `isShared` of `makeStore`: other threads make the store, too. */
export function readOptions({ store, namespace = 'varve', timeoutMs = 5_000 }: MetadataKeyvOptions) {
  if (!NAMESPACE.test(namespace))
    throw wrong(`namespace is '${namespace}'`, 'Use 1 to 64 letters, digits, dots, hyphens and underscores.');
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) throw wrong(`timeoutMs is ${timeoutMs}`, 'Give it in ms, as 5000.');
  if (typeof store !== 'function') requireStore(store);
  const makeStore = async (isShared: boolean) => requireSafe(await makeOf(store), isShared);
  return { namespace, timeoutMs, makeStore };
}

/** What a factory throws may hold the address of the server, with its password. */
async function makeOf(store: MetadataKeyvOptions['store']): Promise<KeyvStore> {
  if (typeof store !== 'function') return store;
  let made: unknown;
  try {
    made = await store();
  } catch (error) {
    throw wrong(
      `the store could not be made: ${redact(error)}`,
      'Write store: () => new KeyvRedis(…), and check its address.',
    );
  }
  return requireStore(made);
}

function requireStore(store: unknown): KeyvStore {
  const calls: readonly (keyof Keyv)[] = ['get', 'set', 'delete', 'clear'];
  const isObject = typeof store === 'object' && store !== null;
  if (isObject && calls.every((name) => typeof (store as Record<string, unknown>)[name] === 'function'))
    return store as KeyvStore;
  const what = isObject ? `an object without ${calls.join(', ')}` : `of type ${typeof store}`;
  throw wrong(`the store is ${what}`, 'Give a store of Keyv: store: () => new KeyvRedis({ url: … }).');
}

/** Refuses stores that work only until something happens. `isShared`: other threads make it, too. */
function requireSafe(store: KeyvStore, isShared: boolean): KeyvStore {
  if (isShared && isPrivate(store)) {
    throw wrong(
      `${store.constructor.name} keeps everything in the memory of one thread, so nobody would see what another has written`,
      'Give a store that lies outside of the process, e.g. Redis. A Map serves createVarve({ metadata }) alone.',
    );
  }
  if (!sharesPool(store)) return store;
  letGo(store as KeyvStoreAdapter);
  throw wrong(
    'KeyvPostgres by itself ends the process when the server cuts an idle connection',
    'Write store: () => ownPool(KeyvPostgres, new pg.Pool({ connectionString })), with ownPool from @varve/metadata-keyv.',
  );
}

/** It has begun to connect. */
function letGo(store: KeyvStoreAdapter): void {
  store.on('error', () => {});
  store.disconnect?.().catch(() => {});
}

function isPrivate(store: KeyvStore): boolean {
  const { opts } = store as { readonly opts?: { readonly separatedFile?: boolean } };
  return store instanceof Map || (store.constructor.name === 'KeyvFile' && opts?.separatedFile !== true);
}

function wrong(what: string, hint: string): VarveError {
  return new VarveError('VARVE_CONFIG', `metadata-keyv: ${what}`, { hint });
}
