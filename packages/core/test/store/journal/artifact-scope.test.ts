import { describe, expect, it } from 'vitest';
import type { Reference } from '../../../src/contract/index.ts';
import { changesSince, extendScope, flattenScope, mergeScopes } from '../../../src/store/journal/artifact-scope.ts';

const ref = (text: string): Reference => ({ digest: `sha256:${text}`, size: 1, codec: 'json/1' });
const digests = (env: Parameters<typeof flattenScope>[0]) =>
  Object.fromEntries(
    Object.entries(flattenScope(env).references).map(([name, { digest }]) => [name, digest.slice('sha256:'.length)]),
  );

describe('the artifact scope after a task', () => {
  it('contains untouched artifacts and no deleted ones', () => {
    const init = extendScope(undefined, { a: ref('1'), b: ref('2') });
    const after = extendScope(init, { b: ref('3') }, ['a']);
    expect(digests(after)).toEqual({ b: '3' });
    expect(digests(init)).toEqual({ a: '1', b: '2' });
  });

  it('accepts __proto__ as a name', () => {
    const writes = Object.fromEntries([['__proto__', ref('1')]]) as Record<string, Reference>;
    const env = extendScope(extendScope(undefined, {}), writes);
    expect(Object.keys(flattenScope(env).references)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(flattenScope(env).references)).toBeNull();
  });

  it('gives the changes since a split', () => {
    const split = extendScope(undefined, { a: ref('1'), b: ref('2') });
    const later = extendScope(extendScope(split, { c: ref('3'), a: ref('9') }), { c: ref('4') }, ['b']);
    const { own, deleted } = changesSince(later, split);
    expect({ ...own }).toEqual({ a: ref('9'), c: ref('4') });
    expect(deleted).toEqual(['b']);
  });
});

describe('the artifact scope after a static join', () => {
  const base = extendScope(undefined, { shared: ref('s'), x: ref('0') });
  const branch = (step: string, own: Record<string, Reference>, deleted: string[] = []) => ({
    step,
    env: extendScope(base, own, deleted),
  });

  it('contains artifacts on which the branches agree and those that only one of them created', () => {
    const merged = mergeScopes([
      branch('left', { l: ref('l'), same: ref('q') }),
      branch('right', { r: ref('r'), same: ref('q') }),
    ]);
    expect(digests(merged)).toEqual({ shared: 's', x: '0', l: 'l', r: 'r', same: 'q' });
    expect(flattenScope(merged).conflicts).toEqual({});
  });

  it('contains a conflict instead of the values on which branches differ', () => {
    const merged = mergeScopes([branch('left', { x: ref('1') }), branch('right', {})]);
    expect(digests(merged)).toEqual({ shared: 's' });
    expect({ ...flattenScope(merged).conflicts }).toEqual({ x: ['left', 'right'] });
  });

  it('contains a conflict when one branch has deleted a name', () => {
    const merged = mergeScopes([branch('left', {}, ['x']), branch('right', {})]);
    expect(Object.keys(flattenScope(merged).conflicts)).toEqual(['x']);
  });

  it('has no conflict once a step assigns the name', () => {
    const merged = mergeScopes([branch('left', { x: ref('1') }), branch('right', { x: ref('2') })]);
    const after = extendScope(merged, { x: ref('3') });
    expect(digests(after)).toMatchObject({ x: '3' });
    expect(flattenScope(after).conflicts).toEqual({});
  });

  it('has a conflict for the same bytes under different codecs', () => {
    const text = { ...ref('1'), codec: 'raw/1;u8' };
    const merged = mergeScopes([branch('left', { y: ref('1') }), branch('right', { y: text })]);
    expect(Object.keys(flattenScope(merged).conflicts)).toEqual(['y']);
  });

  it('is right for a diamond in which one branch is the parent itself', () => {
    const a = extendScope(base, { a: ref('a') });
    const b = extendScope(a, { b: ref('b') });
    expect(
      digests(
        mergeScopes([
          { step: 'a', env: a },
          { step: 'b', env: b },
        ]),
      ),
    ).toEqual({ shared: 's', x: '0', a: 'a', b: 'b' });
  });
});
