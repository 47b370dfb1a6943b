import { classMistake, requireVisibleFields } from '@varve/core/serializer-kit';

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

const AS_CUSTOM = 'Register it as a custom type instead: custom: [{ name, isApplicable, serialize, deserialize }].';

/** The registered classes with their names. Throws `VARVE_SERIALIZER_CLASS`. */
export function readClasses(classes: SuperjsonOptions['classes'] = []): readonly Required<RegisteredClass>[] {
  const found = classes.map((entry) => {
    const { class: registered, identifier } = typeof entry === 'function' ? { class: entry } : entry;
    if (typeof registered !== 'function' || typeof registered.prototype !== 'object') {
      throw classMistake('`classes` holds something that is no class', 'List classes, or { class, identifier }.');
    }
    requireVisibleFields(registered, registered.name, AS_CUSTOM);
    return { class: registered, identifier: identifier ?? registered.name };
  });
  requireNames(found.map(({ identifier }) => identifier));
  return found;
}

/** Throws `VARVE_SERIALIZER_CLASS` for names that could not tell types apart. */
export function requireNames(names: readonly string[]): void {
  for (const [at, name] of names.entries()) {
    if (name === '') throw classMistake('a class or custom type has no name', 'Give it one: { class, identifier }.');
    if (names.indexOf(name) !== at) throw classMistake(`"${name}" is registered twice`, 'Give each its own name.');
  }
}
