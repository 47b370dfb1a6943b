import { Flow, type Inputs, param, step, type View } from '@varve/core';
import { definePlugin } from '@varve/core/contract';
import { testSerializer } from '@varve/test-support';
import { createTesting } from '../src/create-testing.ts';

export const { testFlow, runStep, logOf } = createTesting({
  serializer: () => definePlugin({ name: 'test', provides: { serializer: () => testSerializer } }),
});

export interface Score {
  readonly model: string;
  readonly accuracy: number;
}

/** A foreach and its join. */
export class Models extends Flow {
  folds = param.int(5, { min: 2 });
  models = ['knn', 'tree'];
  raw!: number[];
  rows!: number[];
  score!: Score;
  best!: Score;

  @step()
  load() {
    this.raw = [3, 1, 2];
  }

  @step({ after: 'load' })
  clean() {
    this.rows = this.raw.filter((n) => n > 1);
    console.log(`kept ${this.rows.length}`);
  }

  @step({ after: 'clean', foreach: 'models' })
  train(model: string, index: number) {
    this.score = { model, accuracy: this.rows.length / this.folds + index };
  }

  @step({ join: 'train' })
  report(tasks: readonly View<Models>[]) {
    const scores = tasks.map((task) => task.score);
    this.best = scores.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  }
}

/** Branches, one of which may be skipped. */
export class Branches extends Flow {
  deep = param.boolean(true);
  size = 1;
  both = 'start';
  sum!: number;

  @step()
  start() {}

  @step({ after: 'start' })
  left() {
    this.size = 10;
  }

  @step({ after: 'start', when: 'deep' })
  right() {
    this.size = 20;
  }

  @step({ after: ['left', 'right'] })
  merge(inputs: Inputs<Branches, 'left', 'right'>) {
    this.sum = inputs.left.size + (inputs.right?.size ?? 0);
  }
}
