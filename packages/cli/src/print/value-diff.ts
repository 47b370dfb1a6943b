import { inspect, isDeepStrictEqual } from 'node:util';

/** Most differences that are listed. */
const LISTED = 5;
/** Characters of a value. */
const WIDTH = 60;

/** Where two values differ, at most some places: `[2].accuracy: 0.76 → 0.81`. Without `both`, the one that is there. */
export function differences(before: unknown, now: unknown, both: boolean): string[] {
  if (!both) return [short(now ?? before)];
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
/** Nesting down to which places are told apart. */
const DEPTH = 32;

function compare(path: string, before: unknown, now: unknown, add: (line: string) => void, depth: number): void {
  if (isDeepStrictEqual(before, now)) return;
  if (ArrayBuffer.isView(before) && ArrayBuffer.isView(now)) {
    return add(`${path === '' ? '' : `${path}: `}they differ from byte ${firstDifference(before, now)} on`);
  }
  const keys = depth < DEPTH ? keysOf(before, now) : undefined;
  if (!keys) return add(`${path === '' ? '' : `${path}: `}${show(before)} → ${show(now)}`);
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

/** Keys of two lists or two plain objects; `undefined` for anything else. */
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

function show(value: unknown): string {
  return value === ABSENT ? '(none)' : short(value);
}

function short(value: unknown): string {
  const text = inspect(value, {
    depth: 4,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 20,
    maxStringLength: 200,
  });
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text;
}
