import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { StoredError } from '../../src/contract/index.ts';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { secret } from '../../src/flow/authoring/secret.ts';
import { step, transient } from '../../src/flow/authoring/step.ts';
import type { Inputs, View } from '../../src/flow/authoring/step-types.ts';

declare const schema: StandardSchemaV1<string, { readonly parsed: number }>;

/** Every feature of a flow, used correctly: it compiles with both kinds of decorators. */
export class Correct extends Flow {
  folds = param.int(5, { min: 2, help: 'cross-validation folds' });
  required = param.int({ help: 'needed' });
  label = param.string('x', { maxLength: 3 });
  size = param.enum(['big', 'small'], 'big');
  text = param.file('data.csv', { as: 'text' });
  bytes = param.file();
  options = param.json<{ readonly a: number }>({ default: { a: 1 } });
  parsed = param(schema, { default: '1' });
  key = secret('KEY');
  @transient
  pool = new Map<string, number>();
  models: ('knn' | 'tree')[] = ['knn'];
  pairs!: readonly (readonly [string, number])[];
  optional?: number[];
  flag!: boolean;
  score!: number;
  problem?: StoredError;
  #hidden = 1;

  get doubled(): number {
    return this.score * 2 + this.#hidden;
  }

  @step()
  async load() {
    const folds: number = this.folds + this.required;
    const size: 'big' | 'small' = this.size;
    const text: string = this.text;
    const bytes: Uint8Array = this.bytes;
    const a: number = this.options.a + this.parsed.parsed;
    this.pairs = [[size + text, folds + a + bytes.length]];
    this.flag = this.run.signal.aborted;
    const drawn: number = this.random() + this.now();
    this.score = drawn;
  }

  @step({
    after: 'load',
    foreach: 'models',
    retry: { times: 3, backoff: '10s', on: [TypeError, 'ECONNRESET'] },
    timeout: '5m',
  })
  train(model: 'knn' | 'tree', index: number) {
    this.score = model.length + index;
  }

  @step({ after: 'load', foreach: 'pairs', concurrency: 10, rate: '10/s' })
  pair([name, value]: readonly [string, number]) {
    this.score = name.length + value;
  }

  @step({ after: 'load', foreach: 'optional' })
  some(_item: number) {}

  @step({ join: 'train' })
  report(tasks: readonly View<Correct>[]) {
    this.score = Math.max(...tasks.map((t) => t.score));
  }

  @step({ join: 'pair' })
  classJoin(tasks: readonly Correct[]) {
    this.score = tasks.length;
  }

  @step({ after: 'load', when: 'flag', catch: 'problem', cache: { version: 2, ttl: '1d', scope: 'flow' } })
  left() {}

  @step({
    after: 'load',
    when: { size: 'big' },
    effect: { key: 'k' },
    inputs: { artifacts: 'mutable', env: { include: ['A'], exclude: ['B_*'] }, files: { exclude: ['logs/**'] } },
  })
  right() {}

  @step({ after: 'load', when: { size: ['big', 'small'] }, inputs: 'mutable', runner: 'process' })
  either() {}

  @step({ after: ['left', 'right'], cache: false })
  merge(inputs: Inputs<Correct, 'left', 'right'>) {
    this.score = inputs.left.score + (inputs.right?.score ?? 0);
  }
}

/** A class may declare members of its own with the names of members of `Flow`. */
export class OwnNames extends Flow {
  items: string[] = [];

  override random(): number {
    return 4;
  }

  override now(): number {
    return 5;
  }

  @step()
  start() {
    const sum: number = this.random() + this.now();
    this.items = [String(sum)];
  }

  @step({ join: 'each' })
  end(tasks: readonly View<OwnNames>[]) {
    const items: string[] = tasks.flatMap((task) => task.items);
    this.items = items;
  }

  @step({ after: 'start', foreach: 'items' })
  each(_item: string) {}
}

/** Names of a base class count as names of the class. */
export class Derived extends Correct {
  extra: string[] = [];

  @step({ after: 'merge', foreach: 'extra' })
  more(item: string) {
    this.label = item;
  }

  @step({ after: 'load', foreach: 'models' })
  again(_model: 'knn' | 'tree') {}
}
