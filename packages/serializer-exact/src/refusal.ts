import { SerializeError } from '@varve/core/contract';
import { formatPath, type PathStep } from '@varve/core/serializer-kit';

/**
 * Levels of nesting that can be stored: half of those that fit Node's default stack with the kind of value that takes the
 * most. The limit is the same everywhere, so that every thread can read the values of any other.
 */
export const MAX_DEPTH = 500;

/** Creates the error for a value that cannot be stored, with the reason and a way out. */
export function refuse(steps: readonly PathStep[], what: string, wayOut: string, cause?: unknown): SerializeError {
  const path = formatPath(steps);
  const message = `${path === '' ? 'the value' : path} ${what}, which cannot be stored. ${wayOut}`;
  return new SerializeError(message, cause === undefined ? { path } : { path, cause });
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

/** Advises on an object of an unknown class. */
export function adviseOnClass(name: string): string {
  if (Object.hasOwn(EXOTIC, name)) return EXOTIC[name] as string;
  return `Convert it to plain data, register it (exact({ classes: [${name || 'TheClass'}] })), or mark the field @transient.`;
}

/** Names the class of an object for a message, without running any code of the object. */
export function nameOfClass(prototype: object | null): string {
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const made = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown;
    if (typeof made !== 'function') continue;
    const name = Object.getOwnPropertyDescriptor(made, 'name')?.value as unknown;
    return typeof name === 'string' ? name : '';
  }
  return '';
}
