import { describe, expect, it } from 'vitest';
import type { Reference } from '../../src/contract/index.ts';
import { changesSince, extendEnv, flattenEnv, mergeEnvs } from '../../src/store/journal/artifact-scope.ts';

const ref = (text: string): Reference => ({ digest: `sha256:${text}`, size: 1, codec: 'json/1' });
const digests = (env: Parameters<typeof flattenEnv>[0]) =>
  Object.fromEntries(
    Object.entries(flattenEnv(env).references).map(([name, { digest }]) => [name, digest.slice('sha256:'.length)]),
  );

describe('what a task leaves behind', () => {
  it('passes on what was not touched, and forgets what was deleted', () => {
    const init = extendEnv(undefined, { a: ref('1'), b: ref('2') });
    const after = extendEnv(init, { b: ref('3') }, ['a']);
    expect(digests(after)).toEqual({ b: '3' });
    expect(digests(init)).toEqual({ a: '1', b: '2' });
  });

  it('keeps a name like __proto__ as a name', () => {
    const writes = Object.fromEntries([['__proto__', ref('1')]]) as Record<string, Reference>;
    const env = extendEnv(extendEnv(undefined, {}), writes);
    expect(Object.keys(flattenEnv(env).references)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(flattenEnv(env).references)).toBeNull();
  });

  it('tells what changed since a split', () => {
    const split = extendEnv(undefined, { a: ref('1'), b: ref('2') });
    const later = extendEnv(extendEnv(split, { c: ref('3'), a: ref('9') }), { c: ref('4') }, ['b']);
    const { own, deleted } = changesSince(later, split);
    expect({ ...own }).toEqual({ a: ref('9'), c: ref('4') });
    expect(deleted).toEqual(['b']);
  });
});

describe('a static join', () => {
  const base = extendEnv(undefined, { shared: ref('s'), x: ref('0') });
  const branch = (step: string, own: Record<string, Reference>, deleted: string[] = []) => ({
    step,
    env: extendEnv(base, own, deleted),
  });

  it('passes on what the branches agree on and what only one of them made', () => {
    const merged = mergeEnvs([
      branch('left', { l: ref('l'), same: ref('q') }),
      branch('right', { r: ref('r'), same: ref('q') }),
    ]);
    expect(digests(merged)).toEqual({ shared: 's', x: '0', l: 'l', r: 'r', same: 'q' });
    expect(flattenEnv(merged).conflicts).toEqual({});
  });

  it('notes the branches that differ, and passes on neither value', () => {
    const merged = mergeEnvs([branch('left', { x: ref('1') }), branch('right', {})]);
    expect(digests(merged)).toEqual({ shared: 's' });
    expect({ ...flattenEnv(merged).conflicts }).toEqual({ x: ['left', 'right'] });
  });

  it('does not let a deletion win silently', () => {
    const merged = mergeEnvs([branch('left', {}, ['x']), branch('right', {})]);
    expect(Object.keys(flattenEnv(merged).conflicts)).toEqual(['x']);
  });

  it('forgets the difference once a step assigns the name', () => {
    const merged = mergeEnvs([branch('left', { x: ref('1') }), branch('right', { x: ref('2') })]);
    const after = extendEnv(merged, { x: ref('3') });
    expect(digests(after)).toMatchObject({ x: '3' });
    expect(flattenEnv(after).conflicts).toEqual({});
  });

  it('tells two values apart that have the same bytes under different codecs', () => {
    const text = { ...ref('1'), codec: 'raw/1;u8' };
    const merged = mergeEnvs([branch('left', { y: ref('1') }), branch('right', { y: text })]);
    expect(Object.keys(flattenEnv(merged).conflicts)).toEqual(['y']);
  });

  it('works for a diamond in which one branch is the parent itself', () => {
    const a = extendEnv(base, { a: ref('a') });
    const b = extendEnv(a, { b: ref('b') });
    expect(
      digests(
        mergeEnvs([
          { step: 'a', env: a },
          { step: 'b', env: b },
        ]),
      ),
    ).toEqual({ shared: 's', x: '0', a: 'a', b: 'b' });
  });
});
