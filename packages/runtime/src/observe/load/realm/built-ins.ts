import Module from 'node:module';
import { unobserved } from '@varve/core/internal';
import { commonJs } from '../common-js.ts';

const { getOwnPropertyDescriptor, getPrototypeOf, isExtensible, ownKeys } = Reflect;

/** An object that code can patch, as it was when it was looked at last. */
export interface PatchableObject {
  readonly target: object;
  /** As code names it: `Array.prototype`, `fs`; empty for the global object. */
  readonly path: string;
  keys: readonly PropertyKey[];
  /** As many as keys; `undefined` where the key does not count. */
  descriptors: readonly (PropertyDescriptor | undefined)[];
  /** As many as keys: what they held, or `NO_VALUE`. Comparing these reads no descriptor. */
  values: readonly unknown[];
  /** Where among the keys those are that have a getter or a setter. */
  accessors: readonly number[];
  prototype: object | null;
  isExtensible: boolean;
  /** How many of its keys code can enumerate: tells of most changed flags, and is known soon. */
  enumerable: number;
  /** True for keys that are state of Node's own. */
  ignores(key: PropertyKey): boolean;
}

/** Stands for the value of a key that has none, or that does not count. */
export const NO_VALUE = Symbol('no value');

/** A method, on which code can only leave something: what is patched is the property that holds it. */
export interface PatchableMethod {
  readonly target: object;
  readonly path: string;
  /** Of its keys that code can enumerate: this is ten times as fast as to list all. */
  count: number;
}

/** Tables and state that nothing but Node changes, or that are looked at by themselves. */
const NOT_CODE: ReadonlySet<string> = new Set(
  (
    'process.env process.config process.moduleLoadList process.report process.allowedNodeEnvironmentFlags ' +
    'process.stdin process.mainModule process.resourceLimits process.permission ' +
    'http.globalAgent https.globalAgent module._cache module._pathCache tls.rootCertificates ' +
    'worker_threads.parentPort worker_threads.workerData worker_threads.resourceLimits perf_hooks.performance ' +
    'cluster.workers cluster.settings cluster.worker Array.prototype.Symbol(Symbol.unscopables)'
  ).split(' '),
);

/**
 * Globals that newer versions of Node make when they are first looked at, which for the largest group takes 70 ms. They are
 * left out: nobody can see that one was replaced without making it.
 */
const LAZY: ReadonlySet<PropertyKey> = new Set(
  process.features.require_module === undefined
    ? []
    : (
        'TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController ' +
        'WritableStreamDefaultWriter ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ' +
        'ReadableStreamBYOBRequest ReadableByteStreamController ReadableStreamDefaultController ByteLengthQueuingStrategy ' +
        'CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream DecompressionStream File FormData ' +
        'Headers Request Response MessageEvent CloseEvent WebSocket EventSource Crypto CryptoKey SubtleCrypto crypto ' +
        'Navigator navigator Storage localStorage sessionStorage'
      ).split(' '),
);

/** Functions below which code may put something, beside the constructors. */
const WITH_PROPERTIES: ReadonlySet<string> = new Set(
  'fs.realpath fs.realpathSync fs.exists util.inspect util.promisify stream events assert module'.split(' '),
);

/** Objects whose first keys that begin with `_`, and symbols, are state of Node's. */
const WITH_STATE: ReadonlySet<string> = new Set(['process', 'console', 'module']);
const NOTHING_IGNORED = () => false;

/** The built-ins of this thread that code can patch, in a fixed order. */
export class BuiltIns {
  readonly objects: PatchableObject[] = [];
  readonly methods: PatchableMethod[] = [];
  private readonly seen = new Set<object>();
  private loaded = 0;
  private lookedInto = 0;

  constructor() {
    for (const [target, path] of languageRoots()) this.add(target, path);
    this.grow();
    for (const [target, path] of processRoots()) this.add(target, path);
    this.lookIntoAll();
  }

  /** Adds those of modules of Node that were loaded since the last call. Loads nothing and calls no getter. */
  grow(): void {
    if (moduleLoadList.length === this.loaded) return;
    const fresh = new Set(moduleLoadList.slice(this.loaded));
    this.loaded = moduleLoadList.length;
    for (const name of NAMES) {
      const module: unknown = fresh.has(`NativeModule ${name}`) ? getBuiltinModule(name) : undefined;
      if (isObject(module)) this.add(module, name);
    }
    this.lookIntoAll();
  }

  private lookIntoAll(): void {
    for (; this.lookedInto < this.objects.length; this.lookedInto++)
      this.lookInto(this.objects[this.lookedInto] as PatchableObject);
  }

  private add(target: object, path: string): void {
    if (this.seen.has(target)) return;
    this.seen.add(target);
    if (NOT_CODE.has(path) || isTable(target)) return;
    if (isMethod(target, path)) this.methods.push({ target, path, count: Object.keys(target).length });
    else this.objects.push(start(target, path));
  }

  private lookInto(one: PatchableObject): void {
    const { target, path } = one;
    remember(one);
    const prefix = path === '' ? '' : `${path}.`;
    for (let at = 0; at < one.keys.length; at++) {
      const value: unknown = one.descriptors[at]?.value;
      if (isObject(value) && !this.seen.has(value)) this.add(value, prefix + String(one.keys[at]));
    }
    const prototype = getPrototypeOf(target);
    if (prototype) this.add(prototype, `the prototype of ${path}`);
  }
}

/** Takes an object as it is now. */
export function remember(one: PatchableObject): void {
  const { target } = one;
  one.keys = ownKeys(target);
  one.descriptors = one.keys.map((key) => (one.ignores(key) ? undefined : getOwnPropertyDescriptor(target, key)));
  one.values = one.descriptors.map((of) => (of === undefined || isAccessor(of) ? NO_VALUE : of.value));
  one.accessors = one.descriptors.flatMap((of, at) => (of !== undefined && isAccessor(of) ? [at] : []));
  one.prototype = getPrototypeOf(target);
  one.isExtensible = isExtensible(target);
  one.enumerable = Object.keys(target).length;
}

function isAccessor({ get, set }: PropertyDescriptor): boolean {
  return get !== undefined || set !== undefined;
}

function start(target: object, path: string): PatchableObject {
  const nothing = {
    keys: [],
    descriptors: [],
    values: [],
    accessors: [],
    prototype: null,
    isExtensible: true,
    enumerable: 0,
  };
  return { target, path, ...nothing, ignores: ignoredIn(target, path) };
}

function ignoredIn(target: object, path: string): (key: PropertyKey) => boolean {
  if (path === '') return isNodesOwn;
  if (/^process\.std(out|err)$/.test(path)) return isOfStream;
  if (!WITH_STATE.has(path)) return NOTHING_IGNORED;
  const keys: readonly PropertyKey[] = ownKeys(target);
  const first = new Set(keys.filter((key) => typeof key === 'symbol' || String(key).startsWith('_')));
  return (key) => first.has(key) || STATE_OF_PROCESS.has(key);
}

/** True for one that nobody can change any more and that leads nowhere. */
function isTable(target: object): boolean {
  return Object.isFrozen(target) && !Object.values(target).some(isObject);
}

/** Built-in functions with small initials are methods: what is patched is the property that holds them. */
function isMethod(target: object, path: string): boolean {
  if (typeof target !== 'function' || WITH_PROPERTIES.has(path)) return false;
  const initial = path.charCodeAt(path.lastIndexOf('.') + 1);
  return !(initial >= 65 && initial <= 90) && !path.startsWith('the prototype');
}

function* languageRoots(): Generator<readonly [object, string]> {
  yield [globalThis, ''];
  yield [process, 'process'];
  yield [getPrototypeOf([][Symbol.iterator]()) as object, 'ArrayIterator.prototype'];
  yield [getPrototypeOf(''[Symbol.iterator]()) as object, 'StringIterator.prototype'];
  yield [getPrototypeOf(new Map().entries()) as object, 'MapIterator.prototype'];
  yield [getPrototypeOf(new Set().values()) as object, 'SetIterator.prototype'];
  yield [getPrototypeOf(''.matchAll(/x/g)) as object, 'RegExpStringIterator.prototype'];
  yield [(async () => {}).constructor, 'AsyncFunction'];
  yield [function* () {}.constructor, 'GeneratorFunction'];
  yield [async function* () {}.constructor, 'AsyncGeneratorFunction'];
}

/** What no property leads to that can be read without a trace. */
function* processRoots(): Generator<readonly [object, string]> {
  yield [(commonJs as unknown as { readonly _extensions: object })._extensions, 'require.extensions'];
  // Who reads this is noted, so that the property is not what it was.
  yield [unobserved(() => process.argv), 'process.argv'];
  // Something prints to them anyway, and they are there in any thread that runs tasks.
  yield [process.stdout, 'process.stdout'];
  yield [process.stderr, 'process.stderr'];
}

/** Grows whenever a module of Node is loaded. */
const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
const { getBuiltinModule } = process;
/** Names with `_` lead to parts of the others. */
const NAMES: readonly string[] = Module.builtinModules.filter((name) => !name.startsWith('_'));

function isNodesOwn(key: PropertyKey): boolean {
  return LAZY.has(key) || (typeof key === 'symbol' && /^(undici|varve)\./.test(key.description ?? ''));
}

function isOfStream(key: PropertyKey): boolean {
  return typeof key === 'symbol' || key.toString().startsWith('_') || STATE_OF_STREAMS.has(key);
}

const STATE_OF_STREAMS: ReadonlySet<PropertyKey> = new Set(
  'columns rows connecting fd readable writable destroyed server allowHalfOpen autoClose pending path flags mode pos bytesWritten closed'.split(
    ' ',
  ),
);

/** Also what Node gives a process that has a channel, and one that ends. */
const STATE_OF_PROCESS: ReadonlySet<PropertyKey> = new Set(
  'domain exitCode connected channel title _exiting _channel _handleQueue _pendingMessage _disconnect _send'.split(' '),
);

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
