import { endianness } from 'node:os';
import { types } from 'node:util';

/** One kind of binary value: its names in stored bytes, and the way to make one from memory. */
export interface BinaryKind {
  /** Stored inside trees, e.g. `Float64Array`. */
  readonly name: string;
  /** Stored in the codec of a raw value, e.g. `f64`. */
  readonly short: string;
  /** Bytes of an element: lengths and offsets are multiples of it. */
  readonly width: number;
  readonly prototype: object;
  /** `length` counts elements. The result shares the memory. */
  readonly view: (memory: ArrayBuffer, offset: number, length: number) => object;
}

type ViewClass = new (memory: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

const VIEWS: readonly (readonly [name: string, short: string, width: number])[] = [
  ['Uint8Array', 'u8', 1],
  ['Int8Array', 'i8', 1],
  ['Uint8ClampedArray', 'u8c', 1],
  ['Int16Array', 'i16', 2],
  ['Uint16Array', 'u16', 2],
  ['Float16Array', 'f16', 2],
  ['Int32Array', 'i32', 4],
  ['Uint32Array', 'u32', 4],
  ['Float32Array', 'f32', 4],
  ['Float64Array', 'f64', 8],
  ['BigInt64Array', 'i64', 8],
  ['BigUint64Array', 'u64', 8],
  ['DataView', 'dataview', 1],
];

/** Every binary kind of this Node. Float16Array is missing before Node 24. */
export function listBinaryKinds(): readonly BinaryKind[] {
  const views = VIEWS.flatMap(([name, short, width]): BinaryKind[] => {
    const View = Reflect.get(globalThis, name) as ViewClass | undefined;
    if (View === undefined) return [];
    const prototype = View.prototype as object;
    return [{ name, short, width, prototype, view: (memory, offset, length) => new View(memory, offset, length) }];
  });
  return [
    ...views,
    { name: 'Buffer', short: 'buffer', width: 1, prototype: Buffer.prototype, view: Buffer.from },
    { name: 'ArrayBuffer', short: 'arraybuffer', width: 1, prototype: ArrayBuffer.prototype, view: takeWhole },
  ];
}

function takeWhole(memory: ArrayBuffer, offset: number, length: number): ArrayBuffer {
  return offset === 0 && length === memory.byteLength ? memory : memory.slice(offset, offset + length);
}

/** Returns the bytes of a binary value as a view of its memory, or the reason why they cannot be stored. */
export function viewBytes(value: object, kind: BinaryKind): Uint8Array | string {
  if (!ArrayBuffer.isView(value) && !types.isArrayBuffer(value)) return 'only looks like binary data';
  const whole = !ArrayBuffer.isView(value);
  const memory = whole ? value : value.buffer;
  if (!types.isArrayBuffer(memory)) return 'is memory shared between threads';
  if (isDetached(memory)) return 'has lost its memory (transferred or detached)';
  if (whole && Reflect.get(memory, 'resizable') === true) return 'is a resizable ArrayBuffer';
  if (kind.width > 1 && endianness() === 'BE') return 'would need its bytes swapped on this big-endian machine';
  return whole ? new Uint8Array(memory) : new Uint8Array(memory, value.byteOffset, value.byteLength);
}

function isDetached(memory: ArrayBuffer): boolean {
  if (memory.byteLength > 0) return false;
  try {
    return new Uint8Array(memory).length > 0;
  } catch {
    return true;
  }
}

/**
 * Makes a binary value over `bytes`, without a copy when the offset suits the width and no other thread shares the memory.
 * Returns `undefined` when the length does not fit the kind, or the machine is big-endian.
 */
export function readBinary(bytes: Uint8Array, kind: BinaryKind): object | undefined {
  if (bytes.byteLength % kind.width !== 0) return undefined;
  if (kind.width > 1 && endianness() === 'BE') return undefined;
  const shared = !types.isArrayBuffer(bytes.buffer);
  const own = shared || bytes.byteOffset % kind.width !== 0 ? new Uint8Array(bytes) : bytes;
  return kind.view(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / kind.width);
}
