import { currentConstruction, transientNames } from './registry.ts';

/**
 * Keeps a field out of the artifacts: `@transient pool = new Pool()`. It is never stored; each task makes its own by
 * running the initialiser again. Works as a standard and as a legacy decorator.
 */
export function transient<T, V>(target: undefined, context: ClassFieldDecoratorContext<T, V>): (value: V) => V;
export function transient(target: object, key: string | symbol): void;
export function transient(target: object | undefined, where: ClassFieldDecoratorContext | string | symbol): unknown {
  if (typeof where === 'object') {
    const name = String(where.name);
    return (value: unknown) => {
      currentConstruction()?.markTransient(name);
      return value;
    };
  }
  if (target === undefined) return undefined;
  const names = transientNames().get(target) ?? new Set<string>();
  transientNames().set(target, names.add(String(where)));
  return undefined;
}
