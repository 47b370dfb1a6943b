import assert from 'node:assert/strict';
import { SerializeError, type Serializer } from '@varve/core/contract';

/** The whole encoding, as it is stored. */
export function encodeWhole(
  serializer: Serializer,
  value: unknown,
): { readonly codec: string; readonly bytes: Uint8Array } {
  const { codec, parts } = serializer.encode(value);
  return { codec, bytes: new Uint8Array(Buffer.concat(parts)) };
}

/** The value as a reader gets it. */
export function roundTrip(serializer: Serializer, value: unknown): unknown {
  const { codec, bytes } = encodeWhole(serializer, value);
  return serializer.decode(codec, bytes);
}

/** Codec and bytes as one string, to compare; `undefined` when the value is refused. */
export function fingerprint(serializer: Serializer, value: unknown): string | undefined {
  const encoded = unlessRefused(() => encodeWhole(serializer, value));
  return encoded === undefined ? undefined : `${encoded.codec} ${Buffer.from(encoded.bytes).toString('hex')}`;
}

/** Checks that a value comes back exactly, or is refused with a SerializeError: nothing in between. */
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

/** What a call returns, or `undefined` if it throws a SerializeError; any other error is a failure. */
export function unlessRefused<T>(call: () => T, what = 'the value'): T | undefined {
  try {
    return call();
  } catch (error) {
    assert.ok(SerializeError.is(error), `${what} threw ${String(error)} instead of a SerializeError`);
    return undefined;
  }
}
