import { types } from 'node:util';
import { SerializeError } from '../contract/index.ts';
import { carriesExtras } from './extras.ts';
import { formatPath, type PathStep } from './value-path.ts';

/**
 * Throws `SerializeError`, with the path, unless `copy` is `value` again: the same types, prototypes, keys in the same order,
 * holes, `-0`, hidden properties and identities. A serializer that wraps a library calls it with what it would read back, so
 * that what the library loses is refused instead of stored.
 *
 * `frozen`, `sealed` and the memory around a view are not part of a value. `isSame` answers for objects whose inside cannot
 * be seen, such as instances of a class that has conversions of its own: `undefined` leaves them to the general rules.
 */
export function requireExact(value: unknown, copy: unknown, options: ExactOptions): void {
  new Comparison(options).compare(value, copy, []);
}

export interface ExactOptions {
  /** Named in the message: `superjson`. */
  readonly by: string;
  readonly isSame?: (value: object, copy: object) => boolean | undefined;
}

/** Levels of nesting that fit the stack of any thread. */
const MAX_DEPTH = 500;

/** Elements of a typed array up to which all its keys are listed. */
const LONG = 64;

/** What an error keeps beside its enumerable fields. None of them is told from one that is `undefined`. */
const OF_ERRORS = ['name', 'message', 'stack', 'cause', 'errors'];

class Comparison {
  private readonly there = new Map<object, object>();
  private readonly back = new Map<object, object>();

  constructor(private readonly options: ExactOptions) {}

  compare(value: unknown, copy: unknown, path: readonly PathStep[]): void {
    if (typeof value === 'function') throw this.refuse(path, 'is a function', 'Keep data only');
    if (typeof value === 'symbol') throw this.refuse(path, 'is a symbol', 'Use a string');
    if (path.length > MAX_DEPTH) throw this.refuse([], `is nested deeper than ${MAX_DEPTH} levels`, 'Make it flatter');
    if (!isObject(value) || !isObject(copy)) {
      if (!Object.is(value, copy)) throw this.lost(path, value, copy);
      return;
    }
    if (this.there.has(value) || this.back.has(copy)) {
      if (this.there.get(value) === copy && this.back.get(copy) === value) return;
      throw this.refuse(path, 'is in several places, and would not be one object again', 'Keep it in one place');
    }
    this.there.set(value, copy);
    this.back.set(copy, value);
    this.compareObjects(value, copy, path);
  }

  private compareObjects(value: object, copy: object, path: readonly PathStep[]): void {
    const isSame = this.options.isSame?.(value, copy);
    if (isSame === false) throw this.refuse(path, 'would not be the same again', WAY_OUT);
    if (isSame === true) return;
    if (isClosed(value)) throw this.refuse(path, `is a ${nameOf(value)}`, WAY_OUT);
    if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(copy)) {
      throw this.refuse(path, `is ${ofClass(value)} and would become ${ofClass(copy)}`, WAY_OUT);
    }
    if (types.isNativeError(value)) return this.compareErrors(value, copy as Error, path);
    if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) return this.compareBytes(value, copy, path);
    this.compareInside(value, copy, path);
    this.compareFields(value, copy, path);
  }

  /** What built-ins hold that is no property. */
  private compareInside(value: object, copy: object, path: readonly PathStep[]): void {
    if (types.isDate(value)) return this.compare(value.getTime(), (copy as Date).getTime(), path);
    if (types.isRegExp(value)) return this.compare(String(value), String(copy), path);
    if (value instanceof URL) return this.compare(value.href, (copy as URL).href, path);
    if (types.isMap(value)) return this.compareEntries([...value], [...(copy as Map<unknown, unknown>)], path);
    if (types.isSet(value)) return this.compareMembers([...value], [...(copy as Set<unknown>)], path);
  }

  private compareEntries(
    value: readonly [unknown, unknown][],
    copy: readonly [unknown, unknown][],
    path: readonly PathStep[],
  ): void {
    this.compare(value.length, copy.length, path);
    for (const [index, [key, item]] of value.entries()) {
      this.compare(key, copy[index]?.[0], [...path, { at: 'key', index }]);
      this.compare(item, copy[index]?.[1], [...path, { at: 'value', index, key }]);
    }
  }

  private compareMembers(value: readonly unknown[], copy: readonly unknown[], path: readonly PathStep[]): void {
    this.compare(value.length, copy.length, path);
    for (const [index, item] of value.entries()) this.compare(item, copy[index], [...path, { at: 'member', index }]);
  }

  private compareFields(value: object, copy: object, path: readonly PathStep[]): void {
    const keys = Reflect.ownKeys(value);
    const others = Reflect.ownKeys(copy);
    const added = others.find((key) => !Object.hasOwn(value, key));
    if (added !== undefined)
      throw this.refuse([...path, stepOf(value, added)], 'is a hole, or would be added', WAY_OUT);
    for (const [at, key] of keys.entries()) {
      const inside = [...path, stepOf(value, key)];
      const field = Object.getOwnPropertyDescriptor(value, key);
      if (typeof key === 'symbol') throw this.refuse(path, `has the symbol ${String(key)} as a key`, 'Use a string');
      if (field && (field.get || field.set)) throw this.refuse(inside, 'is a getter or setter', 'Keep data only');
      const other = Object.getOwnPropertyDescriptor(copy, key);
      if (other === undefined) {
        this.compare(field?.value, undefined, inside);
        throw this.refuse(inside, 'would be missing', WAY_OUT);
      }
      this.compare(field?.value, other.value, inside);
      if (field?.enumerable !== other.enumerable)
        throw this.refuse(inside, 'is not enumerable', 'Make it a plain field');
      if (others[at] !== key) throw this.refuse(inside, 'would be in another place among the keys', WAY_OUT);
    }
  }

  private compareErrors(value: Error, copy: Error, path: readonly PathStep[]): void {
    const of = (error: Error, key: string): unknown => Reflect.get(error, key);
    for (const key of OF_ERRORS) {
      this.compare(of(value, key), of(copy, key), [...path, key]);
    }
    for (const key of new Set([...Reflect.ownKeys(value), ...Reflect.ownKeys(copy)])) {
      if (typeof key === 'symbol') throw this.refuse(path, `has the symbol ${String(key)} as a key`, 'Use a string');
      if (OF_ERRORS.includes(key)) continue;
      const field = Object.getOwnPropertyDescriptor(value, key);
      if (field?.get || field?.set) throw this.refuse([...path, key], 'is a getter or setter', 'Keep data only');
      this.compare(of(value, key), of(copy, key), [...path, key]);
    }
  }

  private compareBytes(value: object, copy: object, path: readonly PathStep[]): void {
    if (types.isSharedArrayBuffer(ArrayBuffer.isView(value) ? value.buffer : value)) {
      throw this.refuse(path, 'is memory shared between threads', 'Copy it: new Uint8Array(shared).slice()');
    }
    if (hasFields(value)) throw this.refuse(path, 'is binary data with properties of its own', 'Keep them beside it');
    if (!bytesOf(value).equals(bytesOf(copy))) throw this.refuse(path, 'would have other bytes', WAY_OUT);
  }

  private lost(path: readonly PathStep[], value: unknown, copy: unknown): SerializeError {
    const [is, becomes] = [inWords(value), inWords(copy)];
    const what = is === becomes ? `is ${is} and would become another` : `is ${is} and would become ${becomes}`;
    return this.refuse(path, what, WAY_OUT);
  }

  private refuse(path: readonly PathStep[], what: string, wayOut: string): SerializeError {
    const place = formatPath(path);
    const message = `${place === '' ? 'the value' : place} ${what}, which ${this.options.by} cannot store. ${wayOut}, or mark the field @transient.`;
    return new SerializeError(message, { path: place });
  }
}

const WAY_OUT = 'Convert it to plain data';

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** True for objects whose inside nobody can see, so that no copy can be compared. */
function isClosed(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isProxy(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isBoxedPrimitive(value) ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value) ||
    value instanceof WeakRef
  );
}

/** True for binary data that carries more than its elements. */
function hasFields(value: object): boolean {
  if (!types.isTypedArray(value)) return Reflect.ownKeys(value).length > 0;
  const { buffer, byteOffset, length } = value;
  if (length <= LONG) return Reflect.ownKeys(value).length > length;
  const Made = value.constructor as new (memory: ArrayBufferLike, at: number, length: number) => object;
  const sibling = Buffer.isBuffer(value)
    ? Buffer.from(buffer as ArrayBuffer, byteOffset, length)
    : new Made(buffer, byteOffset, length);
  return carriesExtras(value, sibling);
}

function stepOf(value: object, key: PropertyKey): PathStep {
  return Array.isArray(value) && typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : String(key);
}

function bytesOf(value: object): Buffer {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Buffer.from(value as ArrayBuffer);
}

function nameOf(value: object): string {
  const made: unknown = value.constructor;
  return (typeof made === 'function' && made.name) || 'object';
}

function ofClass(value: object): string {
  return Object.getPrototypeOf(value) === null ? 'an object without a prototype' : `of class ${nameOf(value)}`;
}

function inWords(value: unknown): string {
  if (isObject(value)) return ofClass(value);
  if (typeof value === 'string') return 'a text';
  return Object.is(value, -0) ? '-0' : String(value);
}
