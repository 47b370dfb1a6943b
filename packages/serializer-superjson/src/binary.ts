import { types } from 'node:util';
import type { SuperJSON } from 'superjson';

type View = new (memory: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

/** Stored names of the classes whose bytes go beside the text. Any other view is refused. */
const VIEWS: ReadonlyMap<string, { readonly View: View; readonly width: number }> = new Map(
  [Uint8Array, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array]
    .concat([Float64Array, BigInt64Array, BigUint64Array] as never)
    .map((View: { readonly name: string; readonly BYTES_PER_ELEMENT: number }) => [
      View.name,
      { View: View as unknown as View, width: View.BYTES_PER_ELEMENT },
    ]),
);

/** What the text holds in place of binary data: its class, and its number among the leaves. */
type Placeholder = readonly [name: string, leaf: number];

/**
 * Keeps binary data out of superjson's text, which would write each byte as a number: one custom type that leaves a
 * placeholder in the text. Without `dedupe` a text may name a leaf several times.
 */
export class BinaryLeaves {
  /** Those that were written, or that can be read. */
  leaves: Uint8Array[] = [];

  constructor(superjson: SuperJSON) {
    superjson.registerCustom<object, [string, number]>(
      {
        isApplicable: (value): value is object => nameOf(value) !== undefined,
        serialize: (value) => this.write(value),
        deserialize: ([name, leaf]) => read(name, this.leaves[leaf]),
      },
      'varve.bytes',
    );
  }

  private write(value: object): [...Placeholder] {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value as ArrayBuffer);
    return [nameOf(value) as string, this.leaves.push(bytes) - 1];
  }
}

/** The bytes are a view of what was read where the class allows, else a copy. */
function read(name: string, bytes: Uint8Array | undefined): object {
  if (bytes === undefined) throw new TypeError('binary data is missing');
  if (name === 'ArrayBuffer') return bytes.slice().buffer;
  if (name === 'Buffer') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = VIEWS.get(name);
  if (kind === undefined) throw new TypeError(`there is no binary class ${JSON.stringify(name)}`);
  const isAligned = types.isArrayBuffer(bytes.buffer) && bytes.byteOffset % kind.width === 0;
  const own = isAligned ? bytes : bytes.slice();
  return new kind.View(own.buffer as ArrayBuffer, own.byteOffset, bytes.byteLength / kind.width);
}

/** The stored name of a value that is binary data of a class that can be restored. */
function nameOf(value: unknown): string | undefined {
  if (!ArrayBuffer.isView(value) && !types.isArrayBuffer(value)) return undefined;
  if (ArrayBuffer.isView(value) && !types.isArrayBuffer(value.buffer)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Buffer.prototype) return 'Buffer';
  if (prototype === ArrayBuffer.prototype) return Reflect.get(value, 'resizable') === true ? undefined : 'ArrayBuffer';
  for (const [name, { View }] of VIEWS) if (prototype === View.prototype) return name;
  return undefined;
}
