import type { BinaryKind } from './binary.ts';
import { readBinary } from './binary.ts';
import type { ClassCodec } from './classes.ts';
import { AGGREGATE_ERROR, ERRORS, SCALARS } from './marker.ts';
import type { Schema } from './schema.ts';
import type { ReadKind, TreeReader } from './tree-reader.ts';

/** Readers of markers, by tag. */
export function listReaders(schema: Schema): ReadonlyMap<string, ReadKind> {
  const readers = new Map<string, ReadKind>([
    ['ref', ([number], reader) => reader.recall(number)],
    ['bigint', ([digits], reader) => readBigInt(reader.requireText(digits), reader)],
    ['Array', readSparse],
    ['Object', ([fields], reader, depth) => readObject({}, fields, reader, depth)],
    ['Null', ([fields], reader, depth) => readObject(Object.create(null) as object, fields, reader, depth)],
    ['Map', readMap],
    ['Set', readSet],
    ['Date', readDate],
    ['RegExp', readRegExp],
    ['URL', ([href], reader) => reader.begin(attempt(reader, () => new URL(reader.requireText(href))))],
    ['Error', readError],
    ['Class', ([name, fields], reader, depth) => readFieldsOf(findClass(schema, name, reader), fields, reader, depth)],
    ['Made', ([name, data], reader, depth) => readMade(findClass(schema, name, reader), data, reader, depth)],
  ]);
  for (const [tag, value] of SCALARS) readers.set(tag, () => value);
  for (const kind of schema.binary) readers.set(kind.name, ([length], reader) => readLeaf(kind, length, reader));
  return readers;
}

function attempt<T>(reader: TreeReader, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw reader.malformed((error as Error).message, error);
  }
}

function readLeaf(kind: BinaryKind, length: unknown, reader: TreeReader): unknown {
  const made = readBinary(reader.leaves.next(reader.requireCount(length)), kind);
  if (made === undefined) throw reader.malformed(`a ${kind.name} cannot have this length on this machine`);
  return reader.begin(made);
}

/** Hexadecimal, so that a long one is read in linear time. */
function readBigInt(digits: string, reader: TreeReader): bigint {
  if (!/^(0|-?[1-9a-f][0-9a-f]*)$/.test(digits)) throw reader.malformed('a bigint has no digits');
  const negative = digits.startsWith('-');
  const size = attempt(reader, () => BigInt(`0x${negative ? digits.slice(1) : digits}`));
  return negative ? -size : size;
}

function readObject(target: object, fields: unknown, reader: TreeReader, depth: number): object {
  reader.begin(target);
  reader.readFields(target, fields, depth);
  return target;
}

function readSparse([length, items]: readonly unknown[], reader: TreeReader, depth: number): unknown[] {
  const list: unknown[] = reader.begin([]);
  const size = reader.requireCount(length);
  if (size > 0xffff_ffff) throw reader.malformed('an array is too long');
  list.length = size;
  const entries = reader.requireList(items);
  let last = -1;
  for (let i = 0; i < entries.length; i += 2) {
    const index = reader.requireCount(entries[i]);
    if (index <= last || index >= size || i + 1 === entries.length) throw reader.malformed('an element has no place');
    last = index;
    list[index] = reader.read(entries[i + 1], depth + 1);
  }
  return list;
}

function readMap([items]: readonly unknown[], reader: TreeReader, depth: number): Map<unknown, unknown> {
  const map = reader.begin(new Map<unknown, unknown>());
  const entries = reader.requireList(items);
  for (let i = 0; i < entries.length; i += 2) {
    const key = reader.read(entries[i], depth + 1);
    map.set(key, reader.read(entries[i + 1], depth + 1));
  }
  if (map.size * 2 !== entries.length) throw reader.malformed('a Map has an entry twice or half');
  return map;
}

function readSet([items]: readonly unknown[], reader: TreeReader, depth: number): Set<unknown> {
  const set = reader.begin(new Set<unknown>());
  const members = reader.requireList(items);
  for (const member of members) set.add(reader.read(member, depth + 1));
  if (set.size !== members.length) throw reader.malformed('a Set has a member twice');
  return set;
}

function readDate([time]: readonly unknown[], reader: TreeReader): Date {
  if (time === null) return reader.begin(new Date(Number.NaN));
  const date = new Date(typeof time === 'number' ? time : Number.NaN);
  if (date.getTime() !== time) throw reader.malformed('a Date has no time');
  return reader.begin(date);
}

function readRegExp([source, flags, lastIndex]: readonly unknown[], reader: TreeReader): RegExp {
  const made = attempt(reader, () => new RegExp(reader.requireText(source), reader.requireText(flags)));
  made.lastIndex = reader.requireCount(lastIndex);
  return reader.begin(made);
}

function readError([name, hidden, visible]: readonly unknown[], reader: TreeReader, depth: number): Error {
  const Made = ERRORS.get(reader.requireText(name));
  if (Made === undefined && name !== AGGREGATE_ERROR) throw reader.malformed('an Error has an unknown class');
  const error = reader.begin(Made === undefined ? new AggregateError([]) : new Made());
  for (const own of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, own);
  reader.readFields(error, hidden, depth, false);
  reader.readFields(error, visible, depth);
  return error;
}

function findClass(schema: Schema, name: unknown, reader: TreeReader): ClassCodec {
  const codec = schema.classes.byName.get(reader.requireText(name));
  if (codec !== undefined) return codec;
  throw reader.malformed(`the class ${JSON.stringify(name)} is not registered: exact({ classes: [...] })`);
}

function readFieldsOf(codec: ClassCodec, fields: unknown, reader: TreeReader, depth: number): object {
  return readObject(Object.create(codec.prototype) as object, fields, reader, depth);
}

function readMade(codec: ClassCodec, data: unknown, reader: TreeReader, depth: number): unknown {
  const { custom } = codec;
  if (custom === undefined) throw reader.malformed(`the class ${codec.name} is now registered without \`from\``);
  return reader.beginLater(() => {
    const plain = reader.read(data, depth);
    const made = attempt(reader, () => custom.from(plain));
    if (Object.getPrototypeOf(made) !== codec.prototype) throw reader.malformed(`\`from\` made no ${codec.name}`);
    return made;
  });
}
