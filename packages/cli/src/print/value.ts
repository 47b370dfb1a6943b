import { inspect, isDeepStrictEqual } from 'node:util';

/** JSON when it is lossless, else the format of `util.inspect`. */
export function showValue(value: unknown): string {
  return toJson(value) ?? inspect(value, { depth: 8, maxArrayLength: 1000, maxStringLength: 100_000 });
}

/** `undefined` when JSON would be lossy: for a Map, a Date, a hole, a cycle, -0. */
export function toJson(value: unknown): string | undefined {
  return isJson(value, new Set()) ? JSON.stringify(value, null, 2) : undefined;
}

function isJson(value: unknown, around: Set<object>): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || around.has(value) || 'toJSON' in value) return false;
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return false;
  if (isList && Object.keys(value).length !== value.length) return false;
  around.add(value);
  const holds = Object.values(value).every((part) => isJson(part, around));
  around.delete(value);
  return holds;
}

/** Most differences to list. */
const LISTED = 5;
/** Most characters to show of a value. */
const WIDTH = 60;
/** Characters to show before the place where two long texts differ. */
const BEFORE = 19;

/** Lists the first differences of two values: `[2].accuracy: 0.76 → 0.81`. Without `both`, shows the only one. */
export function differences(before: unknown, now: unknown, both: boolean): string[] {
  if (!both) return [cut(textOf(now === undefined ? before : now))];
  const found: string[] = [];
  let more = 0;
  const add = (line: string) => {
    if (found.length < LISTED) found.push(line);
    else more++;
  };
  compare('', before, now, add, 0);
  return more === 0 ? found : [...found, `and ${more} more`];
}

const ABSENT = Symbol('absent');
/** Nesting depth down to which places are compared. */
const DEPTH = 32;

function compare(path: string, before: unknown, now: unknown, add: (line: string) => void, depth: number): void {
  if (isDeepStrictEqual(before, now)) return;
  if (ArrayBuffer.isView(before) && ArrayBuffer.isView(now)) {
    return add(`${path === '' ? '' : `${path}: `}they differ from byte ${firstDifference(before, now)} on`);
  }
  const keys = depth < DEPTH ? keysOf(before, now) : undefined;
  if (!keys) return add(`${path === '' ? '' : `${path}: `}${change(before, now)}`);
  for (const key of keys) {
    const place = Array.isArray(now) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    compare(place, at(before, key), at(now, key), add, depth + 1);
  }
}

function firstDifference(before: ArrayBufferView, now: ArrayBufferView): number {
  const [a, b] = [before, now].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  const at = a?.findIndex((byte, i) => byte !== b?.[i]) ?? -1;
  return at < 0 ? Math.min(before.byteLength, now.byteLength) : at;
}

/** Keys of two arrays or of two plain objects; `undefined` for anything else. */
function keysOf(before: unknown, now: unknown): readonly string[] | undefined {
  if (!isPlain(before) || !isPlain(now) || Array.isArray(before) !== Array.isArray(now)) return undefined;
  return [...new Set([...Object.keys(before), ...Object.keys(now)])];
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function at(value: unknown, key: string): unknown {
  return Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : ABSENT;
}

/** Shows two values side by side, from where they differ if their beginnings are equal. */
function change(before: unknown, now: unknown): string {
  const [old, fresh] = [textOf(before), textOf(now)];
  if (cut(old) !== cut(fresh)) return `${cut(old)} → ${cut(fresh)}`;
  if (old === fresh) return `${cut(old)} and another that looks the same`;
  let from = 0;
  while (old[from] === fresh[from]) from++;
  const start = Math.max(0, from - BEFORE);
  return `…${cut(old.slice(start))} → …${cut(fresh.slice(start))}`;
}

function cut(text: string): string {
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text;
}

function textOf(value: unknown): string {
  if (value === ABSENT) return '(none)';
  return inspect(value, {
    depth: 4,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 20,
    maxStringLength: 200,
  });
}
