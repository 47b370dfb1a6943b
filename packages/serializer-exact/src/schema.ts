import { type BinaryKind, listBinaryKinds } from './binary.ts';
import { listBuiltinWriters } from './builtin-writers.ts';
import { type ClassCodec, type ClassRegistry, makeRegistry, type SerializableClass } from './classes.ts';
import { mark } from './marker.ts';
import { adviseOnClass, nameOfClass } from './refusal.ts';
import type { TreeWriter, WriteKind } from './tree-writer.ts';

/** The kinds of objects that a serializer writes and reads. */
export interface Schema {
  readonly binary: readonly BinaryKind[];
  readonly classes: ClassRegistry;
  /** By prototype: built-in and registered classes. */
  readonly writers: ReadonlyMap<object | null, WriteKind>;
}

export function makeSchema(classes: readonly SerializableClass[]): Schema {
  const binary = listBinaryKinds();
  const registry = makeRegistry(classes);
  const writers = new Map<object | null, WriteKind>(listBuiltinWriters(binary));
  writers.set(null, writeBare);
  for (const [prototype, codec] of registry.byPrototype) {
    writers.set(prototype, (value, writer, depth) => writeInstance(codec, value, writer, depth));
  }
  return { binary, classes: registry, writers };
}

function writeBare(value: object, writer: TreeWriter, depth: number): unknown {
  return mark('Null', writer.writeFields(value, writer.listNames(value, depth), depth));
}

function writeInstance(codec: ClassCodec, value: object, writer: TreeWriter, depth: number): unknown {
  const { name, custom } = codec;
  if (custom === undefined)
    return mark('Class', name, writer.writeFields(value, writer.listNames(value, depth), depth));
  return writer.convert(value, () =>
    mark('Made', name, writer.write(callTo(codec, custom.to, value, writer, depth), depth)),
  );
}

function callTo(
  { name }: ClassCodec,
  to: (instance: object) => unknown,
  value: object,
  writer: TreeWriter,
  depth: number,
): unknown {
  try {
    return to(value);
  } catch (error) {
    throw writer.refuse(depth, `is a ${name} whose \`to\` threw`, 'See the cause.', undefined, error);
  }
}

/** Finds the writer of an object that is not plain. Throws `SerializeError` for a class that is not registered. */
export function findWriter(schema: Schema, prototype: object | null, writer: TreeWriter, depth: number): WriteKind {
  const known = schema.writers.get(prototype);
  if (known !== undefined) return known;
  const name = nameOfClass(prototype);
  const base = nameOfBuiltin(schema, prototype);
  if (base === undefined && name === 'Object') {
    throw writer.refuse(
      depth,
      'has a prototype that is neither Object.prototype nor null',
      'Store a plain copy: { ...it }.',
    );
  }
  const what = base === undefined ? '' : `, a kind of ${base}`;
  throw writer.refuse(depth, `is an instance of ${name || 'a class without a name'}${what}`, adviseOnClass(name));
}

function nameOfBuiltin(schema: Schema, prototype: object | null): string | undefined {
  let at = prototype === null ? null : (Object.getPrototypeOf(prototype) as object | null);
  for (; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (at === Array.prototype || (schema.writers.has(at) && !schema.classes.byPrototype.has(at)))
      return nameOfClass(at);
  }
  return undefined;
}
