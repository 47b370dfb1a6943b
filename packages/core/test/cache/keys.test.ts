import { describe, expect, it } from 'vitest';
import { type Framed, framedDigest } from '../../src/cache/framing.ts';
import { type StepComponents, stepKey } from '../../src/cache/step-key.ts';
import { readNames, readsOf, taskKey } from '../../src/cache/task-key.ts';

const components: StepComponents = {
  step: 'train',
  code: 'sha256:aa',
  pieces: { 'flow.ts#train': 'sha256:01' },
  packages: { 'zod@4.1.0': 'sha256:02' },
  assets: {},
  load: { '@env REGION': '-' },
  runtime: { node: '20', fingerprinter: 'fp/1', serializer: 'tree/1', hasher: 'sha256' },
  options: { 'cache.version': '"2"' },
  scope: 'store',
};

describe('a framed digest', () => {
  it('never changes', () => {
    const vectors: [Framed, string][] = [
      ['', '0'],
      [['a', 'b'], '1'],
      [{ b: 1, a: null, c: true }, '2'],
      [[-0, 0, 1.5, '\ud800', 'é'], '3'],
    ];
    expect(vectors.map(([value]) => framedDigest('test/1', value))).toMatchInlineSnapshot(`
      [
        "99dfffcba2a9ae39dd5e7c06a842a04cd6d839703ded0b98dbbd5204e889b3f6",
        "a003088a007fb8bf9c027c74569be502157f70e6f9e92570d5c1566fc2d0962a",
        "36ae6f2551b87c6578f21d3ae1525c5cbc81a765cb7d0d3ef07211bd710da63d",
        "cada51d0dd1fa3bf2a30d419b8c547c7c8dc82c60321cb4ba8b92cf84b8ece3e",
      ]
    `);
    expect(stepKey(components)).toMatchInlineSnapshot(
      `"53f43cc3bc7559263357c8c7fad4c7d11f5ca00415399b005f9ca4b73c181013"`,
    );
    expect(taskKey('ab', { reads: ['rows'], tokens: ['json/1 sha256:00'] })).toMatchInlineSnapshot(
      `"7fcd1c82d71a4da442bc360382d3a3210f05f5ca649fe52ccaabe9df7048e360"`,
    );
  });

  it('differs for values that look alike', () => {
    const values: Framed[] = [
      ['a', 'b'],
      ['ab'],
      ['a,b'],
      [['a'], 'b'],
      ['a', ['b']],
      { a: 'b' },
      'a',
      '1',
      1,
      true,
      null,
      'null',
      [],
      {},
      '',
      [''],
      [null],
      0,
      -0,
      's1:a',
      ['s1:a'],
      '\ud800',
      '\ufffd',
      '"\\ud800"',
    ];
    expect(new Set(values.map((value) => framedDigest('test/1', value))).size).toBe(values.length);
  });

  it('differs in another domain', () => {
    expect(framedDigest('a/1', 'x')).not.toBe(framedDigest('b/1', 'x'));
  });

  it('does not depend on the order of fields', () => {
    expect(framedDigest('t', { a: 1, b: 2 })).toBe(framedDigest('t', { b: 2, a: 1 }));
  });
});

describe('the key of a step', () => {
  it('changes with everything that changes a result', () => {
    const others: Partial<StepComponents>[] = [
      { step: 'other' },
      { code: 'sha256:bb' },
      { load: { '@env REGION': 'x' } },
      { load: {} },
      { runtime: { ...components.runtime, node: '22' } },
      { runtime: { ...components.runtime, platform: 'linux-x64-115' } },
      { options: {} },
      { scope: 'flow Penguins' },
    ];
    const keys = others.map((other) => stepKey({ ...components, ...other }));
    expect(new Set([stepKey(components), ...keys]).size).toBe(others.length + 1);
  });

  it('does not depend on the file names of the code', () => {
    expect(stepKey({ ...components, pieces: { 'elsewhere.ts#train': 'sha256:01' } })).toBe(stepKey(components));
  });
});

describe('reads of a task', () => {
  it('are turned into names for a lookup and back', () => {
    const told = ['!gone', '*', '@element', '[0].score', 'rows'];
    const reads = readNames(told);
    expect(reads).toEqual(['*', '@element', '[0].score', 'gone', 'rows']);
    expect(readsOf({ reads, tokens: ['names 1', '-', 'json/1 a', '-', 'json/1 b'] })).toEqual(told);
  });
});
