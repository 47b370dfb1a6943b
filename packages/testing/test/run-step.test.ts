import { Flow, type Inputs, param, secret, step, transient, type View } from '@varve/core';
import { describe, expect, it } from 'vitest';

import { Branches, logOf, Models, runStep, testFlow } from './flows.ts';

describe('runStep', () => {
  it('resolves with the artifacts that were given, set by initialisers or written by the step', async () => {
    const raw = [5, 0, 3];
    const after = await runStep(Models, 'clean', { raw });
    expect(after.rows).toEqual([5, 3]);
    expect({ ...after }).toEqual({ folds: 5, models: ['knn', 'tree'], raw, rows: [5, 3] });
    expect(after.raw).not.toBe(raw);
    expect(Object.isFrozen(after.rows)).toBe(true);
    expect(logOf(after).map(({ stream, text }) => [stream, text])).toEqual([['stdout', 'kept 2']]);
    expect(logOf(await runStep(Models, 'load'))).toEqual([]);
    expect(() => logOf({})).toThrow(expect.objectContaining({ code: 'VARVE_TEST_INPUT' }));
  });

  it('gives the step values that went through the store', async () => {
    class Look extends Flow {
      given!: { list: number[] };
      same!: boolean;
      @step() look() {
        this.same = this.given === given;
      }
      @step({ after: 'look' }) change() {
        this.given.list.push(1);
      }
    }
    const given = { list: [0] };
    expect((await runStep(Look, 'look', { given })).same).toBe(false);
    await expect(runStep(Look, 'change', { given })).rejects.toMatchObject({ code: 'VARVE_FROZEN_INPUT' });
    const bad = runStep(Look, 'look', { given: { list: [new Map()] } as never });
    await expect(bad).rejects.toMatchObject({
      code: 'VARVE_NOT_STORABLE',
      message: 'the test of look assigned this.given.0: is of a class',
    });
  });

  it('uses the defaults of fields and parameters, unless the test gives a value or undefined', async () => {
    class Defaults extends Flow {
      folds = param.int(5, { min: 2 });
      needed = param.string();
      list = [this.folds, 1];
      seen!: unknown[];
      @step() look() {
        this.seen = [this.folds, this.list ?? 'none', this.needed ?? 'none'];
      }
    }
    const seen = async (given: Parameters<typeof runStep<Defaults, 'look'>>[2]) =>
      (await runStep(Defaults, 'look', given)).seen;
    expect(await seen({})).toEqual([5, [5, 1], 'none']);
    expect(await seen({ folds: 3, needed: 'x' })).toEqual([3, [3, 1], 'x']);
    expect(await seen({ list: undefined })).toEqual([5, 'none', 'none']);
    await expect(seen({ folds: 1 })).rejects.toMatchObject({
      code: 'VARVE_PARAMETERS',
      findings: [{ message: 'folds=1: must be >= 2. From: runStep().' }],
    });
  });

  it('names the parameters that an initialiser lacked', async () => {
    class Lacks extends Flow {
      needed = param.string();
      first = this.needed.charAt(0);
      @step() go() {}
    }
    await expect(runStep(Lacks, 'go')).rejects.toMatchObject({
      code: 'VARVE_PARAMETERS',
      findings: [{ code: 'VARVE_PARAM_MISSING' }],
      cause: expect.any(TypeError),
    });
    expect((await runStep(Lacks, 'go', { needed: 'abc' })).first).toBe('a');
  });

  it('rejects with the very error of the step, and adds the missing artifacts that it had read', async () => {
    class Own extends Error {}
    class Throws extends Flow {
      rows!: number[];
      @step({ retry: 3, catch: 'rows' as never }) own() {
        tries++;
        throw thrown;
      }
      @step() missing() {
        void this.rows.length;
      }
      @step() text() {
        throw 'only a text';
      }
      @step({ timeout: '10ms' }) async slow() {
        await new Promise(() => {});
      }
    }
    let tries = 0;
    const thrown = new Own('mine');
    await expect(runStep(Throws, 'own')).rejects.toBe(thrown);
    expect([tries, thrown.cause]).toEqual([1, undefined]);
    await expect(runStep(Throws, 'missing')).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining("reading 'length'"),
      cause: { code: 'VARVE_TEST_INPUT', message: 'missing had read this.rows: not there (nothing was)' },
    });
    await expect(runStep(Throws, 'text')).rejects.toBe('only a text');
    await expect(runStep(Throws, 'slow')).rejects.toMatchObject({ name: 'TimeoutError', code: 'VARVE_TIMEOUT' });
  });

  it('names missing artifacts of tasks and branches', async () => {
    class Joins extends Flow {
      list = [1];
      text!: string;
      @step({ foreach: 'list' }) each() {}
      @step({ join: 'each' }) tasks(tasks: readonly View<Joins>[]) {
        this.text = tasks.map((task) => task.text.trim()).join();
      }
      @step() left() {}
      @step({ after: ['left', 'tasks'] }) branches(inputs: Inputs<Joins, 'left' | 'tasks'>) {
        this.text = inputs.left.text.trim();
      }
    }
    await expect(runStep(Joins, 'tasks', {}, { tasks: [{}] })).rejects.toMatchObject({
      cause: { message: 'tasks had read text of task [*]: not there (there were: list)' },
    });
    await expect(runStep(Joins, 'branches', {}, { inputs: { left: {}, tasks: {} } })).rejects.toMatchObject({
      cause: { message: 'branches had read inputs.left.text: not there (there were: list)' },
    });
  });

  it('refuses an unknown step, and arguments that do not fit the step, with all findings', async () => {
    await expect(runStep(Models, 'claen' as never)).rejects.toMatchObject({
      code: 'VARVE_TEST_STEP',
      message: "Models has no step 'claen'",
      hint: "Did you mean 'clean'?",
    });
    const refused = runStep(Models, 'clean', {}, { tasks: [], inputs: {}, index: 1 } as never);
    const message = (name: string) => ({ message: `'clean' is not handed '${name}': it is called without arguments` });
    await expect(refused).rejects.toMatchObject({
      code: 'VARVE_TEST_INPUT',
      findings: ['index', 'tasks', 'inputs'].map(message),
    });
    class Held extends Flow {
      @transient pool = { size: 1 };
      key = secret('KEY');
      @step() go() {}
      get half() {
        return 1;
      }
    }
    await expect(runStep(Held, 'go', { pool: { size: 2 }, key: 1, half: 2, go: 3 } as never)).rejects.toMatchObject({
      findings: ['pool', 'key', 'half', 'go'].map((name) => ({ message: expect.stringContaining(`'${name}'`) })),
    });
  });
});

describe('runStep of a foreach step', () => {
  const rows = [1, 2];

  it('calls it with the given element and its index', async () => {
    expect((await runStep(Models, 'train', { rows, folds: 2 }, { element: 'tree' })).score).toEqual({
      model: 'tree',
      accuracy: 2,
    });
    expect((await runStep(Models, 'train', { rows, folds: 2 }, { element: 'new', index: 7 })).score).toEqual({
      model: 'new',
      accuracy: 8,
    });
    expect((await runStep(Models, 'train', { rows, models: [] }, { element: 'new' })).score.model).toBe('new');
  });

  it('calls it with an element of the list when none is given', async () => {
    expect((await runStep(Models, 'train', { rows })).score.model).toBe('knn');
    expect((await runStep(Models, 'train', { rows, models: ['a', 'b'] }, { index: 1 })).score.model).toBe('b');
    await expect(runStep(Models, 'train', { rows, models: [] })).rejects.toMatchObject({
      code: 'VARVE_TEST_INPUT',
      message: "'train' is called with an element, and none was given: models has 0",
    });
    await expect(runStep(Models, 'train', { rows, models: undefined })).rejects.toThrow('there is no models');
    const wrong = { code: 'VARVE_NOT_A_LIST' };
    await expect(runStep(Models, 'train', { rows, models: 'knn' as never })).rejects.toMatchObject(wrong);
  });

  it('refuses an invalid index, and an element that cannot be stored', async () => {
    for (const index of [-1, 0.5, 1e9, '0' as never])
      await expect(runStep(Models, 'train', { rows }, { element: 'x', index })).rejects.toMatchObject({
        code: 'VARVE_TEST_INPUT',
      });
    await expect(runStep(Models, 'train', { rows }, { element: new Map() as never })).rejects.toMatchObject({
      code: 'VARVE_NOT_STORABLE',
    });
  });

  it('gives it the task name and the random numbers that it has in a run', async () => {
    class Named extends Flow {
      outer = ['x', 'y'];
      list = [{ name: 'one' }, { name: 'two' }];
      seen!: unknown[];
      @step({ foreach: 'outer' }) split() {}
      @step({ after: 'split', foreach: 'list' }) each(element: { name: string }, index: number) {
        this.seen = [element.name, index, this.run.task, this.run.element?.label, this.random(), this.run.attempt];
      }
      @step({ after: 'each' }) more() {
        this.seen = [this.run.task, this.run.element?.label];
      }
    }
    const run = await testFlow(Named);
    const { seen } = await runStep(Named, 'each', {}, { element: { name: 'two' } });
    expect(seen).toEqual(run.task('each[0,1]').artifacts.seen);
    expect((await runStep(Named, 'more', {}, { index: 1 })).seen).toEqual(['more[0,1]', 'two']);
    expect((await runStep(Named, 'more', { list: undefined, outer: undefined })).seen).toEqual(['more[0,0]', '0']);
  });
});

describe('runStep of a join', () => {
  it('passes a view of each task: its own artifacts, then those of before', async () => {
    class Views extends Flow {
      list = [1, 2];
      base = 'before';
      own!: number;
      seen!: unknown[];
      @step({ foreach: 'list' }) each() {}
      @step({ join: 'each' }) end(tasks: readonly View<Views>[]) {
        this.seen = tasks.map((task) => [task.own, task.base, 'own' in task, Object.isFrozen(tasks)]);
      }
    }
    const after = await runStep(Views, 'end', { base: 'given' }, { tasks: [{ own: 1 }, { own: 2, base: 'new' }] });
    expect(after.seen).toEqual([
      [1, 'given', true, true],
      [2, 'new', true, true],
    ]);
    expect(after.base).toBe('given');
    expect((await runStep(Views, 'end', {}, { tasks: [] })).seen).toEqual([]);
    const many = Array.from({ length: 300 }, (_, own) => ({ own }));
    expect((await runStep(Views, 'end', {}, { tasks: many })).seen).toHaveLength(300);
    await expect(untyped(runStep)(Views, 'end', {})).rejects.toMatchObject({
      findings: [{ message: "'end' joins tasks, and no list of 'tasks' was given" }],
    });
    await expect(untyped(runStep)(Views, 'end', {}, { tasks: {} })).rejects.toMatchObject({
      code: 'VARVE_TEST_INPUT',
    });
  });

  it('passes a view of each branch, undefined for a skipped one, and lets the step see the values that they agree on', async () => {
    const merge = (inputs: { left: object; right: object | undefined }) => runStep(Branches, 'merge', {}, { inputs });
    expect((await merge({ left: { size: 2 }, right: { size: 3 } })).sum).toBe(5);
    const one = await merge({ left: { size: 2 }, right: undefined });
    expect([one.sum, one.size, one.both]).toEqual([2, 2, 'start']);
    const differ = await merge({ left: { size: 2 }, right: { size: 3, both: 'right' } });
    expect(() => differ.size).toThrow("left and right left different values of 'size'");
    expect(() => differ.both).toThrow("different values of 'both'");
    await expect(merge({ left: {}, right: {}, middle: {} } as never)).rejects.toMatchObject({
      findings: [{ message: "'merge' does not join 'middle'" }],
    });
    await expect(untyped(runStep)(Branches, 'merge')).rejects.toMatchObject({
      findings: [{ message: "'merge' joins branches, and no 'inputs' were given" }],
    });
  });
});

/** Calls a function without the types of its arguments. */
function untyped(call: unknown): (...values: unknown[]) => Promise<unknown> {
  return call as never;
}
