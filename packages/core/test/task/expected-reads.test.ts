import { describe, expect, it } from 'vitest';
import type { Reference, TaskSpec } from '../../src/contract/index.ts';
import { Flow, type FlowClass } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import type { Inputs } from '../../src/flow/authoring/step-types.ts';
import { setUpValues } from './fake-blobs.ts';
import { runStep } from './run-attempt.ts';

const names = Array.from({ length: 20 }, (_, i) => `field${i}`);

/** Reads the fields it is told to, in this order. */
let order: readonly string[] = [];

class Many extends Flow {
  out!: unknown;

  @step()
  read() {
    const fields = this as unknown as Record<string, string>;
    this.out = order.map((name) => fields[name]?.length);
  }
}
const Class: FlowClass = Many;

/** A value of this many bytes as it is stored. */
const text = (size: number, name: string) => name.padEnd(size - 2, '.');

/** Number of these artifacts in each round trip that fetched some. */
function tripsOf(reads: readonly (readonly string[])[], artifacts: readonly Reference[]): number[] {
  const known = new Set(artifacts.map(({ digest }) => digest));
  return reads.map((digests) => digests.filter((one) => known.has(one)).length).filter((count) => count > 0);
}

function setUp(sizeOf: (i: number) => number) {
  const set = setUpValues();
  const inputs: Record<string, Reference> = {};
  for (const [i, name] of names.entries()) inputs[name] = set.blobs.add(text(sizeOf(i), name));
  const read = async (what: readonly string[], more: Partial<TaskSpec> = {}) => {
    order = what;
    set.blobs.reads.length = 0;
    const { out } = await runStep(Class, set, 'read', { inputs, ...more });
    return { out, trips: tripsOf(set.blobs.reads, Object.values(inputs)) };
  };
  return { ...set, inputs, read };
}

const SMALL_TO_MEDIUM = (i: number) => (i % 2 === 0 ? 20_000 : 300_000);

describe('artifacts that an earlier task of the step read', () => {
  it.each([
    ['in the same order', names],
    ['in the opposite order', [...names].reverse()],
    ['from the middle on', [...names.slice(10), ...names.slice(0, 10)]],
  ])('are fetched in one round trip, read %s', async (_, wanted) => {
    const { read } = setUp(SMALL_TO_MEDIUM);
    const { out, trips } = await read(wanted, { expects: names });
    expect(out).toEqual(wanted.map((name) => SMALL_TO_MEDIUM(names.indexOf(name)) - 2));
    expect(trips).toEqual([20]);
  });

  it('are more than one round trip without that', async () => {
    const { read } = setUp(SMALL_TO_MEDIUM);
    expect((await read(names)).trips.length).toBeGreaterThan(10);
  });

  it('are fetched with the first read, not before, and nothing else is', async () => {
    const { read } = setUp(SMALL_TO_MEDIUM);
    expect((await read([], { expects: names })).trips).toEqual([]);
    expect((await read(['field1', 'field7'], { expects: ['field1', 'field7'] })).trips).toEqual([2]);
  });

  it('are fetched as before when the task reads others', async () => {
    const { read } = setUp(() => 300_000);
    const { trips } = await read(['field2', 'field3'], { expects: ['field0', 'field1', 'gone', '\\*', 'left.field4'] });
    expect(trips).toEqual([1, 1]);
  });

  it('are left out of it when they are large, and bounded together', async () => {
    const large = setUp((i) => (i === 0 ? 5_000_000 : 1000));
    expect((await large.read(names, { expects: names })).trips).toEqual([20]);
    const other = setUp((i) => (i === 19 ? 5_000_000 : 1000));
    expect((await other.read(names, { expects: names })).trips).toEqual([19, 1]);
    const together = setUp(() => 1_000_000);
    const { trips } = await together.read(names, { expects: names });
    expect(trips.reduce((a, b) => a + b)).toBe(20);
    expect(Math.max(...trips)).toBeLessThanOrEqual(9);
    expect(trips.length).toBeLessThanOrEqual(4);
  });

  it('fail the task only when it reads them', async () => {
    const { read, blobs, inputs } = setUp(SMALL_TO_MEDIUM);
    blobs.lost.add(inputs.field5?.digest ?? '');
    expect((await read(['field0', 'field1'], { expects: names })).out).toEqual([19_998, 299_998]);
    await expect(read(['field0', 'field5'], { expects: names })).rejects.toMatchObject({
      code: 'VARVE_MISSING_ARTIFACT',
    });
  });

  it('may be those of a branch', async () => {
    const set = setUpValues();
    class Joined extends Flow {
      out!: unknown;
      @step() left() {}
      @step({ after: ['left', 'left'] }) merge(inputs: Inputs<Joined, 'left'>) {
        const left = inputs.left as unknown as Record<string, string>;
        this.out = names.map((name) => left[name]?.length);
      }
    }
    const own = Object.fromEntries(names.map((name) => [name, set.blobs.add(text(100_000, name))]));
    const branches = { left: { task: 'left', base: {}, own } };
    await runStep(Joined, set, 'merge', { branches, expects: names.map((name) => `left.${name}`) });
    expect(tripsOf(set.blobs.reads, Object.values(own))).toEqual([20]);
  });
});
