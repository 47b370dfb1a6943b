import { digestOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { inputsDigest, observer } from '../../src/cache/task-key.ts';
import type { Reference, TaskSpec } from '../../src/contract/index.ts';

const ref = (text: string, codec = 'json/1'): Reference => ({ digest: digestOf(text), size: text.length, codec });

const spec: TaskSpec = {
  flow: 'F',
  runId: 'r1',
  runNumber: 7,
  step: 'work',
  task: 'work[1]',
  label: 'work[b]',
  attempt: 1,
  code: { bundle: 'file:///b.mjs', digest: digestOf('b'), flow: 'F' },
  inputs: { rows: ref('rows'), folds: ref('5') },
  elements: [{ list: ref('list'), index: 1, label: 'b' }],
};
const see = (read: string, changes: Partial<TaskSpec> = {}, element = 'json/1 e') =>
  observer({ ...spec, ...changes }, element, new Map())(read);

describe('the token of a read', () => {
  it('covers the value and its codec', () => {
    expect(see('rows')).not.toBe(see('rows', { inputs: { rows: ref('other') } }));
    expect(see('rows')).not.toBe(see('rows', { inputs: { rows: ref('rows', 'tree/1') } }));
    expect(see('rows')).toBe(
      see('rows', { inputs: { rows: { ...ref('rows'), at: { object: 'o', offset: 1, length: 4 } } } }),
    );
  });

  it('covers absence, and a conflict of branches', () => {
    const tokens = [see('x'), see('x', { inputs: { x: ref('1') } }), see('x', { conflicts: { x: ['a', 'b'] } })];
    expect(new Set(tokens).size).toBe(3);
    expect(see('constructor')).toBe(see('x'));
  });

  it('covers the set of names in their order', () => {
    const { rows, folds } = spec.inputs as Record<string, Reference>;
    expect(see('*')).toBe(see('*', { inputs: { rows: ref('new'), folds: ref('new') } }));
    expect(see('*')).not.toBe(see('*', { inputs: { folds, rows } as TaskSpec['inputs'] }));
    const one = { rows } as TaskSpec['inputs'];
    expect(see('*')).not.toBe(see('*', { inputs: one }));
    expect(see('*'), 'a name on which branches differ is not enumerated').not.toBe(
      see('*', { inputs: one, conflicts: { folds: ['left', 'right'] } }),
    );
  });

  it('covers the value of the element, and its position only if that is read', () => {
    expect(see('@element')).toBe(see('@element', { elements: [{ list: ref('longer'), index: 5, label: 'b#5' }] }));
    expect(see('@element')).not.toBe(see('@element', {}, 'json/1 f'));
    expect(see('@index')).not.toBe(see('@index', { elements: [{ list: ref('list'), index: 2, label: 'b' }] }));
    expect(see('@label')).not.toBe(see('@label', { elements: [{ list: ref('list'), index: 1, label: 'c' }] }));
  });

  it('covers one name of every task of a join, or of one task', () => {
    const tasks = [1, 2].map((n) => ({ task: `t[${n}]`, base: { x: ref('x') }, own: { y: ref(`${n}`) } }));
    const other = [tasks[0], { ...tasks[1], own: { y: ref('3') } }] as NonNullable<TaskSpec['tasks']>;
    expect(see('[*].y', { tasks })).not.toBe(see('[*].y', { tasks: other }));
    expect(see('[*].x', { tasks })).toBe(see('[*].x', { tasks: other }));
    expect(see('[0].y', { tasks })).toBe(see('[0].y', { tasks: other }));
    expect(see('@length', { tasks })).not.toBe(see('@length', { tasks: [...tasks, ...tasks] }));
    const deleted = tasks.map((view) => ({ ...view, deleted: ['x'] }));
    expect(see('[0].x', { tasks: deleted })).toBe(see('[0].nowhere', { tasks }));
    expect(see('[0].*', { tasks: deleted })).not.toBe(see('[0].*', { tasks }));
  });

  it('covers the branches that ran, and their artifacts', () => {
    const left = { task: 'left', base: { x: ref('x') }, own: {} };
    expect(see('left.x', { branches: { left } })).toBe(`json/1 ${digestOf('x')}`);
    expect(see('@branches', { branches: { left, right: null } })).not.toBe(
      see('@branches', { branches: { left, right: left } }),
    );
  });

  it('covers the place of the task in the run only if that is read', () => {
    const fields = ['@run.id', '@run.number', '@run.flow', '@run.task', '@run.attempt', '@run.origin'];
    const other = { runId: 'r2', runNumber: 8, flow: 'G', task: 'work[2]', attempt: 2, origin: 'r0' };
    for (const field of fields) expect(see(field), field).not.toBe(see(field, other));
    expect(see('rows')).toBe(see('rows', other));
  });

  it('does not exist for a read of another version', () => {
    expect(() => see('@something')).toThrow("'@something' is no read");
  });
});

describe('the inputs digest of a task', () => {
  it('is the same for equal elements only', () => {
    const twin = { ...spec, task: 'work[2]', elements: [{ list: ref('list'), index: 2, label: 'b#2' }] };
    expect(inputsDigest('k', twin, 'e', false)).toBe(inputsDigest('k', spec, 'e', false));
    expect(inputsDigest('k', spec, 'f', false)).not.toBe(inputsDigest('k', spec, 'e', false));
    expect(inputsDigest('l', spec, 'e', false)).not.toBe(inputsDigest('k', spec, 'e', false));
    expect(inputsDigest('k', { ...spec, inputs: { ...spec.inputs, z: ref('z') } }, 'e', false)).not.toBe(
      inputsDigest('k', spec, 'e', false),
    );
  });

  it('differs for each position in the list, when the method takes the index', () => {
    const foreach = { ...spec, isForeach: true as const };
    const twin = { ...foreach, elements: [{ list: ref('list'), index: 0, label: 'b#0' }] };
    expect(inputsDigest('k', twin, 'e', true)).not.toBe(inputsDigest('k', foreach, 'e', true));
    expect(inputsDigest('k', twin, 'e', false)).toBe(inputsDigest('k', foreach, 'e', false));
  });
});
