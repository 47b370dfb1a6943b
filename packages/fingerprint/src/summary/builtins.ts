import { Use } from './summary.ts';

/** Methods that read a value and do not change it. */
const READING_METHODS: ReadonlySet<string> = new Set(
  `get has keys values entries includes indexOf lastIndexOf join slice concat toString toLocaleString valueOf at charAt
  charCodeAt codePointAt startsWith endsWith trim trimStart trimEnd padStart padEnd repeat split toLowerCase toUpperCase
  toFixed toPrecision toISOString getTime toJSON flat hasOwnProperty isPrototypeOf map filter some every find findIndex
  findLast findLastIndex reduce reduceRight flatMap toSorted toReversed toSpliced with match matchAll normalize search
  localeCompare call apply bind`.split(/\s+/),
);

/** The use that calling a method of that name makes of its object. */
export function methodUse(name: string | undefined): number {
  return name !== undefined && READING_METHODS.has(name) ? Use.Read : Use.Method;
}

/** Functions of a global that change none of their arguments. `CHANGING_FIRST` change only the first. */
const READ_ONLY: Readonly<Record<string, RegExp>> = {
  Object: /^(create|keys|values|entries|getPrototypeOf|getOwnProperty\w+|is\w*|hasOwn|fromEntries|groupBy)$/,
  Reflect: /^(get|has|ownKeys|getPrototypeOf|getOwnPropertyDescriptor|isExtensible)$/,
  JSON: /^(parse|stringify)$/,
  Math: /./,
  Number: /./,
  String: /./,
  Symbol: /./,
  Array: /^(isArray|from|of)$/,
};
const CHANGING_FIRST = /^(assign|define\w+|setPrototypeOf|freeze|seal|preventExtensions|set|deleteProperty)$/;

/** True if `global.member(…)` does not change its argument at that position. */
export function leavesArgument(global: string, member: string, position: number): boolean {
  if (READ_ONLY[global]?.test(member)) return true;
  return (global === 'Object' || global === 'Reflect') && position > 0 && CHANGING_FIRST.test(member);
}

/** Globals whose methods and calls change at most their arguments. */
const HARMLESS_GLOBALS: ReadonlySet<string> = new Set(
  `Object Array Math JSON Number String Boolean Date Promise Symbol Reflect BigInt Intl console Buffer URL
  URLSearchParams Atomics performance crypto Error TypeError RangeError SyntaxError ReferenceError EvalError URIError
  AggregateError RegExp Proxy Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer DataView
  Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray
  BigInt64Array BigUint64Array TextEncoder TextDecoder AbortController AbortSignal Event EventTarget Headers Request
  Response FormData Blob File ReadableStream WritableStream TransformStream MessageChannel MessagePort BroadcastChannel
  parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape
  structuredClone setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask fetch
  atob btoa Iterator Temporal undefined NaN Infinity arguments require module exports __filename __dirname WebAssembly
  Function eval`.split(/\s+/),
);

/** True for a global whose calls and methods change at most their arguments. */
export function isHarmlessGlobal(name: string): boolean {
  return HARMLESS_GLOBALS.has(name);
}

/** True for the global object and the process: every step sees changes to them. */
export function isGlobalObject(name: string): boolean {
  return name === 'globalThis' || name === 'global' || name === 'process' || name === 'self' || name === 'window';
}

const READING_PROCESS: ReadonlySet<string> = new Set(
  'cwd hrtime uptime memoryUsage cpuUsage nextTick getuid getgid getBuiltinModule emitWarning resourceUsage'.split(' '),
);

/** True for a method of `process` that changes nothing. */
export function isReadingProcessMethod(name: string): boolean {
  return READING_PROCESS.has(name);
}

/** Members whose result is not a function of their arguments, by global; `''` is the global itself. */
const IMPURE_GLOBALS: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  crypto: ['randomUUID', 'getRandomValues', 'subtle'],
  performance: ['now', 'timeOrigin'],
  process: ['hrtime', 'argv', 'cwd', 'pid', 'ppid', 'uptime', 'memoryUsage', 'cpuUsage', 'stdin'],
  fetch: [''],
  WebSocket: [''],
  EventSource: [''],
  XMLHttpRequest: [''],
};

/** The call that a purity finding reports for `global.member`; `undefined` if it is pure. */
export function impureCall(name: string, member: string | undefined): string | undefined {
  const members = IMPURE_GLOBALS[name];
  if (!members) return undefined;
  if (members.includes('')) return name;
  return member !== undefined && members.includes(member) ? `${name}.${member}` : undefined;
}

const IMPURE_BUILTINS: ReadonlySet<string> = new Set(
  `node:fs node:fs/promises node:child_process node:http node:https node:http2 node:net node:dgram node:dns
  node:dns/promises node:tls node:os node:worker_threads node:cluster node:readline node:readline/promises node:sqlite
  node:inspector node:v8 node:repl node:tty node:vm`.split(/\s+/),
);

const IMPURE_CRYPTO = /^(\*|default|random|generateKey|getRandom|webcrypto|createECDH|createDiffieHellman)/;

/** True if an export of Node makes a result depend on more than its arguments. */
export function isImpureBuiltin(module: string, name: string): boolean {
  if (module === 'node:crypto') return IMPURE_CRYPTO.test(name);
  if (module === 'node:perf_hooks') return /^(\*|default|performance)$/.test(name);
  if (module === 'node:process') return !/^(env|default|\*)$/.test(name);
  return IMPURE_BUILTINS.has(module);
}

/** Node modules whose calls, made while a file is loaded, change nothing that another step can see. */
const QUIET_BUILTINS: ReadonlySet<string> = new Set(
  `node:path node:path/posix node:path/win32 node:url node:util node:util/types node:crypto node:os node:buffer
  node:assert node:assert/strict node:string_decoder node:querystring node:zlib node:fs node:fs/promises node:stream
  node:stream/promises node:perf_hooks node:async_hooks node:timers node:timers/promises node:diagnostics_channel
  node:worker_threads node:child_process node:readline node:module node:events`.split(/\s+/),
);

/** True if calling an export of Node while a file is loaded changes nothing that another step can see. */
export function isQuietBuiltin(module: string, name: string): boolean {
  return QUIET_BUILTINS.has(module) && !/^(set|register|syncBuiltin|enable|disable)/.test(name);
}
