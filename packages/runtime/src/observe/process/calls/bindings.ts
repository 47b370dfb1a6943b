import type { AnyFunction } from '../../shared/disguise.ts';

/** Classes and functions of Node's native side, as far as they are observed. */
export type Binding = Record<string, unknown>;

/**
 * Part of Node's native side, `undefined` where Node does not give it out, e.g. under its permission model. Wrapping there
 * needs no module to be loaded (`node:child_process` alone costs more than all observers), sees every way of writing a call,
 * and leaves the functions that people import as they are.
 */
export function openBinding(name: string): Binding | undefined {
  const { binding } = process as unknown as { readonly binding?: (name: string) => Binding };
  const { noDeprecation } = process;
  try {
    // A notice that Node shows on demand: it is not about the user's code.
    process.noDeprecation = true;
    return binding?.call(process, name);
  } catch {
    return undefined;
  } finally {
    if (noDeprecation === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else process.noDeprecation = noDeprecation;
  }
}

/**
 * Calls `before` with the arguments of each call of a native function or of a method of a native class's prototype, also of
 * one that it inherits. A function that it returns is called with the result.
 */
export function watchNative(
  owner: object | undefined,
  key: string,
  before: (wrapper: AnyFunction, args: readonly unknown[], self: unknown) => unknown,
): void {
  const original = (owner as Binding | undefined)?.[key] as AnyFunction | undefined;
  if (owner === undefined || typeof original !== 'function') return;
  const { [key]: wrapper } = {
    [key](this: unknown, ...args: unknown[]) {
      const after = before(wrapper as AnyFunction, args, this);
      const result: unknown = Reflect.apply(original, this, args);
      if (typeof after === 'function') after(result);
      return result;
    },
  };
  Object.defineProperty(owner, key, { value: wrapper, writable: true, configurable: true, enumerable: false });
}

/** The prototype of a native class. */
export function prototypeOf(binding: Binding | undefined, name: string): object | undefined {
  return (binding?.[name] as { readonly prototype?: object } | undefined)?.prototype;
}
