import { inspect } from 'node:util';

/** JSON when it says everything, else Node's own way of showing values. */
export function showValue(value: unknown): string {
  return toJson(value) ?? inspect(value, { depth: 8, maxArrayLength: 1000, maxStringLength: 100_000 });
}

/** `undefined` when JSON would lose something: a Map, a Date, a hole, a circle, -0. */
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
