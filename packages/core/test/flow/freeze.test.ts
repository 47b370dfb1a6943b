import { describe, expect, it } from 'vitest';

import { explainFrozen, freezeDeep } from '../../src/flow/instance/freeze.ts';

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('freezing a value', () => {
  it('reaches arrays and plain objects at any depth, also in cycles', () => {
    const value = { rows: [{ a: [1] }], bare: Object.assign(Object.create(null), { x: {} }) as { x: object } };
    const circle: { self?: unknown; value: unknown } = { value };
    circle.self = circle;
    expect(freezeDeep(circle)).toBe(false);
    for (const part of [circle, value, value.rows, value.rows[0], value.rows[0]?.a, value.bare, value.bare.x]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('continues below objects that were already frozen', () => {
    const inner = [1];
    freezeDeep(Object.freeze({ inner }));
    expect(Object.isFrozen(inner)).toBe(true);
  });

  it('does not recurse', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(freezeDeep(deep)).toBe(false);
  });

  it.each([
    [new Map()],
    [new Set()],
    [new Date()],
    [new Uint8Array(1)],
    [Buffer.from('a')],
    [new (class A {})()],
    [/a/g],
    [() => 1],
  ])('reports that %o stays mutable', (part) => {
    expect(freezeDeep({ deep: [part] })).toBe(true);
  });
});

describe('explaining a write to a frozen value', () => {
  const rows = Object.freeze([1, 2]) as number[];
  const item = Object.freeze({ a: 1 }) as { a?: number; b?: number };
  it.each([
    ['push', () => rows.push(3), 'this.rows = [...this.rows, x]'],
    ['sort', () => rows.sort(), 'this.rows = [...this.rows, x]'],
    ['pop', () => rows.pop(), 'this.rows = [...this.rows, x]'],
    [
      'assigning',
      () => {
        item.a = 2;
      },
      'this.item = { ...this.item, a: x }',
    ],
    [
      'adding',
      () => {
        item.b = 2;
      },
      'this.item = { ...this.item, b: x }',
    ],
    ['deleting', () => delete item.a, 'this.item = { ...this.item, a: x }'],
  ])('tells what to write instead of %s', (_, act, hint) => {
    const explained = explainFrozen(thrown(act), 'clean');
    expect(explained?.code).toBe('VARVE_FROZEN_INPUT');
    expect(explained?.hint).toContain(hint);
    expect(explained?.location?.file).toBe(import.meta.filename);
  });

  it('ignores other errors', () => {
    expect(explainFrozen(thrown(() => (undefined as unknown as { x: number }).x))).toBeUndefined();
    expect(explainFrozen(new Error('Cannot add property 3, object is not extensible'))).toBeUndefined();
  });
});
