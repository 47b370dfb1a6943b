import { Flow, type Inputs, step, type View } from '@varve/core';
import type { StoredError } from '@varve/core/contract';
import { expect, expectTypeOf, it } from 'vitest';

import { Branches, Models, runStep, type Score, testFlow } from './flows.ts';

class Base extends Flow {
  batches: number[][] = [[1]];
  part!: number;
  @step({ foreach: 'batches' }) each(batch: number[]) {
    this.part = batch.length;
  }
  @step({ join: 'each' }) end(tasks: readonly View<Base>[]) {
    this.part = tasks.length;
  }
}
class Derived extends Base {
  more = 'x';
  @step({ after: 'end' }) last() {}
}

/** Only compiled: each line that must not compile says so. */
export async function compiled() {
  const run = await testFlow(Models, { params: { folds: 2 } });
  expectTypeOf(run.artifacts.best).toEqualTypeOf<Score>();
  expectTypeOf(run.task('train').artifacts.score).toEqualTypeOf<Score>();
  expectTypeOf(run.error).toEqualTypeOf<StoredError | undefined>();
  const after = await runStep(Models, 'clean', { raw: [1] });
  expectTypeOf(after).toEqualTypeOf<View<Models>>();
  await runStep(Models, 'train', {}, { element: 'knn', index: 0, secrets: { KEY: 'x' } });
  await runStep(Models, 'report', {}, { tasks: [{ score: { model: 'knn', accuracy: 1 } }] });
  await runStep(Branches, 'merge', { size: 1 }, { inputs: { left: { size: 1 }, right: undefined } });
  await runStep(Derived, 'each', {}, { element: [1, 2] });
  await runStep(Derived, 'end', { more: 'y' }, { tasks: [{ part: 1, more: 'z' }] });

  // @ts-expect-error no such parameter
  await testFlow(Models, { params: { fold: 2 } });
  // @ts-expect-error no such step
  await testFlow(Models, { stub: { laod() {} } });
  // @ts-expect-error the element is a string
  await testFlow(Models, { stub: { train(_model: number) {} } });
  await testFlow(Models, {
    stub: {
      load() {
        expectTypeOf(this).toEqualTypeOf<Models>();
        // @ts-expect-error the field holds numbers
        this.raw = ['a'];
      },
      train(model, index) {
        expectTypeOf([model, index] as const).toEqualTypeOf<readonly [string, number]>();
      },
      report(tasks) {
        expectTypeOf(tasks).toEqualTypeOf<readonly View<Models>[]>();
      },
    },
  });
  // @ts-expect-error no such step
  await runStep(Models, 'claen', {});
  // @ts-expect-error no step, but a field
  await runStep(Models, 'rows', {});
  // @ts-expect-error no such artifact
  await runStep(Models, 'clean', { row: [1] });
  // @ts-expect-error a wrong value
  await runStep(Models, 'clean', { raw: ['a'] });
  // @ts-expect-error a wrong element
  await runStep(Models, 'train', {}, { element: 1 });
  // @ts-expect-error a foreach is handed an element
  await runStep(Models, 'train', {}, { tasks: [] });
  // @ts-expect-error a join needs its tasks
  await runStep(Models, 'report', {});
  // @ts-expect-error no such artifact in a task
  await runStep(Models, 'report', {}, { tasks: [{ scor: 1 }] });
  // @ts-expect-error a branch is missing
  await runStep(Branches, 'merge', {}, { inputs: { left: {} } });
  // @ts-expect-error a branch that always runs cannot have been skipped
  await runStep(Branches, 'merge', {}, { inputs: { left: undefined, right: {} } });
  // @ts-expect-error no such branch
  await runStep(Branches, 'merge', {}, { inputs: { left: {}, right: {}, middle: {} } });
  // @ts-expect-error what is left cannot be assigned
  after.rows = [];
}

export class Lax extends Flow {
  list = [1];
  n!: number;
  @step({ foreach: 'list' }) each(n: number) {
    this.n = n;
  }
  @step({ join: 'each' }) byClass(tasks: Lax[]) {
    this.n = tasks.length;
  }
  @step({ after: ['each'] }) branches(inputs: Inputs<Lax, 'each'>) {
    this.n = inputs.each.n;
  }
  @step({ join: 'each' }) blind() {}
}

export async function alsoCompiled() {
  await runStep(Lax, 'byClass', {}, { tasks: [{ n: 1 }] });
  await runStep(Lax, 'branches', {}, { inputs: { each: { n: 1 } } });
  await runStep(Lax, 'blind', {}, { tasks: [] });
}

it('runStep takes the arguments that its types accept', async () => {
  expect((await runStep(Derived, 'each', {}, { element: [1, 2] })).part).toBe(2);
  expect((await runStep(Derived, 'end', { more: 'y' }, { tasks: [{ part: 1 }] })).part).toBe(1);
});
