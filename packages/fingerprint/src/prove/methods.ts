import type { Made } from '../summary/doing/doing.ts';
import { DATA, typed, type Value } from './value.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const OBJECT = words('hasOwnProperty isPrototypeOf propertyIsEnumerable valueOf toString toLocaleString');

/** Methods of built-in objects that change nothing but, perhaps, what they call. */
const READING: Readonly<Partial<Record<Made, ReadonlySet<string>>>> = {
  array:
    words(`at concat entries every filter find findIndex findLast findLastIndex flat flatMap forEach includes indexOf
    join keys lastIndexOf map reduce reduceRight slice some toReversed toSorted toSpliced values with`),
  map: words('entries forEach get has keys values'),
  set: words(
    'entries forEach has keys values union intersection difference symmetricDifference isSubsetOf isSupersetOf',
  ),
  date: words(`getTime getFullYear getMonth getDate getDay getHours getMinutes getSeconds getMilliseconds getTimezoneOffset
    getUTCFullYear getUTCMonth getUTCDate getUTCDay getUTCHours getUTCMinutes getUTCSeconds getUTCMilliseconds
    toISOString toJSON toDateString toTimeString toUTCString`),
  promise: words('then catch finally'),
};

/** Methods of built-in objects that change the object. */
const CHANGING: Readonly<Partial<Record<Made, ReadonlySet<string>>>> = {
  array: words('push pop shift unshift splice sort reverse fill copyWithin'),
  map: words('set delete clear'),
  set: words('add delete clear'),
  regexp: words('test exec'),
  date: words('setTime setFullYear setMonth setDate setHours setMinutes setSeconds setMilliseconds'),
};

/** What a method of a built-in object does: `undefined` if that is not known. */
export function methodOf(type: Made | undefined, name: string): 'reads' | 'changes' | undefined {
  if (type === undefined || type === 'class' || type === 'odd') return undefined;
  if (CHANGING[type]?.has(name)) return 'changes';
  if (READING[type]?.has(name)) return 'reads';
  return OBJECT.has(name) && type !== 'object' && type !== 'other' ? 'reads' : undefined;
}

const ARRAYS = words('concat filter flat flatMap map slice toReversed toSorted toSpliced with split');

/** The result of a method that makes an object of its own; `undefined` for any other. */
export function madeBy(type: Made | 'data', name: string): Made | 'data' | undefined {
  if (ARRAYS.has(name)) return 'array';
  if (type === 'promise') return 'promise';
  return type === 'data' ||
    /^(includes|indexOf|lastIndexOf|join|has|some|every|findIndex|test|get\w+|to\w+String)$/.test(name)
    ? 'data'
    : undefined;
}

/** Globals that only make a value when they are called or constructed. */
const MAKERS: Readonly<Record<string, Made | 'data'>> = {
  Map: 'map',
  Set: 'set',
  WeakMap: 'map',
  WeakSet: 'set',
  Array: 'array',
  Object: 'object',
  Date: 'date',
  RegExp: 'regexp',
  Promise: 'promise',
};

const DATA_MAKERS = words(
  `String Number Boolean BigInt Symbol parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI
  decodeURI escape unescape atob btoa`,
);

const OTHER_MAKERS = words(
  `Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError URL URLSearchParams ArrayBuffer
  SharedArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array
  Uint8ClampedArray BigInt64Array BigUint64Array TextEncoder TextDecoder AbortController Headers Blob WeakRef
  structuredClone EventTarget Event`,
);

/** The type of what a global makes when it is called or constructed; `undefined` for others. */
export function madeByGlobal(path: string): Made | 'data' | undefined {
  if (DATA_MAKERS.has(path)) return 'data';
  if (OTHER_MAKERS.has(path) || /^Intl\.\w+$/.test(path)) return path.endsWith('Error') ? 'error' : 'other';
  return Object.hasOwn(MAKERS, path) ? MAKERS[path] : undefined;
}

/** Functions of globals that change nothing, by pattern. The functions that they are given run. */
const QUIET =
  /^(Math|console|Number|String|Symbol|JSON|BigInt|Intl|URL|ArrayBuffer|performance|crypto|Date|Buffer|Atomics\.load)\.\w+$|^(Object\.(keys|values|entries|fromEntries|getPrototypeOf|getOwnProperty\w+|is\w*|hasOwn|groupBy)|Array\.(isArray|of|from)|Promise\.(resolve|reject|all|allSettled|any|race)|Reflect\.(get|has|ownKeys|getPrototypeOf|getOwnPropertyDescriptor|isExtensible)|process\.(cwd|hrtime|uptime|memoryUsage|cpuUsage|getuid|getgid|hrtime\.bigint)|AbortSignal\.(abort|timeout)|Map\.groupBy|\w+Array\.(of|from))$/;

/** True for a function of a global that changes nothing. */
export function isQuietGlobal(path: string): boolean {
  return QUIET.test(path);
}

/** Functions of globals that change their first argument alone. */
export function changesFirst(path: string): boolean {
  return /^(Object\.(assign|freeze|seal|preventExtensions|setPrototypeOf|defineProperty|defineProperties)|Reflect\.(set|deleteProperty|defineProperty|setPrototypeOf|preventExtensions))$/.test(
    path,
  );
}

export function resultOf(path: string): Value {
  if (/^(Object\.(keys|values|entries|getOwnPropertyNames)|Array\.(of|from))$/.test(path)) return typed('array');
  if (/^(Math|Number|BigInt|String|Symbol|console|performance)\./.test(path)) return DATA;
  if (/^Promise\./.test(path)) return typed('promise');
  return /^(Object\.(is\w*|hasOwn)|Array\.isArray|JSON\.stringify|Date\.\w+)$/.test(path) ? DATA : { kind: 'any' };
}

/** Exports of Node's modules that change nothing when they are called; the functions that they are given run. */
const NODE_QUIET: Readonly<Record<string, RegExp>> = {
  'node:path': /./,
  'node:path/posix': /./,
  'node:path/win32': /./,
  'node:url': /./,
  'node:util': /^(format|inspect|promisify|types|isDeepStrictEqual|stripVTControlCharacters|styleText|toUSVString)$/,
  'node:crypto':
    /^(createHash|createHmac|randomUUID|randomBytes|randomInt|hash|timingSafeEqual|getHashes|getCiphers|pbkdf2Sync|scryptSync)$/,
  'node:os': /./,
  'node:buffer': /^(Buffer|Blob|btoa|atob|isUtf8|isAscii)$/,
  'node:querystring': /^(parse|stringify|escape|unescape|encode|decode)$/,
  'node:zlib': /Sync$/,
  'node:fs': /^(readFileSync|existsSync|statSync|lstatSync|readdirSync|realpathSync|readlinkSync|accessSync)$/,
  'node:async_hooks': /^AsyncLocalStorage$/,
  'node:module': /^(createRequire|isBuiltin)$/,
  'node:string_decoder': /./,
  'node:perf_hooks': /^performance$/,
  'node:child_process': /^(execFileSync|execSync|spawnSync)$/,
};

/** True if calling an export of Node changes nothing. */
export function isQuietExport(module: string, name: string): boolean {
  return NODE_QUIET[module]?.test(name) ?? false;
}
