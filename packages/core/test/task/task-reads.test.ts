import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { TaskSpec, ViewSpec } from '../../src/contract/index.ts';
import { artifact } from '../../src/flow/authoring/artifact-source.ts';
import { Flow, type FlowClass } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import type { Inputs, View } from '../../src/flow/authoring/step-types.ts';
import { type FakeBlobs, setUpValues } from './fake-blobs.ts';
import { runStep } from './run-attempt.ts';

type Fields = Record<string, unknown>;

/** Body of the step under test, set by each test. */
let body: (flow: Fields & Flow, argument: never) => unknown = () => undefined;

class Reading extends Flow {
  items!: string[];
  out!: unknown;

  private act(argument: unknown): void {
    const result = body(this as unknown as Fields & Flow, argument as never);
    if (result !== undefined) this.out = result;
  }

  @step()
  start() {
    this.act(undefined);
  }
  @step({ after: 'start', foreach: 'items' })
  none() {
    this.act(undefined);
  }
  @step({ after: 'start', foreach: 'items' })
  one(item: string) {
    this.act(item);
  }
  @step({ after: 'start', foreach: 'items' })
  both(item: string, index: number) {
    this.act([item, index]);
  }
  @step({ after: 'start', foreach: 'items' })
  hidden(...all: unknown[]) {
    this.act(all);
  }
  @step({ join: 'one' })
  join(tasks: readonly View<Reading>[]) {
    this.act(tasks);
  }
  @step({ after: ['start', 'start'] })
  merge(inputs: Inputs<Reading, 'start'>) {
    this.act(inputs);
  }
  @step({ after: 'start', inputs: 'mutable' })
  change() {
    this.act(undefined);
  }
}

const Class: FlowClass = Reading;

function elements(blobs: FakeBlobs, index = 1): Pick<TaskSpec, 'elements' | 'isForeach'> {
  return { elements: [{ list: blobs.add(['a', 'b', 'c']), index, label: 'b' }], isForeach: true };
}

function view(blobs: FakeBlobs, own: Fields, base: Fields = {}, deleted: string[] = []): ViewSpec {
  const stored = (values: Fields) => Object.fromEntries(Object.entries(values).map(([n, v]) => [n, blobs.add(v)]));
  return { task: 't', own: stored(own), base: stored(base), ...(deleted.length > 0 && { deleted }) };
}

async function readsOf(step: string, spec: (blobs: FakeBlobs) => Partial<TaskSpec>, read: typeof body) {
  const set = setUpValues();
  body = read;
  return runStep(Class, set, step, spec(set.blobs));
}

describe('the arguments of a foreach step', () => {
  it.each<[string, string[], unknown]>([
    ['none', [], undefined],
    ['one', ['@element'], 'b'],
    ['both', ['@element', '@index'], ['b', 1]],
    ['hidden', ['@element', '@index'], ['b', 1]],
  ])('are recorded and passed only if the method can see them: %s', async (step, reads, out) => {
    expect(await readsOf(step, elements, (_, argument) => argument)).toEqual({ reads, out });
  });

  it('are not recorded for a later step inside the same foreach', async () => {
    const inside = (blobs: FakeBlobs) => ({ elements: elements(blobs).elements });
    expect((await readsOf('both', inside, () => undefined)).reads).toEqual([]);
  });
});

describe('the views of a foreach join', () => {
  const three = (blobs: FakeBlobs) => ({
    tasks: [view(blobs, { x: 0, '*': 1 }, { y: 9 }), view(blobs, { x: 1 }, { y: 9 }), view(blobs, {}, { y: 9 }, ['y'])],
  });
  type Tasks = readonly Fields[];

  it.each<[string, (tasks: Tasks) => unknown, string[]]>([
    ['no view', () => undefined, []],
    ['one name of one task', (t) => t[1]?.x, ['[1].x']],
    ['one name of all, which not all have', (t) => t.map((v) => v.x), ['![2].x', '[0].x', '[1].x']],
    ['a name that none has', (t) => t.map((v) => v.z), ['![*].z']],
    ['a name that all but the last have', (t) => t.map((v) => v.y), ['![2].y', '[0].y', '[1].y']],
    ['the names of all', (t) => t.map((v) => Object.keys(v)), ['[*].*']],
    ['the names of one', (t) => Object.keys(t[2] ?? {}), ['[2].*']],
    ['an odd name', (t) => t[0]?.['*'], ['[0].\\*']],
    ['in', (t) => 'x' in (t[0] ?? {}), ['[0].x']],
    ['hasOwn', (t) => [0, 2].map((i) => Object.hasOwn(t[i] ?? {}, 'x')), ['![2].x', '[0].x']],
    ['spreading', (t) => ({ ...t[1] }), ['[1].*', '[1].x', '[1].y']],
    ['JSON', (t) => JSON.stringify(t[1]), ['![1].toJSON', '[1].*', '[1].x', '[1].y']],
    ['printing', (t) => inspect(t[1]), ['[1].*', '[1].x', '[1].y']],
    ['the name of something every object has', (t) => typeof t[0]?.toString, ['![0].toString']],
    ['a descriptor', (t) => Object.getOwnPropertyDescriptor(t[0], 'x')?.value, ['[0].x']],
  ])('record the reads of a step: %s', async (_, read, reads) => {
    const seen = await readsOf('join', three, (_flow, tasks) => void read(tasks as Tasks));
    expect(seen.reads).toEqual([...reads, '@length'].sort());
  });

  it('record one read when a name of all ten thousand is read', async () => {
    const many = (blobs: FakeBlobs) => ({ tasks: Array.from({ length: 10_000 }, (_, i) => view(blobs, { x: i })) });
    const sum = (_: Flow, tasks: never) => (tasks as { x: number }[]).reduce((t, v) => t + v.x, 0);
    expect(await readsOf('join', many, sum)).toEqual({ reads: ['@length', '[*].x'], out: 49_995_000 });
    const most = (_: Flow, tasks: never) => (tasks as { x: number }[]).slice(1).reduce((t, v) => t + v.x, 0);
    expect((await readsOf('join', many, most)).reads).toHaveLength(10_000);
  });

  it('record only their number when there are none', async () => {
    expect(
      (
        await readsOf(
          'join',
          () => ({ tasks: [] }),
          () => undefined,
        )
      ).reads,
    ).toEqual(['@length']);
  });
});

describe('the branches of a static join', () => {
  const two = (blobs: FakeBlobs) => ({ branches: { left: view(blobs, { x: 1 }), right: null } });

  it.each<[string, (inputs: Record<string, Fields>) => unknown, string[]]>([
    ['the names of the branches', (i) => Reflect.ownKeys(i), []],
    ['a name', (i) => i.left?.x, ['left.x']],
    ['a name that a branch does not have', (i) => i.left?.y, ['!left.y']],
    ['all names', (i) => Object.entries(i.left ?? {}), ['left.*', 'left.x']],
  ])('record the reads of a step: %s', async (_, read, reads) => {
    const seen = await readsOf('merge', two, (_flow, inputs) => void read(inputs as Record<string, Fields>));
    expect(seen.reads).toEqual([...reads, '@branches'].sort());
  });

  it('record a name on which they differ also when the step catches the error, which does not name the element', async () => {
    const spec = (blobs: FakeBlobs) => ({ ...two(blobs), conflicts: { x: ['left', 'right'] } });
    const seen = await readsOf('merge', spec, (flow) => {
      try {
        return flow.x;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(seen.reads).toEqual(['@branches', 'x']);
    expect(seen.out).toBe("merge reads 'x', but left and right left different values of it");
  });
});

describe('private copies of inputs', () => {
  it('are recorded and compared like any input', async () => {
    const spec = (blobs: FakeBlobs) => ({ inputs: { rows: blobs.add([1]), best: blobs.add(2), none: blobs.add(0) } });
    const seen = await readsOf('change', spec, (flow) => {
      (flow.rows as number[]).push(2);
      delete flow.none;
      return [flow.best, flow.none];
    });
    expect(seen.reads).toEqual(['best', 'rows']);
  });
});

describe('a stream that reads artifacts while it is stored', () => {
  it('has its reads recorded, though the step has ended by then', async () => {
    const set = setUpValues();
    set.blobs.onPutFile = () => new Uint8Array(0);
    body = (flow) => {
      async function* rows() {
        await Promise.resolve();
        for (const row of flow.rows as string[]) yield row;
      }
      return artifact.stream(rows());
    };
    const outcome = await runStep(Class, set, 'start', { inputs: { rows: set.blobs.add(['a', 'b']) } });
    expect(outcome.reads).toEqual(['rows']);
  });
});
