import { VarveError } from '@varve/core/contract';

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
      throw mistake(`class "${codec.name}" is registered twice`, 'Give each class its own name: { class, name }.');
    }
    byName.set(codec.name, codec);
    byPrototype.set(codec.prototype, codec);
  }
  return { byPrototype, byName };
}

function makeCodec(registration: ClassRegistration): ClassCodec {
  const { class: registered, to, from } = registration;
  if (typeof registered !== 'function' || typeof registered.prototype !== 'object') {
    throw mistake('`classes` holds something that is no class', 'List classes, or { class, name, to, from }.');
  }
  const name = registration.name ?? registered.name;
  if (name === '') throw mistake('a class without a name is registered', 'Give it one: { class, name }.');
  const prototype = registered.prototype as object;
  if ((to === undefined) !== (from === undefined)) {
    throw mistake(`class "${name}" has only one of \`to\` and \`from\``, 'Give both or neither.');
  }
  if (to !== undefined && from !== undefined) {
    const call = { to: (instance: object) => to(instance as never), from: (data: unknown) => from(data as never) };
    return { name, prototype, custom: call };
  }
  requireVisibleFields(registered, name);
  return { name, prototype, custom: undefined };
}

/** Copying fields would lose `#private` ones, and the inside of a built-in such as Map. */
function requireVisibleFields(registered: AnyClass, name: string): void {
  const hint = 'Give `to` and `from`: { class, to: (it) => data, from: (data) => new It(data) }.';
  let at: object | null = registered;
  while (typeof at === 'function' && at !== Function.prototype) {
    const source = Function.prototype.toString.call(at);
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw mistake(`class "${name}" extends the built-in ${at.name}, whose inside is no field`, hint);
    }
    if (/#[\p{ID_Start}$_]/u.test(source)) {
      throw mistake(`class "${name}" seems to have #private fields, which cannot be seen from outside`, hint);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
}

function mistake(message: string, hint: string): VarveError {
  return new VarveError('VARVE_SERIALIZER_CLASS', message, { hint });
}
