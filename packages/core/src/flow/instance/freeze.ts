import { VarveError } from '../../contract/index.ts';
import { locateFrame } from '../authoring/call-site.ts';

/**
 * Freezes plain data (arrays and plain objects) to any depth, without recursion.
 * Returns true when it holds parts that stay mutable: Map, Set, Date, binary data, class instances, functions.
 */
export function freezeDeep(value: unknown): boolean {
  if (!isObject(value)) return false;
  const waiting: object[] = [value];
  const frozenBefore = new Set<object>();
  let mutable = false;
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (!isPlain(item)) {
      mutable = true;
      continue;
    }
    if (Object.isFrozen(item)) {
      if (frozenBefore.has(item)) continue;
      frozenBefore.add(item);
    } else {
      Object.freeze(item);
    }
    pushChildren(item, waiting);
  }
  return mutable;
}

function pushChildren(item: object, waiting: object[]): void {
  if (Array.isArray(item)) {
    for (const child of item as unknown[]) if (isObject(child)) waiting.push(child);
    return;
  }
  for (const key of Object.keys(item)) {
    const child = (item as Record<string, unknown>)[key];
    if (isObject(child)) waiting.push(child);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isPlain(value: object): boolean {
  if (typeof value === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype || prototype === null || (Array.isArray(value) && prototype === Array.prototype)
  );
}

const WRITES = [
  /^Cannot (?:add|define) property (?<key>.+), object is not extensible$/,
  /^Cannot assign to read only property '(?<key>.*)' of object/,
  /^Cannot delete property '(?<key>.*)' of /,
  /^Cannot redefine property: (?<key>.+)$/,
];

/**
 * Turns V8's TypeError for writing to a frozen value into an error that says what to write instead; `undefined` for any
 * other error. `step` is the name of the step that threw it.
 */
export function explainFrozen(error: unknown, step?: string): VarveError | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const key = WRITES.map((pattern) => pattern.exec(error.message)?.groups?.key).find((k) => k !== undefined);
  if (key === undefined) return undefined;
  const frame = error.stack?.split('\n').find((line) => /^\s*at /.test(line) && locateFrame(line) !== undefined);
  const location = frame === undefined ? undefined : locateFrame(frame);
  return new VarveError(
    'VARVE_FROZEN_INPUT',
    `${step === undefined ? 'the step' : `step '${step}'`} changed '${key}' of a value in place that it may only read`,
    { hint: adviseFor(key), cause: error, ...(location && { location }) },
  );
}

function adviseFor(key: string): string {
  const instead = /^\d+$/.test(key)
    ? 'this.rows = [...this.rows, x] instead of this.rows.push(x), and this.rows.toSorted() instead of .sort()'
    : `this.item = { ...this.item, ${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: x }`;
  return `Assign a new value: ${instead}. Or give the step inputs: 'mutable' to work on private copies.`;
}
