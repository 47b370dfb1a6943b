import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, Project, type RunEventLine } from '../../support/project.ts';

const SHAPES = `
import { Flow, step, type Inputs, type View } from 'varve';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export default class Shapes extends Flow {
  seed = 3;
  delays: number[] = [];
  nothing: string[] = [];
  groups: { name: string; items: number[] }[] = [];
  before = 'set before the split';
  left!: number; right!: number; agreed!: object; differs!: string; onlyLeft!: string;
  place!: number; seen!: unknown; items!: number[]; square!: number; squares!: number[];
  sum!: number; result!: Record<string, unknown>; empty!: unknown; order!: number[]; nested!: unknown; afterSplit!: unknown;

  @step() async start() {
    this.delays = [60, 0, 30];
    this.groups = [{ name: 'a', items: [1, 2] }, { name: 'b', items: [] }, { name: 'c', items: [3] }];
  }
  @step({ after: 'start' }) goLeft() { this.left = this.seed + 1; this.agreed = { a: 1 }; this.differs = 'L'; this.onlyLeft = 'here'; }
  @step({ after: 'start' }) goRight() { this.right = this.seed * 2; this.agreed = { a: 1 }; this.differs = 'R'; }
  @step({ after: ['goLeft', 'goRight'] }) both(inputs: Inputs<Shapes, 'goLeft' | 'goRight'>) {
    this.sum = this.left + this.right;
    this.seen = [this.agreed, this.onlyLeft, inputs.goLeft.differs, inputs.goRight.differs];
    this.differs = 'settled';
  }

  @step({ after: 'start', foreach: 'delays' }) async wait(delay: number, index: number) {
    await sleep(delay);
    this.place = index * 1000 + delay;
    this.before = 'changed in ' + index;
  }
  @step({ join: 'wait' }) ordered(tasks: readonly View<Shapes>[]) {
    this.order = tasks.map((task) => task.place);
    this.afterSplit = [this.before, tasks[1]?.before, (this as { place?: number }).place ?? null];
  }

  @step({ after: 'start', foreach: 'nothing' }) never() { throw new Error('there is no element'); }
  @step({ join: 'never' }) onNothing(tasks: readonly View<Shapes>[]) { this.empty = tasks.length; }

  @step({ after: 'start', foreach: 'groups' }) open(group: { name: string; items: number[] }) { this.items = group.items; }
  @step({ after: 'open', foreach: 'items' }) inner(item: number, index: number) { this.square = item * item + index / 10; }
  @step({ join: 'inner' }) closeInner(tasks: readonly View<Shapes>[]) { this.squares = tasks.map((task) => task.square); }
  @step({ join: 'closeInner' }) closeOuter(tasks: readonly View<Shapes>[]) { this.nested = tasks.map((task) => task.squares); }

  @step({ after: ['both', 'ordered', 'onNothing', 'closeOuter'] }) end() {
    this.result = { sum: this.sum, seen: this.seen, differs: this.differs, order: this.order, afterSplit: this.afterSplit, empty: this.empty, nested: this.nested };
  }
}
`;

describe('varve run', () => {
  const project = new Project({ 'shapes.ts': SHAPES });
  let events: RunEventLine[];
  let result: Record<string, unknown>;
  beforeAll(async () => {
    events = await project.events(['shapes.ts']);
    result = await project.json('artifacts', 'get', '@last', 'result');
  });

  it('passes values that branches agree on to a static join, and the others by branch', () => {
    expect(result).toMatchObject({ sum: 10, seen: [{ a: 1 }, 'here', 'L', 'R'], differs: 'settled' });
  });

  it('passes tasks to a join in the order of the elements', () => {
    expect(result.order).toEqual([60, 1000, 2030]);
  });

  it('restores the artifacts from before a foreach in its join, and shows those of the tasks in views', () => {
    expect(result.afterSplit).toEqual(['set before the split', 'changed in 1', null]);
  });

  it('runs the join of an empty foreach', () => {
    expect(result.empty).toBe(0);
    expect(events.filter((e) => e.step === 'never')).toMatchObject([{ type: 'step-expanded', count: 0 }]);
  });

  it('runs nested foreach steps, also when one is empty', () => {
    expect(result.nested).toEqual([[1, 4.1], [], [9]]);
    const inner = events.filter((e) => e.type === 'task-ended' && e.step === 'inner').map((e) => e.task);
    expect(inner.sort()).toEqual(['inner[0,0]', 'inner[0,1]', 'inner[2,0]']);
  });

  it('prints the start, the outcome of every task and the end as JSON lines', () => {
    expect(events[0]).toMatchObject({
      v: 1,
      type: 'run-started',
      flow: 'Shapes',
      number: 1,
      steps: expect.arrayContaining(['both']),
    });
    expect(new Date(String(events[0]?.t)).toISOString()).toBe(events[0]?.t);
    expect(events.at(-1)).toMatchObject({
      type: 'run-ended',
      status: 'succeeded',
      summary: { counts: { succeeded: 20 } },
    });
    expect(events.find((e) => e.type === 'task-ended' && e.step === 'goLeft')).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      writes: { left: 1 },
    });
  });
});

describe('an artifact on which branches differ', () => {
  const project = new Project({
    'differ.ts': `
import { Flow, step } from 'varve';
export default class Differ extends Flow {
  value!: number; read!: number;
  @step() begin() {}
  @step({ after: 'begin' }) one() { this.value = 1; }
  @step({ after: 'begin' }) two() { this.value = 2; }
  @step({ after: ['one', 'two'] }) join() { this.read = this.value; }
}`,
    'leaves.ts': `
import { Flow, step } from 'varve';
export default class Leaves extends Flow {
  value!: number; only!: string;
  @step() one() { this.value = 1; this.only = 'one'; }
  @step() two() { this.value = 2; }
}`,
  });

  it('fails the step that reads it, with the branches and a hint', async () => {
    const run = await project.varve(['run', 'differ.ts']);
    expectCode(run, 1);
    expect(run.stderr).toContain("join reads 'value', but one and two left different values of it");
    expect(run.stderr).toContain('inputs.one.value');
    expect(run.stderr).toContain('differ.ts:8');
  });

  it('is an error when it is read from a run with several last steps', async () => {
    expectCode(await project.varve(['run', 'leaves.ts']), 0);
    expect(await project.json('artifacts', 'get', 'Leaves/1', 'only')).toBe('one');
    const read = await project.varve(['artifacts', 'get', 'Leaves/1', 'value']);
    expectCode(read, 2);
    expect(read.stderr).toContain("one and two left different values of 'value'");
    expect(read.stderr).toContain('varve artifacts get Leaves/1/one value');
    expect(await project.json('artifacts', 'get', 'Leaves/1/two', 'value')).toBe(2);
  });
});
