import assert from 'node:assert/strict';
import { SerializeError, type Serializer } from '@varve/core/contract';

/** Encodes a value to bytes as they are stored. */
export function encodeWhole(
  serializer: Serializer,
  value: unknown,
): { readonly codec: string; readonly bytes: Uint8Array } {
  const { codec, parts } = serializer.encode(value);
  return { codec, bytes: new Uint8Array(Buffer.concat(parts)) };
}

/** Encodes a value and decodes its bytes. */
export function roundTrip(serializer: Serializer, value: unknown): unknown {
  const { codec, bytes } = encodeWhole(serializer, value);
  return serializer.decode(codec, bytes);
}

/** Joins codec and bytes to a string for comparing; `undefined` when the value is refused. */
export function fingerprint(serializer: Serializer, value: unknown): string | undefined {
  const encoded = unlessRefused(() => encodeWhole(serializer, value));
  return encoded === undefined ? undefined : `${encoded.codec} ${Buffer.from(encoded.bytes).toString('hex')}`;
}

/** Checks that a value is read back exactly, or refused with a SerializeError: nothing in between. */
export function exactOrRefused(serializer: Serializer, value: unknown, what: string): void {
  const found = unlessRefused(() => ({ value: roundTrip(serializer, value) }), what);
  if (found === undefined) return;
  // Two invalid dates are never equal to `assert`.
  if (isInvalidDate(value) && isInvalidDate(found.value)) return;
  assert.deepEqual(found.value, value, `${what} came back as another value`);
}

function isInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}

/** Checks that a call throws a SerializeError, and returns it. */
export function refusal(what: string, call: () => unknown): SerializeError {
  try {
    call();
  } catch (error) {
    assert.ok(SerializeError.is(error), `${what} threw ${String(error)} instead of a SerializeError`);
    return error;
  }
  return assert.fail(`${what} was taken; it must be refused with a SerializeError`);
}

/** Returns the result of a call, or `undefined` if it throws a SerializeError; passes other errors on. */
export function unlessRefused<T>(call: () => T, what = 'the value'): T | undefined {
  try {
    return call();
  } catch (error) {
    assert.ok(SerializeError.is(error), `${what} threw ${String(error)} instead of a SerializeError`);
    return undefined;
  }
}
