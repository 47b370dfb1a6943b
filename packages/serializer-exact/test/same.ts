/** Finds the first difference of two values, or `undefined`: types, prototypes, holes, -0, hidden properties, identity. */
export function difference(left: unknown, right: unknown): string | undefined {
  return compare(left, right, '', new Map(), new Map());
}

type Pairs = Map<object, object>;

function compare(left: unknown, right: unknown, at: string, there: Pairs, back: Pairs): string | undefined {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) {
    return Object.is(left, right) ? undefined : `${at}: ${String(left)} is not ${String(right)}`;
  }
  if (there.has(left) || back.has(right)) {
    return there.get(left) === right && back.get(right) === left ? undefined : `${at}: another identity`;
  }
  there.set(left, right);
  back.set(right, left);
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return `${at}: another class`;
  return comparePairs(innards(left), innards(right), at, there, back);
}

function comparePairs(left: Innards, right: Innards, at: string, there: Pairs, back: Pairs): string | undefined {
  if (left.length !== right.length) return `${at}: ${left.length} parts, not ${right.length}`;
  for (const [i, [name, value]] of left.entries()) {
    const [otherName, otherValue] = right[i] as Innards[number];
    if (name !== otherName) return `${at}: part ${name} is not ${otherName}`;
    const found = compare(value, otherValue, `${at}/${name}`, there, back);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Innards = (readonly [name: string, value: unknown])[];

function innards(value: object): Innards {
  if (value instanceof ArrayBuffer) return [['bytes', Buffer.from(value).toString('hex')]];
  if (ArrayBuffer.isView(value)) {
    return [['bytes', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')]];
  }
  const parts: Innards = [];
  if (value instanceof Date) parts.push(['time', value.getTime()]);
  if (value instanceof RegExp) parts.push(['source', value.source], ['flags', value.flags]);
  if (value instanceof URL) parts.push(['href', value.href]);
  if (value instanceof Map) for (const [key, item] of value) parts.push(['key', key], ['item', item]);
  if (value instanceof Set) for (const item of value) parts.push(['member', item]);
  if (value instanceof Error) parts.push(['native', Object.prototype.toString.call(value)]);
  for (const name of Object.getOwnPropertyNames(value)) {
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(value, name);
    parts.push([`${name}${isEnumerable ? '' : ' (hidden)'}`, Reflect.get(value, name)]);
  }
  return parts;
}
