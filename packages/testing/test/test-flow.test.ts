import { RunView } from '@varve/client';
import { Flow, NonRetryableError, param, step, type View } from '@varve/core';
import { describe, expect, it } from 'vitest';

import { Branches, Models, runStep, testFlow } from './flows.ts';

const codesOf = async (failing: Promise<unknown>) => {
  const error = (await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as { code: string; findings: { code: string; message: string; hint?: string }[] } | undefined;
  return error && { code: error.code, findings: error.findings };
};

describe('testFlow', () => {
  it('resolves with a run like that of run(): artifacts, tasks and their logs', async () => {
    const run = await testFlow(Models, { params: { folds: 2 } });
    expect(run).toBeInstanceOf(RunView);
    expect([run.status, run.error, run.flow, run.number]).toEqual(['succeeded', undefined, 'Models', 1]);
    expect(run.artifacts.best).toEqual({ model: 'tree', accuracy: 2 });
    expect(run.artifacts.raw).toEqual([3, 1, 2]);
    expect(run.record.parameters).toEqual({ folds: '2' });
    expect(run.tasks().map((task) => [task.label, task.status])).toEqual([
      ['load', 'succeeded'],
      ['clean', 'succeeded'],
      ['train[knn]', 'succeeded'],
      ['train[tree]', 'succeeded'],
      ['report', 'succeeded'],
    ]);
    expect(run.task('train[knn]').artifacts.score).toEqual({ model: 'knn', accuracy: 1 });
    const [line] = await run.task('clean').log();
    expect(line).toMatchObject({ stream: 'stdout', text: 'kept 2' });
    expect(run.summary?.counts).toEqual({ succeeded: 5 });
  });

  it('uses the defaults of parameters, and refuses wrong ones with all findings', async () => {
    expect((await testFlow(Models)).artifacts.folds).toBe(5);
    expect((await testFlow(Models, { params: { folds: '3' } })).artifacts.folds).toBe(3);
    const wrong = { folds: 1, fold: 2 } as never;
    const refused = await codesOf(testFlow(Models, { params: wrong }));
    expect(refused?.code).toBe('VARVE_PARAMETERS');
    expect(refused?.findings.map((one) => one.message)).toEqual([
      "the flow has no parameter 'fold'. From: testFlow().",
      'folds=1: must be >= 2. From: testFlow().',
    ]);
  });

  it('joins branches, skips a step whose condition fails, and names values on which branches differ', async () => {
    const both = await testFlow(Branches);
    expect([both.artifacts.sum, both.artifacts.both]).toEqual([30, 'start']);
    expect(() => both.artifacts.size).toThrow("left and right left different values of 'size'");
    const one = await testFlow(Branches, { params: { deep: false } });
    expect([one.artifacts.sum, one.artifacts.size, one.task('right').status]).toEqual([10, 10, 'skipped']);
  });

  it('gives steps values as they come back from the store: equal, frozen, but not identical', async () => {
    const given = { deep: { list: [1] } };
    class Frozen extends Flow {
      value!: typeof given;
      same!: boolean;
      @step() make() {
        this.value = given;
      }
      @step({ after: 'make' }) look() {
        this.same = this.value === given;
      }
      @step({ after: 'look' }) change() {
        this.value.deep.list.push(2);
      }
    }
    const run = await testFlow(Frozen);
    expect(run.task('look').artifacts.same).toBe(false);
    expect(run.error?.code).toBe('VARVE_FROZEN_INPUT');
    expect(run.error?.message).toContain('change');
    expect(given.deep.list).toEqual([1]);
  });

  it('gives a step with mutable inputs copies of its own', async () => {
    class Mutable extends Flow {
      list = [1];
      @step({ inputs: 'mutable' }) change() {
        this.list.push(2);
      }
    }
    expect((await testFlow(Mutable)).artifacts.list).toEqual([1, 2]);
  });

  it('fails for a value that cannot be stored, and names the field', async () => {
    class Unstorable extends Flow {
      table!: unknown;
      @step() make() {
        this.table = { first: new Map() };
      }
    }
    const run = await testFlow(Unstorable);
    expect([run.status, run.error?.code]).toEqual(['failed', 'VARVE_NOT_STORABLE']);
    expect(run.error?.message).toBe('make assigned this.table.first: is of a class');
  });

  it('runs a foreach inside a foreach, and empty lists', async () => {
    class Nested extends Flow {
      outer = [2, 0, 1];
      inner!: number[];
      cell!: string;
      row!: string[];
      all!: string[][];
      @step({ foreach: 'outer' }) split(n: number) {
        this.inner = [...Array(n).keys()];
      }
      @step({ after: 'split', foreach: 'inner' }) each(n: number) {
        this.cell = `${this.run.task} ${this.run.element?.label} ${n}`;
      }
      @step({ join: 'each' }) gather(tasks: readonly View<Nested>[]) {
        this.row = tasks.map((task) => task.cell);
      }
      @step({ join: 'gather' }) end(tasks: readonly View<Nested>[]) {
        this.all = tasks.map((task) => task.row);
      }
    }
    expect((await testFlow(Nested)).artifacts.all).toEqual([['each[0,0] 0 0', 'each[0,1] 1 1'], [], ['each[2,0] 0 0']]);
  });

  it('runs a foreach of a thousand elements', async () => {
    class Many extends Flow {
      list = Array.from({ length: 1000 }, (_, i) => i);
      double!: number;
      sum!: number;
      @step({ foreach: 'list' }) each(n: number) {
        this.double = 2 * n;
      }
      @step({ join: 'each' }) total(tasks: readonly View<Many>[]) {
        this.sum = tasks.reduce((sum, task) => sum + task.double, 0);
      }
    }
    const run = await testFlow(Many);
    expect(run.artifacts.sum).toBe(999_000);
    expect(run.tasks('each')).toHaveLength(1000);
  });

  it('gives steps the same random numbers in each run, and the time at which the run began', async () => {
    class Chance extends Flow {
      draws!: number[];
      at!: number[];
      @step() draw() {
        this.draws = [this.random(), this.random()];
        this.at = [this.now()];
      }
      @step({ after: 'draw' }) later() {
        this.at = [...this.at, this.now()];
      }
    }
    const before = Date.now();
    const [a, b] = [await testFlow(Chance), await testFlow(Chance)];
    expect(a.artifacts.draws).toEqual(b.artifacts.draws);
    expect(a.artifacts.draws[0]).not.toBe(a.artifacts.draws[1]);
    expect((await runStep(Chance, 'draw')).draws).toEqual(a.artifacts.draws);
    expect(a.artifacts.at).toEqual([a.record.createdAt, a.record.createdAt]);
    expect(a.record.createdAt).toBeGreaterThanOrEqual(before);
  });

  it('leaves a history of one run, which can be read after the run has ended', async () => {
    const { record, history } = await testFlow(Models);
    const listed: string[] = [];
    for await (const { record: one, status } of history.list()) listed.push(`${one.flow}/${one.number} ${status}`);
    expect(listed).toEqual(['Models/1 succeeded']);
    const found = await history.find({ flow: 'Models', run: { alias: 'last' } });
    expect([found.id, found.task('train[tree]').artifacts.rows]).toEqual([record.id, [3, 2]]);
    await expect(history.cancel(record)).rejects.toMatchObject({ code: 'VARVE_RUN_ENDED' });
    await expect(history.find({ flow: 'Models', run: { number: 2 } })).rejects.toMatchObject({ code: 'VARVE_NO_RUN' });
  });

  it('runs a class without a name', async () => {
    class Nameless extends Flow {
      size = 1;
      @step() grow() {
        this.size = 2;
      }
    }
    Object.defineProperty(Nameless, 'name', { value: '' });
    expect((await testFlow(Nameless)).artifacts.size).toBe(2);
  });

  it('reads the file that a param.file names, and takes its content as well', async () => {
    class Reads extends Flow {
      text = param.file({ as: 'text' });
      length!: number;
      @step() count() {
        this.length = this.text.length;
      }
    }
    const { fileURLToPath } = await import('node:url');
    const run = await testFlow(Reads, { params: { text: fileURLToPath(import.meta.url) } });
    expect(run.artifacts.text).toContain('a file that a parameter names');
    expect((await testFlow(Reads, { params: { text: Buffer.from('four') } })).artifacts.length).toBe(4);
    expect((await codesOf(testFlow(Reads)))?.findings.map((one) => one.code)).toEqual(['VARVE_PARAM_MISSING']);
  });
});

describe('A step that fails in testFlow', () => {
  class Fails extends Flow {
    from = 1;
    attempts = 0;
    done!: number;
    caught!: unknown;
    @step({ retry: { times: 3, backoff: '1m' } }) tries() {
      if (this.run.attempt < 3) throw new RangeError(`attempt ${this.run.attempt}`);
      this.attempts = this.run.attempt;
    }
    @step({ after: 'tries', catch: 'caught' }) falls() {
      throw new TypeError('caught');
    }
    @step({ after: 'falls', retry: 5 }) gives() {
      throw new NonRetryableError('for good', { cause: new Error('deeper') });
    }
    @step({ after: 'gives' }) never() {
      this.done = 1;
    }
  }

  it('is retried without a pause, is caught, or ends the run, which still resolves', async () => {
    const started = performance.now();
    const run = await testFlow(Fails);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(run.status).toBe('failed');
    expect(run.error).toMatchObject({ name: 'NonRetryableError', message: 'for good', cause: { message: 'deeper' } });
    expect(run.task('tries').state.attempts.map((one) => one.error?.message)).toEqual([
      'attempt 1',
      'attempt 2',
      undefined,
    ]);
    expect(run.task('falls').artifacts.caught).toMatchObject({ name: 'TypeError', message: 'caught' });
    expect(run.tasks().map((task) => task.step)).toEqual(['tries', 'falls', 'gives']);
  });

  it('shows skipped pauses in the times of its attempts', async () => {
    const { attempts } = (await testFlow(Fails)).task('tries').state;
    const starts = attempts.map((one) => one.startedAt ?? 0);
    const minutes = starts.slice(1).map((at, i) => (at - (starts[i] ?? 0)) / 60_000);
    expect(minutes[0]).toBeGreaterThan(0.99);
    expect(minutes[1]).toBeGreaterThan(1.99);
  });

  it('is named to a test that reads an artifact which the run has not left', async () => {
    const run = await testFlow(Fails);
    const look = () => run.artifacts.done;
    expect(look).toThrow("Fails left no 'done': gives failed with NonRetryableError: for good");
    expect(look).toThrow(
      expect.objectContaining({ code: 'VARVE_TEST_RUN_FAILED', cause: expect.any(NonRetryableError) }),
    );
    expect('done' in run.artifacts).toBe(false);
    expect(run.artifacts).toMatchObject({ from: 1 });
  });

  it('may be the constructor of the flow', async () => {
    class Constructed extends Flow {
      n = param.int(1);
      twice = double(this.n);
      @step() go() {}
    }
    const run = await testFlow(Constructed, { params: { n: 13 } });
    expect([run.status, run.error?.message]).toEqual(['failed', 'unlucky']);
  });

  it('is stopped after its timeout, also when it ignores its signal', async () => {
    class Slow extends Flow {
      @step({ timeout: '20ms' }) async waits() {
        await new Promise(() => {});
      }
    }
    expect((await testFlow(Slow)).error).toMatchObject({
      code: 'VARVE_TIMEOUT',
      message: 'waits took longer than its timeout of 20 ms',
    });
  });

  it('may throw a value that is not an Error', async () => {
    class Throws extends Flow {
      @step() go() {
        throw 'a text';
      }
    }
    expect((await testFlow(Throws)).error?.message).toContain("threw 'a text'");
  });
});

function double(n: number): number {
  if (n === 13) throw new Error('unlucky');
  return 2 * n;
}
