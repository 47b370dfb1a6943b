import type { Finding } from '@varve/core/contract';

/** One mistake in a config, with the names that lead to it, as `['profiles', 'ci', 'hasher']`. */
export interface Mistake extends Finding {
  readonly path: readonly string[];
}

/** A place in a config. */
export interface Place {
  readonly path: readonly string[];
  /** The place as messages name it: `profile ci: hasher`. */
  readonly name: string;
}

/** What a place holds, in words. Says nothing of the content: it may be secret. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isPromise(value)) return 'a promise';
  if (isClass(value)) return `the class ${value.name}`;
  if (typeof value === 'object') {
    const { name } = (Object.getPrototypeOf(value) ?? Object).constructor;
    return name === 'Object' ? 'an object' : `an object of the class ${name}`;
  }
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

export function isClass(value: unknown): value is new () => unknown {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** True for `{ … }`, whatever has made it: neither a list nor a promise. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value);
}
