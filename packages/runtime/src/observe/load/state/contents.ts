import { types } from 'node:util';
import { hiddenState } from './node-objects.ts';

/** How to see whether an object still holds what it held. */
export interface Content<T extends object = object> {
  /** What an object holds now, to be compared one by one. */
  take(object: T): readonly unknown[];
  isSame(object: T, held: readonly unknown[]): boolean;
}

/** Bytes that are compared; larger memory is not looked at. */
const BYTES_MAX = 256 * 1024;

/** Stands for an element that is not there. */
const HOLE = Symbol('hole');

export const elements: Content<readonly unknown[]> = {
  take: (array) => Array.from(array, (value, at) => (value === undefined && !(at in array) ? HOLE : value)),
  isSame(array, held) {
    if (array.length !== held.length) return false;
    for (let i = 0; i < held.length; i++) {
      const value = array[i];
      if (!Object.is(value, held[i]) && !(value === undefined && held[i] === HOLE && !(i in array))) return false;
      if (value === undefined && held[i] === undefined && !(i in array)) return false;
    }
    return true;
  },
};

const entries: Content<Map<unknown, unknown>> = {
  take: (map) => [...Map.prototype.entries.call(map)].flat(),
  isSame(map, held) {
    if (size.map.call(map) * 2 !== held.length) return false;
    let at = 0;
    for (const [key, value] of Map.prototype.entries.call(map))
      if (!Object.is(key, held[at++]) || !Object.is(value, held[at++])) return false;
    return true;
  },
};

const members: Content<Set<unknown>> = {
  take: (set) => [...Set.prototype.values.call(set)],
  isSame(set, held) {
    if (size.set.call(set) !== held.length) return false;
    let at = 0;
    for (const value of Set.prototype.values.call(set)) if (!Object.is(value, held[at++])) return false;
    return true;
  },
};

const size = {
  map: getterOf<number>(Map.prototype, 'size'),
  set: getterOf<number>(Set.prototype, 'size'),
};

function getterOf<T>(prototype: object, name: string): { call(on: object): T } {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as { call(on: object): T };
}

export const bytes: Content = {
  take: (memory) => [Buffer.from(asBuffer(memory))],
  isSame: (memory, [held]) => asBuffer(memory).equals(held as Buffer),
};

function asBuffer(memory: object): Buffer {
  return ArrayBuffer.isView(memory)
    ? Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength)
    : Buffer.from(memory as ArrayBuffer);
}

/** Of objects whose text says all. */
const text: Content = textBy(String);
const fields: Content = textBy((object) => JSON.stringify([...(object as Iterable<unknown>)]));
const hidden: Content = textBy((object) => String(hiddenState(object)));
const time: Content = textBy((object) => String(Date.prototype.getTime.call(object)));

function textBy(textOf: (object: object) => string): Content {
  return { take: (object) => [textOf(object)], isSame: (object, [held]) => textOf(object) === held };
}

const { getOwnPropertyDescriptor, getPrototypeOf, isExtensible, ownKeys } = Reflect;
/** Every function has these. */
const OF_FUNCTIONS = new Set<PropertyKey>(['prototype', 'arguments', 'caller']);

/** Own properties, and the prototype. No getter is called. */
export const properties: Content = {
  take(object) {
    const held: unknown[] = [getPrototypeOf(object), isExtensible(object)];
    for (const key of keysOf(object)) {
      const described = getOwnPropertyDescriptor(object, key) ?? {};
      const { value, get, set } = described;
      held.push(key, value, get, set, flagsOf(described));
    }
    return held;
  },
  isSame(object, held) {
    if (getPrototypeOf(object) !== held[0] || isExtensible(object) !== held[1]) return false;
    let at = 2;
    for (const key of keysOf(object)) {
      const described = getOwnPropertyDescriptor(object, key) ?? {};
      const { value, get, set } = described;
      const isSame =
        key === held[at++] && Object.is(value, held[at++]) && Object.is(get, held[at++]) && Object.is(set, held[at++]);
      if (!isSame || flagsOf(described) !== held[at++]) return false;
    }
    return at === held.length;
  },
};

function flagsOf({ enumerable, writable, configurable }: PropertyDescriptor): number {
  return (enumerable ? 1 : 0) + (writable ? 2 : 0) + (configurable ? 4 : 0);
}

/**
 * The same for an object that has nothing but enumerable values under names: ten times as fast, which counts for tables of
 * thousands of rows. Of a value that became an accessor, what that gives is compared.
 */
const values: Content<Readonly<Record<string, unknown>>> = {
  take(object) {
    const held: unknown[] = [getPrototypeOf(object), isExtensible(object)];
    for (const name of Object.keys(object)) held.push(name, object[name]);
    return held;
  },
  isSame(object, held) {
    if (getPrototypeOf(object) !== held[0] || isExtensible(object) !== held[1]) return false;
    const names = Object.keys(object);
    if (names.length * 2 + 2 !== held.length || Object.getOwnPropertyNames(object).length !== names.length)
      return false;
    if (Object.getOwnPropertySymbols(object).length > 0) return false;
    let at = 2;
    for (const name of names) if (name !== held[at++] || !Object.is(object[name], held[at++])) return false;
    return true;
  },
};

/** Elements of an array or a block of memory whose further properties are looked at: their names take time to make. */
const NAMED_MAX = 100;

/** Properties beside the elements. */
const extras: Content = {
  take(object) {
    const names = ownKeys(object).filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
    const values = names.flatMap((key) => [key, getOwnPropertyDescriptor(object, key)?.value]);
    return [getPrototypeOf(object), isExtensible(object), ...values.slice(Array.isArray(object) ? 2 : 0)];
  },
  isSame: (object, held) => elements.isSame(extras.take(object), held),
};

/** How to compare what an array or a block of memory has beside its elements; `undefined` when that would take too long. */
export function extrasOf(object: object): Content | undefined {
  const { length = 0 } = object as { readonly length?: number };
  if (length <= NAMED_MAX) return extras;
  return Array.isArray(object) && getPrototypeOf(object) !== Array.prototype ? extras : undefined;
}

/** What a function gives the objects that it makes. */
export const prototypeOf: Content<{ readonly prototype?: unknown }> = {
  take: ({ prototype }) => [prototype],
  isSame: ({ prototype }, [held]) => prototype === held,
};

/** The cheapest way to compare the properties of an object. */
export function propertiesOf(object: object): Content<never> {
  if (typeof object === 'function') return properties;
  const isPlain = ownKeys(object).every((key) => {
    const described = getOwnPropertyDescriptor(object, key) ?? {};
    return typeof key === 'string' && described.enumerable === true && 'value' in described;
  });
  return isPlain ? values : properties;
}

function keysOf(object: object): readonly PropertyKey[] {
  const keys = ownKeys(object);
  return typeof object === 'function' ? keys.filter((key) => !OF_FUNCTIONS.has(key)) : keys;
}

/** What a built-in object holds besides its properties; `undefined` for one whose properties say all. */
export function contentOf(object: object): Content<never> | undefined {
  if (Array.isArray(object)) return elements;
  if (types.isMap(object)) return entries;
  if (types.isSet(object)) return members;
  if (types.isDate(object)) return time;
  if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object))
    return object.byteLength > BYTES_MAX ? undefined : bytes;
  if (object instanceof URLSearchParams || object instanceof URL) return text;
  if (object instanceof Headers || object instanceof FormData) return fields;
  return hiddenState(object) === undefined ? undefined : hidden;
}
