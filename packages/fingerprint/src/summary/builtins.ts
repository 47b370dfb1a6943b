import { Use } from './summary.ts';

/** Methods that read a value and do not change it. */
const READING_METHODS: ReadonlySet<string> = new Set(
  `get has keys values entries includes indexOf lastIndexOf join slice concat toString toLocaleString valueOf at charAt
  charCodeAt codePointAt startsWith endsWith trim trimStart trimEnd padStart padEnd repeat split toLowerCase toUpperCase
  toFixed toPrecision toISOString getTime toJSON flat hasOwnProperty isPrototypeOf map filter some every find findIndex
  findLast findLastIndex reduce reduceRight flatMap toSorted toReversed toSpliced with match matchAll normalize search
  localeCompare call apply bind`.split(/\s+/),
);

/** Methods of built-in containers that change them. */
export const CHANGERS: ReadonlySet<string> = new Set(
  'push pop shift unshift splice sort reverse fill copyWithin set add delete clear'.split(' '),
);

/** Those of them that only put something in or take it out, and call nothing that is in it. */
export const PUTS: ReadonlySet<string> = new Set('push unshift set add delete clear'.split(' '));

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

/** Members whose result is not a function of their arguments, by global; `''` is the global itself. */
const IMPURE_GLOBALS: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  crypto: ['randomUUID', 'getRandomValues', 'subtle'],
  performance: ['now', 'timeOrigin'],
  process: ['hrtime', 'argv', 'pid', 'ppid', 'uptime', 'memoryUsage', 'cpuUsage', 'stdin'],
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
  `node:child_process node:http node:https node:http2 node:net node:dgram node:dns
  node:dns/promises node:tls node:worker_threads node:cluster node:readline node:readline/promises node:sqlite
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
