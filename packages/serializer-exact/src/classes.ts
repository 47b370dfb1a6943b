import { classMistake, requireVisibleFields } from '@varve/core/serializer-kit';

/** Any class, also an abstract one. */
export type AnyClass = abstract new (...args: never[]) => object;

/** A class whose instances may be stored, with its stored name and conversions. */
export interface ClassRegistration {
  readonly class: AnyClass;
  /** Stored with each instance: keep it when the class is renamed. Default: the name of the class. */
  readonly name?: string;
  /** Converts an instance to data. Without `to` and `from`: its own enumerable fields. */
  to?(instance: never): unknown;
  /** Converts data to an instance. Without `to` and `from`: an object of the class with those fields; no constructor runs. */
  from?(data: never): object;
}

/** A class, or a class with its stored name and conversions. */
export type SerializableClass = AnyClass | ClassRegistration;

/** Conversions of one registered class. */
export interface ClassCodec {
  readonly name: string;
  readonly prototype: object;
  readonly custom: { readonly to: (instance: object) => unknown; readonly from: (data: unknown) => object } | undefined;
}

/** The registered classes, found by prototype when writing and by stored name when reading. */
export interface ClassRegistry {
  readonly byPrototype: ReadonlyMap<object, ClassCodec>;
  readonly byName: ReadonlyMap<string, ClassCodec>;
}

/** Throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a registration that could not restore its instances. */
export function makeRegistry(classes: readonly SerializableClass[]): ClassRegistry {
  const byPrototype = new Map<object, ClassCodec>();
  const byName = new Map<string, ClassCodec>();
  for (const entry of classes) {
    const codec = makeCodec(typeof entry === 'function' ? { class: entry } : entry);
    const other = byName.get(codec.name);
    if (other !== undefined || byPrototype.has(codec.prototype)) {
      throw classMistake(`class "${codec.name}" is registered twice`, 'Give each class its own name: { class, name }.');
    }
    byName.set(codec.name, codec);
    byPrototype.set(codec.prototype, codec);
  }
  return { byPrototype, byName };
}

const CONVERSIONS = 'Give `to` and `from`: { class, to: (it) => data, from: (data) => new It(data) }.';

function makeCodec(registration: ClassRegistration): ClassCodec {
  const { class: registered, to, from } = registration;
  if (typeof registered !== 'function' || typeof registered.prototype !== 'object') {
    throw classMistake('`classes` holds something that is no class', 'List classes, or { class, name, to, from }.');
  }
  const name = registration.name ?? registered.name;
  if (name === '') throw classMistake('a class without a name is registered', 'Give it one: { class, name }.');
  const prototype = registered.prototype as object;
  if ((to === undefined) !== (from === undefined)) {
    throw classMistake(`class "${name}" has only one of \`to\` and \`from\``, 'Give both or neither.');
  }
  if (to !== undefined && from !== undefined) {
    const call = { to: (instance: object) => to(instance as never), from: (data: unknown) => from(data as never) };
    return { name, prototype, custom: call };
  }
  requireVisibleFields(registered, name, CONVERSIONS);
  return { name, prototype, custom: undefined };
}
