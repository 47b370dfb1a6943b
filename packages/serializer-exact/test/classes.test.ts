import { SerializeError, VarveError } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';

import type { SerializableClass } from '../src/classes.ts';
import { ExactSerializer } from '../src/serializer.ts';

let constructed = 0;
class Point {
  constructor(
    public x: number,
    public y: unknown = undefined,
  ) {
    constructed += 1;
  }
  get length(): number {
    return Math.abs(this.x);
  }
}
class Money {
  #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}
class Bag extends Set<unknown> {}
class Child extends Point {}
class HttpError extends Error {}

const money = { class: Money, name: 'money', to: (it: Money) => it.cents, from: (cents: number) => new Money(cents) };
const bag = { class: Bag, to: (it: Bag) => [...it], from: (items: unknown[]) => new Bag(items) };

const again = (classes: readonly SerializableClass[], value: unknown): unknown => {
  const serializer = new ExactSerializer({ classes });
  const { codec, parts } = serializer.encode(value);
  return serializer.decode(codec, Buffer.concat(parts));
};

describe('a value of a registered class', () => {
  it('is read back with its fields, and no constructor runs', () => {
    const value = new Point(1, new Map([['a', new Point(2)]]));
    const before = constructed;
    const back = again([Point], value) as Point;
    expect(back).toBeInstanceOf(Point);
    expect(back).toEqual(value);
    expect(back.length).toBe(1);
    expect(constructed).toBe(before);
  });

  it('may be shared and circular', () => {
    const value = new Point(1);
    value.y = [value, { value }];
    const [one, two] = again([Point], [value, value]) as [Point, Point];
    expect(one).toBe(two);
    expect((one.y as unknown[])[0]).toBe(one);
  });

  it('may be converted to data and back by functions of its own', () => {
    const price = new Money(250);
    const [one, two, items] = again([money, bag], [price, price, new Bag([price, 'b'])]) as [Money, Money, Bag];
    expect(one).toBeInstanceOf(Money);
    expect(one.cents).toBe(250);
    expect(two).toBe(one);
    expect(items).toBeInstanceOf(Bag);
    expect([...items]).toEqual([one, 'b']);
  });

  it('is not taken for a value of a subclass', () => {
    expect(() => again([Point], new Child(1))).toThrow(/instance of Child/);
    expect(again([Point, Child], new Child(1))).toBeInstanceOf(Child);
  });

  it('is refused when its data refers back to the object that it is made into', () => {
    const value = new Bag();
    value.add({ value });
    expect(() => again([bag], { value })).toThrow(/^\.value\[0\]\.value refers back/);
  });

  it('is refused with the path inside of what `to` returned, and with the cause when `to` throws', () => {
    expect(() => again([bag], { a: new Bag([1, () => 1]) })).toThrow(/^\.a\[1\] is a function/);
    const broken = { class: Bag, to: () => expect.fail('no'), from: () => new Bag() };
    expect(() => again([broken], { a: new Bag() })).toThrow(/^\.a is a Bag whose `to` threw/);
  });
});

describe('reading a value of a class', () => {
  const stored = (value: unknown, classes: readonly SerializableClass[]): Uint8Array =>
    Buffer.concat(new ExactSerializer({ classes }).encode(value).parts);

  it('that is no longer registered fails and says how to register it', () => {
    const read = (): unknown => new ExactSerializer().decode('tree/1', stored(new Point(1), [Point]));
    expect(read).toThrow(SerializeError);
    expect(read).toThrow(/"Point" is not registered: exact/);
  });

  it('whose `from` throws or makes something else fails', () => {
    const bytes = stored(new Money(1), [money]);
    const read = (from: (data: unknown) => object): unknown =>
      new ExactSerializer({ classes: [{ ...money, from }] }).decode('tree/1', bytes);
    expect(() => read(() => expect.fail('broken'))).toThrow(/broken/);
    expect(() => read(() => ({}))).toThrow(/made no money/);
    expect(() => new ExactSerializer({ classes: [{ class: Point, name: 'money' }] }).decode('tree/1', bytes)).toThrow(
      /without `from`/,
    );
  });
});

describe('registering a class that could lose data is refused:', () => {
  const mistakes: readonly (readonly [string, readonly SerializableClass[], RegExp])[] = [
    ['#private fields', [Money], /#private/],
    ['a built-in inside', [Bag], /extends the built-in Set/],
    ['an error', [HttpError], /extends the built-in Error/],
    ['a built-in', [Map as never], /built-in Map/],
    ['half a pair', [{ class: Bag, to: () => [] }], /only one of/],
    ['the same class twice', [Point, { class: Point, name: 'other' }], /registered twice/],
    ['the same name twice', [Point, { class: Child, name: 'Point' }], /registered twice/],
    ['no name', [class {}], /without a name/],
    ['no class', [{ class: 'Point' } as never], /no class/],
  ];
  it.each(mistakes)('%s', (_, classes, message) => {
    expect(() => new ExactSerializer({ classes })).toThrow(message);
    expect(() => new ExactSerializer({ classes })).toThrow(VarveError);
  });
});
