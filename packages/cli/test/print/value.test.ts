import { expect, it } from 'vitest';
import { differences } from '../../src/print/value.ts';

it('differences of any value that is new or gone show the value', () => {
  expect(differences(undefined, null, false)).toEqual(['null']);
  expect(differences(null, undefined, false)).toEqual(['null']);
  expect(differences(undefined, undefined, false)).toEqual(['undefined']);
});

it('differences of long values show where they differ', () => {
  const long = (end: string) => 'a'.repeat(100) + end;
  const shown = [`…${'a'.repeat(19)}1' → …${'a'.repeat(19)}2'`];
  expect(differences(long('1'), long('2'), true)).toEqual(shown);
  expect(differences(new Map([[1, long('1')]]), new Map([[1, long('2')]]), true)[0]).toContain("a1' } → ");
  expect(differences({ text: long('1') }, { text: long('2') }, true)).toEqual([`text: ${shown[0]}`]);
});

it('differences of values that look the same say so', () => {
  const many = (last: number) => new Set([...Array(300).keys(), last]);
  expect(differences(many(-1), many(-2), true)[0]).toMatch(/and another that looks the same$/);
});
