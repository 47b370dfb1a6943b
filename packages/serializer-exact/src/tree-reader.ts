import { type LeafReader, malformed } from '@varve/core/serializer-kit';
import { MARK, setField } from './marker.ts';
import { MAX_DEPTH } from './refusal.ts';

/** Makes one kind of object out of a marker's payload. `depth` is that of the object. */
export type ReadKind = (payload: readonly unknown[], reader: TreeReader, depth: number) => unknown;

/** Placeholder of an object that is not made yet. */
const PENDING = Symbol('pending');

/**
 * Turns a tree back into the value, in place: the parsed JSON becomes the value. Things with an identity are numbered
 * in the order in which they begin, as the writer did. Nothing stored is ever executed or used as a prototype.
 */
export class TreeReader {
  readonly leaves: LeafReader;
  readonly #codec: string;
  readonly #kinds: ReadonlyMap<string, ReadKind>;
  readonly #things: unknown[] = [];

  constructor(codec: string, kinds: ReadonlyMap<string, ReadKind>, leaves: LeafReader) {
    this.#codec = codec;
    this.#kinds = kinds;
    this.leaves = leaves;
  }

  read(node: unknown, depth: number): unknown {
    if (typeof node !== 'object' || node === null) return node;
    if (depth > MAX_DEPTH) throw this.malformed(`it nests more than ${MAX_DEPTH} levels deep`);
    if (Array.isArray(node)) {
      this.begin(node);
      for (let i = 0; i < node.length; i++) {
        const item: unknown = node[i];
        if (typeof item === 'object' && item !== null) node[i] = this.read(item, depth + 1);
      }
      return node;
    }
    const names = Object.keys(node);
    if (names[0] === MARK) return this.#readMarker(node, names.length, depth);
    return this.#readPlain(this.begin(node as Record<string, unknown>), names, depth);
  }

  /** Gives a thing its number. Call before reading what is inside. */
  begin<T>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** Makes a thing that needs its inside first; until then nothing may refer to it. */
  beginLater(make: () => unknown): unknown {
    const number = this.#things.push(PENDING) - 1;
    const made = make();
    this.#things[number] = made;
    return made;
  }

  /** Returns the thing with this number. */
  recall(number: unknown): unknown {
    if (typeof number !== 'number' || !Object.hasOwn(this.#things, number) || this.#things[number] === PENDING) {
      throw this.malformed('a reference leads nowhere');
    }
    return this.#things[number];
  }

  /** Sets the fields of `[name, value, …]` on `target`, as plain data properties. */
  readFields(target: object, fields: unknown, depth: number, enumerable = true): void {
    const items = this.requireList(fields);
    if (items.length % 2 !== 0) throw this.malformed('a field has no value');
    for (let i = 0; i < items.length; i += 2) {
      const name = items[i];
      if (typeof name !== 'string' || Object.hasOwn(target, name))
        throw this.malformed('a field has no name of its own');
      setField(target, name, this.read(items[i + 1], depth + 1), enumerable);
    }
  }

  requireList(node: unknown): readonly unknown[] {
    if (!Array.isArray(node)) throw this.malformed('a list is missing');
    return node as readonly unknown[];
  }

  requireText(node: unknown): string {
    if (typeof node !== 'string') throw this.malformed('a text is missing');
    return node;
  }

  requireCount(node: unknown): number {
    if (!Number.isSafeInteger(node) || (node as number) < 0) throw this.malformed('a number is missing');
    return node as number;
  }

  malformed(what: string, cause?: unknown): Error {
    return malformed(this.#codec, what, cause);
  }

  /** Every name is an own property already, also a `__proto__`: writing to it sets no prototype. */
  #readPlain(node: Record<string, unknown>, names: readonly string[], depth: number): unknown {
    for (const name of names) {
      const item = node[name];
      if (typeof item !== 'object' || item === null) continue;
      const made = this.read(item, depth + 1);
      if (made !== item) node[name] = made;
    }
    return node;
  }

  #readMarker(node: object, size: number, depth: number): unknown {
    const body: unknown = Reflect.get(node, MARK);
    if (size !== 1 || !Array.isArray(body)) throw this.malformed('a marker has an unknown form');
    const [tag, ...payload] = body as unknown[];
    const read = typeof tag === 'string' ? this.#kinds.get(tag) : undefined;
    if (read === undefined) throw this.malformed(`the kind ${JSON.stringify(tag)} is unknown`);
    return read(payload, this, depth);
  }
}
