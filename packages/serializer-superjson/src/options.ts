import { VarveError } from '@varve/core/contract';

/** Any class: superjson restores its instances by their fields, without its constructor. */
export type AnyClass = new (...args: never[]) => object;

/** A class with the name that is stored with each instance: keep it when the class is renamed. */
export interface RegisteredClass {
  readonly class: AnyClass;
  /** superjson's `identifier`. Default: the name of the class. */
  readonly identifier?: string;
}

/** A type with conversions of its own, as superjson's `registerCustom` takes it. */
export interface CustomType<T = never> {
  /** Stored with each value: keep it. */
  readonly name: string;
  isApplicable(value: unknown): boolean;
  /** To what JSON can say. */
  serialize(value: T): unknown;
  deserialize(data: never): T;
}

export interface SuperjsonOptions {
  /** superjson's `registerClass`. */
  readonly classes?: readonly (AnyClass | RegisteredClass)[];
  /** superjson's `registerCustom`. */
  readonly custom?: readonly CustomType[];
  /** superjson's `dedupe`: an object in several places is written once. Default: false, as in superjson. */
  readonly dedupe?: boolean;
  /** superjson's `allowErrorProps`: fields of errors that are kept, beside `name`, `message`, `stack` and `cause`. */
  readonly errorProps?: readonly string[];
}

/** The registered classes with their names. Throws `VARVE_SERIALIZER_CLASS`. */
export function readClasses(classes: SuperjsonOptions['classes'] = []): readonly Required<RegisteredClass>[] {
  const found = classes.map((entry) => {
    const { class: registered, identifier } = typeof entry === 'function' ? { class: entry } : entry;
    if (typeof registered !== 'function' || typeof registered.prototype !== 'object') {
      throw mistake('`classes` holds something that is no class', 'List classes, or { class, identifier }.');
    }
    requireFields(registered);
    return { class: registered, identifier: identifier ?? registered.name };
  });
  requireNames(found.map(({ identifier }) => identifier));
  return found;
}

/** Throws `VARVE_SERIALIZER_CLASS` for names that could not tell types apart. */
export function requireNames(names: readonly string[]): void {
  for (const [at, name] of names.entries()) {
    if (name === '') throw mistake('a class or custom type has no name', 'Give it one: { class, identifier }.');
    if (names.indexOf(name) !== at) throw mistake(`"${name}" is registered twice`, 'Give each its own name.');
  }
}

/** superjson copies fields: it would lose `#private` ones, and the inside of a built-in such as Map. */
function requireFields(registered: AnyClass): void {
  const hint = 'Register it as a custom type instead: custom: [{ name, isApplicable, serialize, deserialize }].';
  let at: object | null = registered;
  while (typeof at === 'function' && at !== Function.prototype) {
    const source = Function.prototype.toString.call(at);
    if (/\{\s*\[native code\]\s*\}$/.test(source)) {
      throw mistake(`class "${registered.name}" extends the built-in ${at.name}, whose inside is no field`, hint);
    }
    if (/#[\p{ID_Start}$_]/u.test(source)) {
      throw mistake(`class "${registered.name}" seems to have #private fields, which superjson cannot see`, hint);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
}

function mistake(message: string, hint: string): VarveError {
  return new VarveError('VARVE_SERIALIZER_CLASS', message, { hint });
}
