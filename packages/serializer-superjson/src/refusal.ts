import { SerializeError } from '@varve/core/contract';

import { formatPath, type PathStep } from './path.ts';

/**
 * Levels of nesting that can be stored: half of what Node's default stack holds of the hungriest kind of value, and the
 * same everywhere, so that what one thread writes every other can read.
 */
export const MAX_DEPTH = 500;

/** A value cannot be stored: `what` says why, `wayOut` what to do about it. */
export function refuse(steps: readonly PathStep[], what: string, wayOut: string, cause?: unknown): SerializeError {
  const path = formatPath(steps);
  const message = `${path === '' ? 'the value' : path} ${what}, which cannot be stored. ${wayOut}`;
  return new SerializeError(message, cause === undefined ? { path } : { path, cause });
}

/** Stored bytes are not what `encode` writes. */
export function malformed(codec: string, what: string, cause?: unknown): SerializeError {
  const message = `bytes stored as ${codec} are damaged, or were not written by this serializer: ${what}`;
  return new SerializeError(message, cause === undefined ? {} : { cause });
}

const EXOTIC: Readonly<Record<string, string>> = {
  Promise: 'Await it first.',
  WeakMap: 'Use a Map, or mark the field @transient.',
  WeakSet: 'Use a Set, or mark the field @transient.',
  WeakRef: 'Store what it points to, or mark the field @transient.',
  Boolean: 'Use the primitive: value.valueOf().',
  Number: 'Use the primitive: value.valueOf().',
  String: 'Use the primitive: value.valueOf().',
  Symbol: 'Use a string.',
  BigInt: 'Use the primitive: value.valueOf().',
  SharedArrayBuffer: 'Copy it: new Uint8Array(shared).slice().',
  URLSearchParams: 'Store params.toString().',
};

/** What to do about an object of a class this serializer does not know. */
export function adviseOnClass(name: string): string {
  if (Object.hasOwn(EXOTIC, name)) return EXOTIC[name] as string;
  return `Convert it to plain data, register it (superjson({ classes: [${name || 'TheClass'}] })), or mark the field @transient.`;
}

/** The class of an object for a message, found without running any code of the object's own. */
export function nameOfClass(prototype: object | null): string {
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const made = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown;
    if (typeof made !== 'function') continue;
    const name = Object.getOwnPropertyDescriptor(made, 'name')?.value as unknown;
    return typeof name === 'string' ? name : '';
  }
  return '';
}
