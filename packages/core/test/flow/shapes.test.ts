import { describe, expect, it } from 'vitest';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { step } from '../../src/flow/authoring/step.ts';
import type { Inputs, View } from '../../src/flow/authoring/step-types.ts';
import { checkFlow } from '../../src/flow/check/check-flow.ts';
import { buildGraph } from '../../src/flow/describe/graph.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';

class Penguins extends Flow {
  folds = param.int(5, { min: 2, help: 'cross-validation folds' });
  models: string[] = ['knn', 'tree'];
  raw!: string[];
  rows!: number[];
  score!: number;
  best!: number;
  left!: number;

  @step({ retry: 3, timeout: '5m' })
  async load() {
    this.raw = ['1'];
  }

  @step({ after: 'load' })
  clean() {
    this.rows = this.raw.map(Number);
  }

  @step({ after: 'clean', foreach: 'models' })
  train(model: string, index: number) {
    this.score = model.length + index + this.folds;
  }

  @step({ join: 'train' })
  report(tasks: readonly View<Penguins>[]) {
    this.best = Math.max(...tasks.map((t) => t.score));
  }

  @step({ after: 'clean' })
  side() {
    this.left = 1;
  }

  @step({ after: ['report', 'side'] })
  merge(inputs: Inputs<Penguins, 'report' | 'side'>) {
    this.best = inputs.report.best;
  }
}

describe('the description of a flow', () => {
  it('lists steps, parameters and fields as plain data', () => {
    const description = describeFlow(Penguins);
    expect(structuredClone(description)).toEqual(description);
    expect(description.findings).toEqual([]);
    expect(description.name).toBe('Penguins');
    expect(description.steps.map((s) => s.name)).toEqual(['load', 'clean', 'train', 'report', 'side', 'merge']);
    expect(description.steps[0]).toMatchObject({
      retry: { times: 3, backoffMs: 1000, maxBackoffMs: 600_000, jitter: 0.25 },
      timeoutMs: 300_000,
      kind: 'root',
    });
    expect(description.params).toMatchObject([
      { name: 'folds', kind: 'int', required: false, default: '5', min: 2, help: 'cross-validation folds' },
    ]);
    expect(description.fields).toEqual(['folds', 'models', 'raw', 'rows', 'score', 'best', 'left']);
    expect(description.needsConstruction).toBe(false);
  });

  it('gives the scope, parents and children of each step', () => {
    const graph = buildGraph(describeFlow(Penguins));
    expect(checkFlow(describeFlow(Penguins))).toEqual([]);
    expect(graph.steps.map((s) => [s.name, s.kind, s.scope, s.parents, s.closes])).toEqual([
      ['load', 'root', [], [], undefined],
      ['clean', 'linear', [], ['load'], undefined],
      ['train', 'foreach', ['train'], ['clean'], undefined],
      ['report', 'foreach-join', [], ['train'], 'train'],
      ['side', 'linear', [], ['clean'], undefined],
      ['merge', 'branch-join', [], ['report', 'side'], undefined],
    ]);
    expect(graph.steps[1]?.children).toEqual(['train', 'side']);
  });
});
