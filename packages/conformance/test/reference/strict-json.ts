import { type Encoded, SerializeError, type Serializer } from '@varve/core/contract';

/** A correct, small serializer, on which the broken ones are based: takes plain JSON and bytes, refuses the rest. */
export const strictJson: Serializer = {
  id: 'strict-json/1',
  deterministic: true,
  encode(value) {
    if (isPlainBytes(value)) return { codec: 'raw/1', parts: [value] };
    check(value, '', 0);
    return encodeText(JSON.stringify(value));
  },
  decodes: (codec) => codec === 'json/1' || codec === 'raw/1',
  decode(codec, bytes) {
    if (codec === 'raw/1') return new Uint8Array(bytes);
    if (codec !== 'json/1') throw new SerializeError(`unknown codec ${codec}`);
    return parseText(bytes);
  },
};

export function encodeText(text: string): Encoded {
  return { codec: 'json/1', parts: [new TextEncoder().encode(text)] };
}

export function parseText(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (name, inner) => {
      if (name === '__proto__') throw new Error('a name that would change the prototype');
      return inner;
    });
    return value;
  } catch (cause) {
    throw new SerializeError('not what encode writes', { cause });
  }
}

function isPlainBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && Object.getPrototypeOf(value) === Uint8Array.prototype;
}

function check(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string' && !/\p{Surrogate}/u.test(value)) return;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return;
  if (typeof value !== 'object' || depth > 500)
    throw new SerializeError(`cannot keep ${typeof value} at ${path}`, { path });
  const isArray = Array.isArray(value);
  const names = Reflect.ownKeys(value);
  const wanted = isArray ? value.length + 1 : names.length;
  if (Object.getPrototypeOf(value) !== (isArray ? Array.prototype : Object.prototype) || names.length !== wanted) {
    throw new SerializeError(`cannot keep the object at ${path}`, { path });
  }
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') throw new SerializeError('cannot keep __proto__', { path });
    check(inner, isArray ? `${path}[${name}]` : `${path}.${name}`, depth + 1);
  }
}
