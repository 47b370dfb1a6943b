import { describe, expect, it } from 'vitest';
import { parseForce } from '../../src/cache/policy.ts';
import { componentsReason, formatReason, parseReason, readReason } from '../../src/cache/reason.ts';
import type { StepComponents } from '../../src/cache/step-key.ts';

const before: StepComponents = {
  step: 's',
  code: 'c1',
  pieces: { 'lib/math.ts#normalize': 'a', 'flow.ts#s': 'b' },
  compiler: { jsx: '"react"', 'target for sub/': '"es2022"' },
  packages: { 'zod@4.1.0': 'p' },
  assets: { 'd.csv': 'x' },
  load: { '@env REGION': 'h', '@file .env': 'f' },
  runtime: { node: '20' },
  options: {},
  scope: 'store',
};
const why = (changes: Partial<StepComponents>) => {
  const reason = componentsReason(before, { ...before, ...changes });
  return reason && formatReason(reason);
};

describe('the reason for another step key', () => {
  it.each([
    [
      'CODE normalize in lib/math.ts changed',
      { code: 'c2', pieces: { ...before.pieces, 'lib/math.ts#normalize': 'z' } },
    ],
    ['CODE it reaches new in flow.ts', { code: 'c2', pieces: { ...before.pieces, 'flow.ts#new': 'z' } }],
    ['CODE it no longer reaches normalize in lib/math.ts', { code: 'c2', pieces: { 'flow.ts#s': 'b' } }],
    [
      'CODE normalize comes from lib/b.ts and no longer from lib/math.ts',
      { code: 'c2', pieces: { 'flow.ts#s': 'b', 'lib/b.ts#normalize': 'z' } },
    ],
    [
      'OPTION the options of s in flow.ts changed',
      { code: 'c2', pieces: { ...before.pieces, 'flow.ts#s @step': 'z' } },
    ],
    [
      'CODE the option jsx in tsconfig.json changed',
      { code: 'c2', pieces: { 'flow.ts#s': 'z' }, compiler: { ...before.compiler, jsx: '"preserve"' } },
    ],
    ['CODE the option target for sub/ in tsconfig.json changed', { code: 'c2', compiler: { jsx: '"react"' } }],
    ['CODE the order or the connections of its code changed', { code: 'c2' }],
    ['PACKAGE zod 4.1.0 -> 4.1.2', { code: 'c2', packages: { 'zod@4.1.2': 'q' } }],
    ['PACKAGE zod 4.1.0 has other content', { code: 'c2', packages: { 'zod@4.1.0': 'q' } }],
    ['PACKAGE zod is gone', { code: 'c2', packages: {} }],
    ['PACKAGE pino 9.0.0 is new', { code: 'c2', packages: { ...before.packages, 'pino@9.0.0': 'q' } }],
    ['ASSET d.csv changed', { code: 'c2', assets: { 'd.csv': 'y' } }],
    [
      'ENV the variable REGION, read while the flow is loaded, changed',
      { load: { ...before.load, '@env REGION': '-' } },
    ],
    ['READ .env, read while the flow is loaded, changed', { load: { ...before.load, '@file .env': 'g' } }],
    ['RUNTIME node changed', { runtime: { node: '22' } }],
    [
      'RUNTIME another version of varve made the earlier result',
      { code: 'c2', pieces: { 'flow.ts#s': 'z' }, runtime: { node: '22', protocol: '3' } },
    ],
    [
      'RUNTIME another version of the fingerprinter hashed its code',
      { code: 'c2', pieces: { 'flow.ts#s': 'z' }, runtime: { node: '20', fingerprinter: 'fp/2' } },
    ],
    ['OPTION the option cache.version changed', { options: { 'cache.version': '"2"' } }],
    ['OPTION the option cache.scope changed', { scope: 'flow F' }],
  ] as const)('is %s', (reason, changes) => expect(why(changes)).toBe(reason));

  it('is undefined when nothing differs', () => expect(why({})).toBeUndefined());
});

describe('the reason for a miss with the same step key', () => {
  const nearest = {
    task: 't',
    label: 't',
    reads: ['@element', 'rows'],
    tokens: ['e', 'r'],
    writes: {},
    deletes: [],
    ms: 1,
    generation: 0,
    origin: { flow: 'F', runId: 'r', number: 1 },
    at: 0,
  };
  it('names the changed reads', () => {
    const observeIn = (world: Record<string, string>) => (read: string) => world[read] ?? '-';
    expect(formatReason(readReason(nearest, observeIn({ '@element': 'e', rows: 'new' })))).toBe('READ rows changed');
    expect(formatReason(readReason(nearest, observeIn({ '@element': 'f', rows: 'new' })))).toBe(
      'READ its element and 1 more changed',
    );
  });
  it.each([
    ['score of task 3', ['[3].score']],
    ['score of the tasks it joins', ['[*].score']],
    ['a.b of left and 1 more', ['left.a\\.b', 'rows']],
    ['this.run.id, which it reads,', ['@run.id']],
    ['the set of its artifacts', ['*']],
    ['x', ['!x']],
  ] as const)('names the read as %s', (name, reads) => {
    const near = { ...nearest, reads, tokens: reads.map(() => 'old') };
    expect(readReason(near, () => 'new').text).toBe(`${name} changed`);
  });
  it('is parsed back into code and text', () => {
    expect(parseReason('READ rows changed')).toEqual({ code: 'READ', text: 'rows changed' });
  });
});

describe('parseForce', () => {
  it.each([
    ['train', { step: 'train', downstream: false }],
    ['train+', { step: 'train', downstream: true }],
    ['train[knn]', { step: 'train', downstream: false, label: 'knn' }],
    ['train[a,b]', { step: 'train', downstream: false, label: 'a,b' }],
    ['train[knn]+', undefined],
    ['', undefined],
    ['[x]', undefined],
  ] as const)('reads %j as %j', (text, parsed) => expect(parseForce(text)).toEqual(parsed));
});
