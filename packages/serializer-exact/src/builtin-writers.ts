import { types } from 'node:util';

import { carriesExtras } from '@varve/core/serializer-kit';

import type { BinaryKind } from './binary.ts';
import { viewBytes } from './binary.ts';
import { AGGREGATE_ERROR, ERRORS, type Marker, mark } from './marker.ts';
import type { TreeWriter, WriteKind } from './tree-writer.ts';

const LOOK_ALIKE = 'only looks like one: it has the prototype but not the inside';

/** Writers of built-in classes, by prototype. */
export function listBuiltinWriters(kinds: readonly BinaryKind[]): Map<object, WriteKind> {
  const writers = new Map<object, WriteKind>([
    [Map.prototype, writeMap],
    [Set.prototype, writeSet],
    [Date.prototype, writeDate],
    [RegExp.prototype, writeRegExp],
    [URL.prototype, writeUrl],
    [AggregateError.prototype, (value, writer, depth) => writeError(AGGREGATE_ERROR, value, writer, depth)],
  ]);
  for (const [name, made] of ERRORS) {
    writers.set(made.prototype as object, (value, writer, depth) => writeError(name, value, writer, depth));
  }
  for (const kind of kinds) {
    writers.set(kind.prototype, (value, writer, depth) => {
      const bytes = takeBytes(value, kind, writer, depth);
      writer.leaves.push(bytes);
      return mark(kind.name, bytes.byteLength);
    });
  }
  return writers;
}

/** Returns the bytes of a binary value, not copied; throws if it carries anything else. */
export function takeBytes(value: object, kind: BinaryKind, writer: TreeWriter, depth: number): Uint8Array {
  const bytes = viewBytes(value, kind);
  if (typeof bytes === 'string') throw writer.refuse(depth, bytes, 'Store a copy of its bytes: new Uint8Array(…).');
  const elements = ArrayBuffer.isView(value) && kind.name !== 'DataView' ? bytes.byteLength / kind.width : 0;
  const sibling = (): object => kind.view(bytes.buffer as ArrayBuffer, bytes.byteOffset, elements);
  const extras = elements > 64 ? carriesExtras(value, sibling()) : writer.listNames(value, depth).length > elements;
  if (extras) throw refuseExtras(kind.name, writer, depth);
  return bytes;
}

function requireBare(name: string, brand: boolean, value: object, writer: TreeWriter, depth: number): void {
  if (!brand) throw writer.refuse(depth, `has the class ${name} but ${LOOK_ALIKE}`, `Make it with new ${name}().`);
  if (writer.listNames(value, depth).length > 0) throw refuseExtras(name, writer, depth);
}

function refuseExtras(name: string, writer: TreeWriter, depth: number): Error {
  return writer.refuse(depth, `is a ${name} with properties of its own`, 'Keep them in an object beside it.');
}

function writeMap(value: object, writer: TreeWriter, depth: number): Marker {
  requireBare('Map', types.isMap(value), value, writer, depth);
  const items: unknown[] = [];
  let index = 0;
  for (const [key, item] of value as Map<unknown, unknown>) {
    items.push(
      writer.writeAt({ at: 'key', index }, key, depth),
      writer.writeAt({ at: 'value', index, key }, item, depth),
    );
    index += 1;
  }
  return mark('Map', items);
}

function writeSet(value: object, writer: TreeWriter, depth: number): Marker {
  requireBare('Set', types.isSet(value), value, writer, depth);
  const items: unknown[] = [];
  for (const item of value as Set<unknown>) {
    items.push(writer.writeAt({ at: 'member', index: items.length }, item, depth));
  }
  return mark('Set', items);
}

function writeDate(value: object, writer: TreeWriter, depth: number): Marker {
  requireBare('Date', types.isDate(value), value, writer, depth);
  const time = Date.prototype.getTime.call(value);
  return mark('Date', Number.isNaN(time) ? null : time);
}

function writeRegExp(value: object, writer: TreeWriter, depth: number): Marker {
  const names = writer.listNames(value, depth);
  if (!types.isRegExp(value)) {
    throw writer.refuse(depth, `has the class RegExp but ${LOOK_ALIKE}`, 'Make it with new RegExp().');
  }
  if (names.length > 1) throw refuseExtras('RegExp', writer, depth);
  if (!Number.isSafeInteger(value.lastIndex) || value.lastIndex < 0 || Object.is(value.lastIndex, -0)) {
    throw writer.refuse(depth, 'is a RegExp whose lastIndex is no index', 'Set lastIndex to 0.');
  }
  return mark('RegExp', value.source, value.flags, value.lastIndex);
}

function writeUrl(value: object, writer: TreeWriter, depth: number): Marker {
  const href = readHref(value);
  requireBare('URL', href !== undefined, value, writer, depth);
  if (new URL(href as string).href !== href) {
    throw writer.refuse(depth, 'is a URL that reads differently when parsed again', 'Store its parts as strings.');
  }
  return mark('URL', href);
}

function readHref(value: object): string | undefined {
  try {
    return (value as URL).href;
  } catch {
    return undefined;
  }
}

const HIDDEN = new Set(['stack', 'message', 'cause', 'errors']);

/** Splits own properties into those that an error hides from enumeration, and the others. */
function writeError(name: string, value: object, writer: TreeWriter, depth: number): Marker {
  if (!types.isNativeError(value)) {
    throw writer.refuse(depth, `has the class ${name} but ${LOOK_ALIKE}`, `Make it with new ${name}().`);
  }
  const hidden: unknown[] = [];
  const visible: unknown[] = [];
  for (const field of writer.listNames(value, depth)) {
    const isHidden = HIDDEN.has(field) && !Object.prototype.propertyIsEnumerable.call(value, field);
    const item = isHidden ? readHidden(value, field) : writer.readField(value, field, depth);
    (isHidden ? hidden : visible).push(field, writer.writeAt(field, item, depth));
  }
  return mark('Error', name, hidden, visible);
}

/** Newer V8 keeps `stack` behind an accessor of its own. */
function readHidden(value: Error, field: string): unknown {
  return field === 'stack' ? value.stack : Object.getOwnPropertyDescriptor(value, field)?.value;
}
