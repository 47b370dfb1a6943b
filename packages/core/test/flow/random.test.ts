import { describe, expect, it } from 'vitest';
import { Flow, type FlowClass } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { createRandom } from '../../src/task/attempt/task-context.ts';
import { open } from './open-task.ts';

class Rows extends Flow {
  rows!: number[];

  @step()
  load() {}
}

class Early extends Flow {
  early = this.random();

  @step()
  load() {}
}

/** As JavaScript allows it. */
class OwnNames extends (Flow as unknown as new () => object) {
  now = 3;
  random() {
    return 'mine';
  }
}

describe('this.random() and this.now()', () => {
  it('return the random numbers and the time of the task', () => {
    const { instance, looked } = open(Rows, {});
    expect([instance.random(), instance.now()]).toEqual([0.25, 1_700_000_000_000]);
    expect(['random' in instance, Object.keys(instance)]).toEqual([true, []]);
    expect(looked()).toEqual(['*']);
  });

  it('throw outside of a step', () => {
    expect(describeFlow(Early).findings).toMatchObject([
      { code: 'VARVE_CONSTRUCTOR', message: expect.stringContaining('this.random() was called outside') as string },
    ]);
    expect(() => new Rows().now()).toThrow(expect.objectContaining({ code: 'VARVE_OUTSIDE_STEP' }));
  });

  it('are hidden by a field or method of the class', () => {
    const Class = OwnNames as unknown as FlowClass;
    const there = open(Class, { now: 4 });
    expect([there.loose.now, (there.loose.random as () => string)()]).toEqual([4, 'mine']);
    expect(there.looked()).toEqual(['now']);
    there.loose.now = 5;
    expect(there.finish().writes).toEqual(new Map([['now', 5]]));
    const absent = open(Class, {});
    expect(absent.loose.now).toBeTypeOf('function');
    expect(absent.looked()).toEqual(['!now']);
    const conflict = () => new Error('left and right');
    expect(() => open(Class, {}, { conflict }).loose.now).toThrow('left and right');
  });
});

describe('random numbers of a seed', () => {
  const first = (seed: string, count = 3) => {
    const next = createRandom(seed);
    return Array.from({ length: count }, () => next());
  };

  it('are always the same for one seed and differ between seeds', () => {
    expect(first('00'.repeat(32))).toEqual(first('00'.repeat(32)));
    const seeds = ['', '0', '1', 'a', `${'0'.repeat(8)}1`, `${'0'.repeat(24)}1`, 'f'.repeat(64)];
    expect(new Set(seeds.map((seed) => first(seed)[0])).size).toBe(seeds.length - 1);
  });

  it('do not change between versions of varve', () => {
    expect(first('9f86d081884c7d659a2feaa0c55ad015')).toMatchInlineSnapshot(`
      [
        0.5078581313550139,
        0.10767801510569042,
        0.8384843608708408,
      ]
    `);
  });

  it('are in [0, 1) and evenly distributed', () => {
    const many = first('c0ffee', 20_000);
    expect(many.every((x) => x >= 0 && x < 1)).toBe(true);
    const buckets = new Array<number>(10).fill(0);
    for (const x of many) buckets[Math.floor(x * 10)] = (buckets[Math.floor(x * 10)] ?? 0) + 1;
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});
