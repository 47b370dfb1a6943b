import { types } from 'node:util';

import { carriesExtras, type PathStep } from '@varve/core/serializer-kit';

import { isPlain, MARK, mark } from './marker.ts';
import { MAX_DEPTH, refuse } from './refusal.ts';

/** Writes one kind of object as a marker. `depth` is that of the object itself. */
export type WriteKind = (value: object, writer: TreeWriter, depth: number) => unknown;

/** Finds the writer of an object that is neither plain nor an array; throws for an unknown class. */
export type FindWriter = (prototype: object | null, writer: TreeWriter, depth: number) => WriteKind;

/** Longest array whose names are listed: for a longer one that costs more than writing its elements. */
const LONG = 64;

/** Like a descriptor it runs no code, and for elements of arrays it is five times as fast. */
const findGetter = Reflect.get(Object.prototype, '__lookupGetter__') as (this: object, name: PropertyKey) => unknown;

/**
 * Turns one value into a tree: checks every part of it, and replaces those that JSON lacks by markers. Parts without a
 * marker are not copied, so the tree of a value that is plain JSON is the value itself.
 */
export class TreeWriter {
  readonly leaves: Uint8Array[] = [];
  readonly #find: FindWriter;
  readonly #path: PathStep[] = [];
  readonly #seen = new Set<object>();
  readonly #unnumbered = this.#seen.values();
  readonly #numbers = new Map<object, number>();
  readonly #converting = new Set<object>();

  constructor(find: FindWriter) {
    this.#find = find;
  }

  /** Writes a value at some depth. `writeAt` has noted the steps that lead to it. */
  write(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (isPlain(value)) return value;
        return mark(value === 0 ? '-0' : String(value));
      case 'undefined':
        return mark('undefined');
      case 'bigint':
        return mark('bigint', value.toString(16));
      case 'object':
        return value === null ? null : this.#writeObject(value, depth);
      case 'function':
        throw this.refuse(depth, 'is a function', 'Keep data only, or mark the field @transient.');
      default:
        throw this.refuse(depth, 'is a symbol', 'Use a string.');
    }
  }

  /** Writes a part of the value at `depth`. */
  writeAt(step: PathStep, value: unknown, depth: number): unknown {
    this.#path[depth] = step;
    return this.write(value, depth + 1);
  }

  /** Creates the error for the value at `depth`, or for its part `step`. */
  refuse(depth: number, what: string, wayOut: string, step?: PathStep, cause?: unknown): Error {
    const steps = this.#path.slice(0, depth);
    return refuse(step === undefined ? steps : [...steps, step], what, wayOut, cause);
  }

  /** Runs `write` while `value` is being turned into data: until then nothing inside can refer back to it. */
  convert<T>(value: object, write: () => T): T {
    this.#converting.add(value);
    const written = write();
    this.#converting.delete(value);
    return written;
  }

  /** Lists the names of own properties; throws if one is a symbol. */
  listNames(value: object, depth: number): string[] {
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw this.refuse(depth, 'has a property whose key is a symbol', 'Use string keys.');
    }
    return Object.getOwnPropertyNames(value);
  }

  /** Reads an own, enumerable data property; throws for any other kind. */
  readField(value: object, name: string | number, depth: number): unknown {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property?.writable === undefined) {
      throw this.refuse(depth, 'is an accessor (get/set)', 'Store its value: make it a plain property.', name);
    }
    if (property.enumerable !== true) {
      throw this.refuse(depth, 'is not enumerable', 'Make it a plain property, or leave it out.', name);
    }
    return property.value;
  }

  /** Writes all fields as `[name, value, name, value, …]`. */
  writeFields(value: object, names: readonly string[], depth: number): unknown[] {
    const fields: unknown[] = [];
    for (const name of names) fields.push(name, this.writeAt(name, this.readField(value, name, depth), depth));
    return fields;
  }

  #writeObject(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) {
      throw this.refuse(
        depth,
        `is nested more than ${MAX_DEPTH} levels deep`,
        'Keep it flat, e.g. as a list with ids.',
      );
    }
    if (types.isProxy(value)) throw this.refuse(depth, 'is a Proxy', 'Store a plain copy of it.');
    const before = this.#seen.size;
    this.#seen.add(value);
    if (this.#seen.size === before) return this.#writeReference(value, depth);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype) return this.#writePlain(value, depth);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#writeArray(value, depth);
    return this.#find(prototype, this, depth)(value, this, depth);
  }

  /** Things are numbered by their place in `#seen`, counted only as far as the first references need it. */
  #writeReference(value: object, depth: number): unknown {
    if (this.#converting.has(value)) {
      throw this.refuse(
        depth,
        'refers back to an object that has to be made first',
        'Leave it out of what `to` returns.',
      );
    }
    while (!this.#numbers.has(value)) this.#numbers.set(this.#unnumbered.next().value as object, this.#numbers.size);
    return mark('ref', this.#numbers.get(value));
  }

  #writePlain(value: object, depth: number): unknown {
    const names = this.listNames(value, depth);
    if (names.includes(MARK)) return mark('Object', this.writeFields(value, names, depth));
    let copy: Record<string, unknown> | undefined;
    for (const name of names) {
      const item = this.readField(value, name, depth);
      if (isPlain(item)) continue;
      const written = this.writeAt(name, item, depth);
      if (written === item) continue;
      // A spread makes own data properties, also of a `__proto__`; writing to one that is there sets no prototype.
      copy ??= { ...value };
      copy[name] = written;
    }
    return copy ?? value;
  }

  #writeArray(value: readonly unknown[], depth: number): unknown {
    const { length } = value;
    if (this.#hasHole(value, depth)) return this.#writeSparse(value, depth);
    const extras =
      length > LONG ? carriesExtras(value, new Array(length)) : this.listNames(value, depth).length > length + 1;
    if (extras) throw this.#refuseExtras(depth);
    let copy: unknown[] | undefined;
    for (let i = 0; i < length; i++) {
      const item = value[i];
      if (isPlain(item)) continue;
      const written = this.writeAt(i, item, depth);
      if (written === item) continue;
      copy ??= value.slice();
      copy[i] = written;
    }
    return copy ?? value;
  }

  /** Looks at each element without running any code; throws for an accessor. */
  #hasHole(value: readonly unknown[], depth: number): boolean {
    for (let i = 0; i < value.length; i++) {
      if (findGetter.call(value, i) === undefined && value[i] !== undefined) continue;
      if (!Object.hasOwn(value, i)) return true;
      this.readField(value, i, depth);
    }
    return false;
  }

  /** Writes only the elements that exist: `[index, value, index, value, …]`. */
  #writeSparse(value: readonly unknown[], depth: number): unknown {
    const items: unknown[] = [];
    for (const name of this.listNames(value, depth)) {
      const index = Number(name);
      if (name === 'length') continue;
      if (!(index < value.length && String(index) === name)) throw this.#refuseExtras(depth);
      items.push(index, this.writeAt(index, this.readField(value, index, depth), depth));
    }
    return mark('Array', value.length, items);
  }

  #refuseExtras(depth: number): Error {
    return this.refuse(depth, 'is an array with properties besides its elements', 'Use an object: { items, ... }.');
  }
}
