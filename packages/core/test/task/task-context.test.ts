import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ContextField, TaskSpec } from '../../src/contract/index.ts';
import { Flow, type RunContext } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { AttemptAbort } from '../../src/task/attempt/step-scope.ts';
import { createRunContext } from '../../src/task/attempt/task-context.ts';
import { packSpecs, unpackSpecs } from '../../src/task/remote/packed-tasks.ts';
import { setUpValues, specWith } from './fake-blobs.ts';
import { attempt, runStep } from './run-attempt.ts';

const ALL = ['run.attempt', 'run.flow', 'run.id', 'run.number', 'run.origin', 'run.task'];

function readsOf(read: (run: RunContext) => unknown, more: Partial<TaskSpec> = {}) {
  const fields = new Set<ContextField>();
  const spec = { ...specWith({}), origin: 'r0', ...more };
  const result = read(createRunContext(spec, new AttemptAbort(), (field) => fields.add(field)));
  return { result, fields: [...fields].sort() };
}

const list = { digest: 'sha256:00', size: 1, codec: 'json' };
const inside = { elements: [{ list, index: 2, label: 'knn' }] };

describe('this.run', () => {
  it.each(['id', 'number', 'flow', 'task', 'attempt', 'origin'] as const)('records that %s was read', (field) => {
    const { result, fields } = readsOf((run) => run[field]);
    expect(result).not.toBeUndefined();
    expect(fields).toEqual([`run.${field}`]);
  });

  it('records the fields of the element that are read', () => {
    expect(readsOf((run) => run.element !== undefined, inside)).toEqual({ result: true, fields: [] });
    expect(readsOf((run) => run.element?.index, inside)).toEqual({ result: 2, fields: ['index'] });
    expect(readsOf((run) => run.element?.label, inside)).toEqual({ result: 'knn', fields: ['label'] });
    expect(readsOf((run) => run.element)).toEqual({ result: undefined, fields: [] });
  });

  it('records nothing for fields that are the same in every run, nor for the names of fields', () => {
    expect(readsOf((run) => [run.step, run.signal.aborted, typeof run.log, Object.keys(run).length]).fields).toEqual(
      [],
    );
  });

  it.each<[string, (run: RunContext) => unknown]>([
    ['spreading', (run) => ({ ...run, element: { ...run.element } })],
    ['JSON', (run) => JSON.stringify(run)],
    ['printing', (run) => inspect(run)],
    ['entries', (run) => [Object.entries(run), Object.values(run.element ?? {})]],
  ])('records all fields that %s reads', (_, read) => {
    expect(readsOf(read, inside).fields).toEqual([...ALL, 'index', 'label'].sort());
  });

  it('is printed with its values, and is frozen', () => {
    const { result } = readsOf((run) => run, inside);
    const run = result as RunContext;
    expect(inspect(run)).toContain("label: 'knn'");
    expect(Object.isFrozen(run) && Object.isFrozen(run.element)).toBe(true);
    expect(() => {
      (run as { id: string }).id = 'other';
    }).toThrow(TypeError);
  });
});

class Drawing extends Flow {
  items!: string[];
  out!: unknown;

  @step()
  draw() {
    this.out = [this.random(), this.random()];
  }
  @step()
  time() {
    this.out = this.now();
  }
}

describe('numbers and time in a task', () => {
  const seed = 'ab'.repeat(32);

  it('come from its seed, the same for every attempt, and count as a read of the seed', async () => {
    const set = setUpValues();
    const first = await runStep(Drawing, set, 'draw', { seed });
    expect(await runStep(Drawing, set, 'draw', { seed, attempt: 2, runId: 'other' })).toEqual(first);
    expect(first.reads).toEqual([]);
    const elements = [{ list: set.blobs.add(['a']), index: 0, label: 'a' }];
    const other = await runStep(Drawing, set, 'draw', { seed: seed.replace('ab', 'ac'), elements });
    expect(other.reads).toEqual(['@seed']);
    expect(other.out).not.toEqual(first.out);
  });

  it('need a seed', async () => {
    const outcome = await attempt(Drawing, setUpValues().values, 'draw');
    expect(outcome).toMatchObject({ ok: false, retryable: false, error: { code: 'VARVE_NO_SEED' } });
  });

  it('are those of the run, or of the clock when the spec has none', async () => {
    expect(await runStep(Drawing, setUpValues(), 'time', { now: 5 })).toEqual({ reads: [], out: 5 });
    const { out } = await runStep(Drawing, setUpValues(), 'time');
    expect(out).toBeGreaterThan(1_700_000_000_000);
  });

  it('keep their seeds on the way to a worker', () => {
    const inputs = {};
    const specs = ['a', 'b', 'c'].map(
      (label, index): TaskSpec => ({
        ...specWith({}),
        inputs,
        task: `read[${index}]`,
        label: `read[${label}]`,
        seed: `0${index}`,
        now: 7,
        elements: [{ list, index, label }],
      }),
    );
    const packed = packSpecs(specs.map((spec, id) => ({ id, multiplexed: false, spec })));
    expect(packed.specs).toHaveLength(1);
    expect(unpackSpecs(structuredClone(packed)).map((one) => one.spec)).toEqual(specs);
  });
});
