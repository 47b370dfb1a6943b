import { Flow, step, type View } from '@varve/core';
import { expect, it } from 'vitest';

import { Models, testFlow } from './flows.ts';

it('A stub replaces the body of a step, with its instance and its arguments, in one run only', async () => {
  const original = Models.prototype.load;
  const seen: unknown[] = [];
  const run = await testFlow(Models, {
    stub: {
      async load() {
        await Promise.resolve();
        this.raw = [7, 8, 9, 0];
        seen.push(this instanceof Models, this.run.task, typeof this.clean);
      },
      train(model, index) {
        seen.push(model, index);
        this.score = { model, accuracy: -index };
      },
      report(tasks) {
        seen.push(tasks.length, tasks[1]?.score.model);
        this.best = { model: 'stub', accuracy: this.folds };
      },
    },
  });
  expect(run.error).toBeUndefined();
  expect(run.artifacts.rows).toEqual([7, 8, 9]);
  expect(run.artifacts.best).toEqual({ model: 'stub', accuracy: 5 });
  expect(seen).toEqual([true, 'load', 'function', 'knn', 0, 'tree', 1, 2, 'tree']);
  expect(Models.prototype.load).toBe(original);
  expect((await testFlow(Models)).artifacts.raw).toEqual([3, 1, 2]);
});

it('A stub gets element and index, also when the method of the class takes neither', async () => {
  class Blind extends Flow {
    list = ['a', 'b'];
    @step({ foreach: 'list' }) each() {}
  }
  const seen: unknown[] = [];
  const stub = { each: (...values: unknown[]) => seen.push(...values) };
  await testFlow(Blind, { stub });
  expect(seen).toEqual(['a', 0, 'b', 1]);
});

it('A stub runs under the retry, catch, inputs and timeout of its step', async () => {
  class Options extends Flow {
    problem!: unknown;
    list!: number[];
    sum!: number;
    @step({ retry: 2, catch: 'problem' }) flaky() {}
    @step({ after: 'flaky', inputs: 'mutable' }) change() {
      this.list = [1];
    }
    @step({ after: 'change', timeout: '10ms' }) slow() {}
  }
  const attempts: number[] = [];
  const run = await testFlow(Options, {
    stub: {
      flaky() {
        attempts.push(this.run.attempt);
        throw new RangeError('stubbed');
      },
      slow: () => new Promise(() => {}),
    },
  });
  expect(attempts).toEqual([1, 2, 3]);
  expect(run.task('flaky').artifacts.problem).toMatchObject({ name: 'RangeError', message: 'stubbed' });
  expect(run.error?.code).toBe('VARVE_TIMEOUT');
});

it('A value that a stub assigns is checked like that of a step', async () => {
  const run = await testFlow(Models, {
    stub: {
      load() {
        this.raw = [new Map()] as never;
      },
    },
  });
  expect(run.error?.message).toBe('load assigned this.raw.0: is of a class');
});

it('A stub is refused for an unknown step, and when it is not a function', async () => {
  class Helped extends Flow {
    @step() load() {
      return this.helper();
    }
    helper() {}
  }
  const refused = testFlow(Helped, { stub: { laod() {}, helper() {}, load: 3 } as never });
  await expect(refused).rejects.toMatchObject({
    code: 'VARVE_TEST_STEP',
    findings: [
      { message: "Helped has no step 'laod'", hint: "Did you mean 'load'?" },
      { message: "Helped has no step 'helper'" },
      { message: "the stub of 'load' is a number, not a function" },
    ],
  });
  const run = await testFlow(Helped, { stub: { load: undefined } as never });
  expect(run.status).toBe('succeeded');
});

it('A stub does not disturb another run of the same class at the same time', async () => {
  class Shared extends Flow {
    list = [1, 2, 3];
    who!: string;
    names!: string[];
    @step({ foreach: 'list' }) async each(n: number) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      this.who = `class ${n}`;
      console.log(this.who);
    }
    @step({ join: 'each' }) end(tasks: readonly View<Shared>[]) {
      this.names = tasks.map((task) => task.who);
    }
  }
  const stubbed = (name: string) => ({
    stub: {
      async each(this: Shared, n: number) {
        await new Promise((resolve) => setTimeout(resolve, n));
        this.who = `${name} ${n}`;
        console.log(this.who);
      },
    },
  });
  const runs = await Promise.all([testFlow(Shared, stubbed('a')), testFlow(Shared), testFlow(Shared, stubbed('b'))]);
  const logs = await Promise.all(
    runs.map(async (run) => (await Promise.all(run.tasks('each').map((task) => task.log()))).flat().map((l) => l.text)),
  );
  for (const [i, name] of ['a', 'class', 'b'].entries()) {
    const wanted = [1, 2, 3].map((n) => `${name} ${n}`);
    expect(runs[i]?.artifacts.names).toEqual(wanted);
    expect(logs[i]).toEqual(wanted);
  }
});
