import Module from 'node:module';
import { commonJs } from '../common-js.ts';

/** What every task of a thread finds as the one before has left it, as text, by the name that code has for it. */
export type ProcessState = ReadonlyMap<string, string>;

type BuiltIn = Readonly<Record<string, unknown>>;

/** Looks at state of the process that no property of a built-in shows. Loads nothing. */
export function takeProcessState(): ProcessState {
  const state = new Map<string, string>();
  for (const [name, look] of LOOKS) {
    try {
      state.set(name, String(look()));
    } catch {
      // Not in this kind of thread, or not in this version of Node.
    }
  }
  for (const name of process.eventNames()) {
    if (typeof name === 'string' && NODES_EVENTS.test(name)) continue;
    state.set(`process.on(${JSON.stringify(String(name))})`, String(process.listenerCount(name)));
  }
  return state;
}

/** Stands for the state of a module that is not loaded: what it has at first is not a change. */
const UNKNOWN = '';

/** Names what differs, sorted: `process.umask() changed`. */
export function compareState(before: ProcessState, now: ProcessState): readonly string[] {
  const names = new Set([...before.keys(), ...now.keys()]);
  const isKnown = (name: string) => before.get(name) !== UNKNOWN && now.get(name) !== UNKNOWN;
  return [...names]
    .filter((name) => isKnown(name) && before.get(name) !== now.get(name))
    .map((name) => `${name} changed`)
    .sort();
}

/** Signals, and events of Node's own, whose listeners change nothing for other tasks. */
const NODES_EVENTS =
  /^(SIG|exit$|beforeExit$|uncaught|unhandled|rejection|multipleResolves$|warning$|message$|disconnect$|worker|newListener$|removeListener$|internal)/;

const { umask, getuid, getgid, hasUncaughtExceptionCaptureCallback } = process;

const LOOKS: readonly (readonly [string, () => unknown])[] = [
  ['process.umask()', () => umask()],
  ['process.title', () => process.title],
  ['process.exitCode', () => process.exitCode],
  ['process.execArgv', () => process.execArgv.join('\0')],
  ['process.getuid()', () => getuid?.()],
  ['process.getgid()', () => getgid?.()],
  ['an exception callback', () => hasUncaughtExceptionCaptureCallback()],
  ['util.inspect.defaultOptions', () => JSON.stringify(of(loaded('util')?.inspect, 'defaultOptions'))],
  ['events.defaultMaxListeners', () => loaded('events')?.defaultMaxListeners],
  ['stream.setDefaultHighWaterMark', () => call('stream', 'getDefaultHighWaterMark', false)],
  ['dns.setServers', () => call('dns', 'getServers')],
  ['dns.promises.setServers', serversOfPromises],
  ['dns.setDefaultResultOrder', () => call('dns', 'getDefaultResultOrder')],
  ['net.setDefaultAutoSelectFamily', () => call('net', 'getDefaultAutoSelectFamily')],
  ['net.setDefaultAutoSelectFamilyAttemptTimeout', () => call('net', 'getDefaultAutoSelectFamilyAttemptTimeout')],
  ['crypto.setFips', () => call('crypto', 'getFips')],
  ['http.globalAgent', () => agent('http')],
  ['https.globalAgent', () => agent('https')],
  ['crypto.subtle', subtleCrypto],
  ['the dispatcher of fetch', dispatcher],
  ['performance.mark', () => performance.getEntriesByType('mark').length],
  ['performance.measure', () => performance.getEntriesByType('measure').length],
  ['require.cache', replacedModules],
];

function of(object: unknown, key: string): unknown {
  return (object as BuiltIn | undefined)?.[key];
}

const { getBuiltinModule } = process;
const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
/** Modules of Node that were found loaded. */
const known = new Map<string, BuiltIn>();

function loaded(name: string): BuiltIn | undefined {
  const module = known.get(name);
  if (module !== undefined || !isLoaded(name)) return module;
  const found = getBuiltinModule(name) as unknown as BuiltIn;
  known.set(name, found);
  return found;
}

let seen = 0;
const names = new Set<string>();

/** Of modules of Node; no look through hundreds of names each time. */
function isLoaded(name: string): boolean {
  for (; seen < moduleLoadList.length; seen++) names.add(moduleLoadList[seen] as string);
  return names.has(`NativeModule ${name}`);
}

function call(name: string, key: string, ...args: readonly unknown[]): unknown {
  const method = loaded(name)?.[key];
  return typeof method === 'function' ? Reflect.apply(method, undefined, args) : UNKNOWN;
}

/** At first they are those of the others. */
function serversOfPromises(): unknown {
  if (!isLoaded('internal/dns/promises')) return call('dns', 'getServers');
  return (loaded('dns')?.promises as typeof import('node:dns').promises | undefined)?.getServers() ?? UNKNOWN;
}

function agent(name: string): unknown {
  const module = loaded(name);
  if (module === undefined) return UNKNOWN;
  const settings = (module.globalAgent ?? {}) as BuiltIn;
  return textOf({ ...settings, ...(settings.options as BuiltIn | undefined) });
}

/** Settings, without connections and listeners. */
function textOf(settings: BuiltIn): string {
  const isSetting = ([name]: readonly [string, unknown]) =>
    !/^_|^(requests|sockets|freeSockets|totalSocketCount|options)$/.test(name);
  return Object.entries(settings).filter(isSetting).join();
}

/** At first it has nothing of its own. Newer versions of Node make it when it is asked for. */
function subtleCrypto(): unknown {
  const { subtle } = isLoaded('internal/crypto/webcrypto') ? crypto : {};
  return `has ${subtle ? Reflect.ownKeys(subtle).map(String).join() : ''}`;
}

let dispatchers = 0;
const dispatcherNumbers = new WeakMap<object, number>();

/** Node itself sets the first one, an `Agent`, when something is fetched. */
function dispatcher(): unknown {
  const one: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'));
  if (typeof one !== 'object' || one === null) return one ?? 0;
  if (!dispatcherNumbers.has(one)) {
    const isFirst = dispatchers === 0 && one.constructor.name === 'Agent';
    dispatcherNumbers.set(one, isFirst ? 0 : ++dispatchers);
  }
  return dispatcherNumbers.get(one);
}

/** Exports of modules as they were seen first. */
const exported = new WeakMap<object, unknown>();
let replaced = 0;

/** Counts modules that were put into the cache by hand, or whose exports were replaced. */
function replacedModules(): number {
  for (const [file, one] of Object.entries(commonJs._cache)) {
    const module = one as Partial<Module> | undefined;
    if (module === undefined || (exported.has(module) && Object.is(exported.get(module), module.exports))) continue;
    // Node keeps no whole module for JSON that `import` has loaded.
    if (exported.has(module) || !(module instanceof Module || file.endsWith('.json'))) replaced++;
    if (module.loaded !== false) exported.set(module, module.exports);
  }
  return replaced;
}
