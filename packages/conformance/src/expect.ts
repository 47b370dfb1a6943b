import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { StoreError, type StoreErrorCode } from '@varve/core/contract';
import { sha256 } from './bytes.ts';

/** Checks that a call rejects with a StoreError of this code, and returns it. */
export async function rejectsWith(
  code: StoreErrorCode,
  what: string,
  call: () => Promise<unknown>,
): Promise<StoreError> {
  const error = await rejection(what, call);
  assert.ok(StoreError.is(error), `${what} rejected with ${describe(error)} instead of a StoreError`);
  assert.equal(error.code, code, `${what} rejected with the code ${error.code} (${error.message}) instead of ${code}`);
  return error;
}

/** Checks that a call rejects with this very value. */
export async function rejectsAs(reason: unknown, what: string, call: () => Promise<unknown>): Promise<void> {
  const error = await rejection(what, call);
  assert.ok(error === reason, `${what} rejected with ${describe(error)} instead of ${describe(reason)}`);
}

/** Checks that a call rejects, and returns the error. */
export async function rejection(what: string, call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail(`${what} succeeded; it must reject`);
}

/** Compares bytes without printing them. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: ${actual.length} bytes instead of ${expected.length}`);
  assert.ok(
    Buffer.compare(actual, expected) === 0,
    `${what}: other bytes (sha256 ${sha256(actual)}, not ${sha256(expected)})`,
  );
}

/** Compares two sets of names in any order; the message names missing, unexpected and repeated ones. */
export function sameNames(actual: readonly string[], expected: readonly string[], what: string): void {
  const found = new Set(actual);
  const wanted = new Set(expected);
  const wrong = [
    ...expected.filter((name) => !found.has(name)).map((name) => `missing ${name}`),
    ...[...found].filter((name) => !wanted.has(name)).map((name) => `unexpected ${name}`),
    ...repeated(actual).map((name) => `twice ${name}`),
  ];
  assert.equal(
    wrong.length,
    0,
    `${what}: ${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ` and ${wrong.length - 5} more` : ''}`,
  );
}

/** Compares plain data by fields, ignoring prototypes. */
export function sameData(actual: unknown, expected: unknown, what?: string): void {
  assert.deepEqual(structuredClone(actual), structuredClone(expected), what);
}

/** Compares long lists of plain data. Reports the first difference: a diff of thousands of lines fills the memory. */
export function sameItems(actual: readonly unknown[], expected: readonly unknown[], what: string): void {
  const [found, wanted] = [structuredClone(actual), structuredClone(expected)];
  const at = wanted.findIndex((item, i) => !isDeepStrictEqual(found[i], item));
  if (at >= 0) assert.deepEqual(found[at], wanted[at], `${what}: number ${at} is ${JSON.stringify(found[at])}`);
  assert.equal(found.length, wanted.length, `${what}: ${found.length} instead of ${wanted.length}`);
}

function describe(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}
