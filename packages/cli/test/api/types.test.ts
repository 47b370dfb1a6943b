import type { TaskView } from '@varve/client';
import { type ArtifactName, Flow, type ParameterValues, param, type StepName, type TaskName } from '@varve/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Api } from '../../src/api/api.ts';

class Typed extends Flow {
  folds = param.int(5);
  size = param.enum(['big', 'small'], 'big');
  data = param.file('data.csv');
  options = param.json<{ readonly a: number }>({ default: { a: 1 } });
  best!: { readonly accuracy: number };
  #hidden = 1;

  load() {
    this.best = { accuracy: this.#hidden };
  }
  train(_model: string) {}
}

/** Compiled and never called: what does not compile in it is the test. */
const unused = (use: (api: Api) => Promise<void>) => expect(use).toBeTypeOf('function');

describe('names', () => {
  it('come from the class', () => {
    expectTypeOf<StepName<Typed>>().toEqualTypeOf<'load' | 'train'>();
    expectTypeOf<TaskName<Typed>>().toEqualTypeOf<'init' | 'load' | 'train' | `load[${string}]` | `train[${string}]`>();
    expectTypeOf<ArtifactName<Typed>>().toEqualTypeOf<'folds' | 'size' | 'data' | 'options' | 'best'>();
  });

  it('are any where only the name of the flow is known', () => {
    expectTypeOf<StepName<Record<string, unknown>>>().toEqualTypeOf<string>();
    expectTypeOf<TaskName<Record<string, unknown>>>().toEqualTypeOf<string>();
    expectTypeOf<ArtifactName<Record<string, unknown>>>().toEqualTypeOf<string>();
    expectTypeOf<ParameterValues<Record<string, unknown>>>().toEqualTypeOf<{ readonly [name: string]: unknown }>();
  });
});

describe('parameters', () => {
  it('have the types of their fields', () =>
    unused(async ({ run }) => {
      await run(Typed, { folds: 3, size: 'small', data: 'other.csv', options: { a: 2 } });
      await run(Typed, { data: new Uint8Array(3) });
      await run(Typed);
      // @ts-expect-error: a number is wanted
      await run(Typed, { folds: 'three' });
      // @ts-expect-error: one of two words is wanted
      await run(Typed, { size: 'huge' });
      // @ts-expect-error: there is no such field
      await run(Typed, { fold: 3 });
      // @ts-expect-error: a step is no field
      await run(Typed, { load: 3 });
      // @ts-expect-error: another shape is wanted
      await run(Typed, { options: { b: 2 } });
    }));
});

describe('what a client gives', () => {
  it('is typed by the class', () =>
    unused(async ({ client }) => {
      const past = client(Typed);
      const run = await past.last({ status: ['failed', 'lost'], tag: 'nightly', parameters: { folds: 5 } });
      expectTypeOf(run.artifacts.best.accuracy).toEqualTypeOf<number>();
      for await (const listed of past.runs({ since: new Date(), parameters: { size: 'big' } }))
        expectTypeOf((await listed.open()).artifacts.folds).toEqualTypeOf<number>();
      expectTypeOf(run.task('train[knn]').artifacts.best.accuracy).toEqualTypeOf<number>();
      expectTypeOf(run.tasks({ step: 'train', status: 'failed' })).toEqualTypeOf<TaskView<Typed>[]>();
      expectTypeOf(run.task('load').producerOf('folds')).toEqualTypeOf<TaskView<Typed> | undefined>();
      expectTypeOf(run.resumes()).resolves.toEqualTypeOf<typeof run | undefined>();
      // @ts-expect-error: there is no such step
      run.tasks('trian');
      // @ts-expect-error: there is no such step
      run.tasks({ step: 'best' });
      // @ts-expect-error: there is no such status
      run.tasks({ status: 'done' });
      // @ts-expect-error: there is no such step
      run.task('trian[knn]');
      // @ts-expect-error: there is no such artifact
      run.task('load').readersOf('bets');
      // @ts-expect-error: a number is wanted
      past.runs({ parameters: { folds: 'x' } });
      // @ts-expect-error: there is no such status
      past.runs({ status: 'queued' });
    }));

  it('is unknown where only the name of the flow is', () =>
    unused(async ({ client }) => {
      const run = await client('Typed').last({ parameters: { anything: 1 } });
      expectTypeOf(run.artifacts.best).toEqualTypeOf<unknown>();
      run.tasks('anything');
      const known = await client<Typed>('Typed').last();
      expectTypeOf(known.artifacts.folds).toEqualTypeOf<number>();
    }));
});

describe('resume', () => {
  it('takes a flow, or a run of it', () =>
    unused(async ({ resume, client }) => {
      const run = await resume(Typed, { from: 'train', set: { folds: 3 }, trust: 'position' });
      expectTypeOf(run.artifacts.folds).toEqualTypeOf<number>();
      expectTypeOf(await resume(run, { from: ['train[knn]', 'init'] })).toEqualTypeOf<typeof run>();
      await resume(await client('Typed').last(), { from: 'anything', set: { any: 1 } });
      // @ts-expect-error: there is no such step
      await resume(Typed, { from: 'trian' });
      // @ts-expect-error: a number is wanted
      await resume(run, { set: { folds: 'x' } });
      // @ts-expect-error: there is no such field
      await resume(run, { set: { fold: 1 } });
      // @ts-expect-error: there is no such way to trust
      await resume(run, { trust: 'blindly' });
    }));
});

describe('spin', () => {
  it('takes a flow, or a run of it', () =>
    unused(async ({ spin, client }) => {
      const { artifacts, status } = await spin(Typed, 'train[knn]', { set: { folds: 3 }, element: 'knn' });
      expectTypeOf(artifacts.folds).toEqualTypeOf<number | undefined>();
      expectTypeOf(status).toEqualTypeOf<'succeeded' | 'failed'>();
      await spin(await client(Typed).last(), 'load', { keep: true, code: 'stored' });
      // @ts-expect-error: there is no such step
      await spin(Typed, 'trian');
      // @ts-expect-error: a number is wanted
      await spin(Typed, 'train', { set: { folds: 'x' } });
    }));
});
