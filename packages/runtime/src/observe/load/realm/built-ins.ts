const { getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;

/** An object that code can patch, as it was when it was looked at last. */
export interface PatchableObject {
  readonly target: object;
  /** As code names it: `Array.prototype`, `fs`; empty for the global object. */
  readonly path: string;
  keys: readonly PropertyKey[];
  /** As many as keys; `undefined` where the key does not count. */
  descriptors: readonly (PropertyDescriptor | undefined)[];
  prototype: object | null;
  /** True for keys that are state of Node's own. */
  ignores(key: PropertyKey): boolean;
}

/** Modules that are loaded in every thread, and those that some packages patch: looked at only where they are loaded. */
const MODULES: readonly string[] = (
  'fs fs/promises path os util events timers timers/promises url buffer stream process crypto module assert ' +
  'child_process http https net tls dns zlib vm worker_threads async_hooks perf_hooks'
).split(' ');

/** Tables and state: nothing that code calls. */
const NOT_CODE: ReadonlySet<string> = new Set(
  (
    'process.env process.argv process.execArgv process.config process.versions process.release process.features ' +
    'process.moduleLoadList process.report process.allowedNodeEnvironmentFlags process.stdin process.stdout ' +
    'process.stderr process.mainModule process.resourceLimits fs.constants os.constants crypto.constants zlib.constants ' +
    'zlib.codes buffer.constants http.STATUS_CODES http.METHODS http.globalAgent https.globalAgent module.builtinModules ' +
    'module._cache module._pathCache module.globalPaths module.constants tls.rootCertificates process.permission ' +
    'util.types util.inspect.colors util.inspect.styles worker_threads.parentPort worker_threads.workerData ' +
    'worker_threads.resourceLimits perf_hooks.performance perf_hooks.constants ' +
    'Array.prototype.Symbol(Symbol.unscopables)'
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

/** Objects whose own keys beginning with `_` are state of Node's. */
const WITH_STATE: ReadonlySet<string> = new Set(['process', 'console', 'module']);
const NOTHING_IGNORED = () => false;

/** Finds the built-ins of this thread that code can patch, in a fixed order. Loads nothing and calls no getter. */
export function reachBuiltIns(): readonly PatchableObject[] {
  const seen = new Set<object>();
  const found: PatchableObject[] = [];
  const add = (target: object, path: string) => {
    if (seen.has(target)) return;
    seen.add(target);
    if (!isMethod(target, path) && !NOT_CODE.has(path)) found.push(start(target, path));
  };
  for (const [target, path] of roots()) add(target, path);
  for (const one of found) lookInto(one, add);
  return found;
}

function start(target: object, path: string): PatchableObject {
  const ignores = path === '' ? isNodesOwn : WITH_STATE.has(path) ? isState : NOTHING_IGNORED;
  return { target, path, keys: ownKeys(target), descriptors: [], prototype: getPrototypeOf(target), ignores };
}

function lookInto(one: PatchableObject, add: (target: object, path: string) => void): void {
  const { target, path, keys } = one;
  const descriptors: (PropertyDescriptor | undefined)[] = [];
  for (const key of keys) {
    const descriptor = one.ignores(key) ? undefined : getOwnPropertyDescriptor(target, key);
    descriptors.push(descriptor);
    const value: unknown = descriptor?.value;
    if (isObject(value)) add(value, path === '' ? String(key) : `${path}.${String(key)}`);
  }
  one.descriptors = descriptors;
  if (one.prototype) add(one.prototype, `the prototype of ${path}`);
}

/** Built-in functions with small initials are methods: what is patched is the property that holds them. */
function isMethod(target: object, path: string): boolean {
  if (typeof target !== 'function' || WITH_PROPERTIES.has(path)) return false;
  return !/^[A-Z]/.test(path.slice(path.lastIndexOf('.') + 1)) && !path.startsWith('the prototype');
}

function* roots(): Generator<readonly [object, string]> {
  yield [globalThis, ''];
  yield [getPrototypeOf([][Symbol.iterator]()) as object, 'ArrayIterator.prototype'];
  yield [getPrototypeOf(''[Symbol.iterator]()) as object, 'StringIterator.prototype'];
  yield [getPrototypeOf(new Map().entries()) as object, 'MapIterator.prototype'];
  yield [getPrototypeOf(new Set().values()) as object, 'SetIterator.prototype'];
  yield [getPrototypeOf(''.matchAll(/x/g)) as object, 'RegExpStringIterator.prototype'];
  yield [(async () => {}).constructor, 'AsyncFunction'];
  yield [function* () {}.constructor, 'GeneratorFunction'];
  yield [async function* () {}.constructor, 'AsyncGeneratorFunction'];
  const loaded = new Set((process as { moduleLoadList?: readonly string[] }).moduleLoadList);
  for (const name of MODULES) {
    const module: unknown = loaded.has(`NativeModule ${name}`) ? process.getBuiltinModule(name) : undefined;
    if (isObject(module)) yield [module, name];
  }
}

function isNodesOwn(key: PropertyKey): boolean {
  return LAZY.has(key) || (typeof key === 'symbol' && /^(undici|varve)\./.test(key.description ?? ''));
}

function isState(key: PropertyKey): boolean {
  return typeof key === 'symbol' || (key as string).startsWith('_') || STATE_OF_PROCESS.has(key as string);
}

const STATE_OF_PROCESS: ReadonlySet<string> = new Set(['domain', 'exitCode', 'connected', 'channel', 'title']);

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
