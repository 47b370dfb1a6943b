import { describe, expect, it } from 'vitest';
import { Flow, step } from '../../src/index.ts';
import { createTesting, logOf, runStep, testFlow } from '../../src/testing.ts';

class Own {
  readonly n = 1;
}

class Kinds extends Flow {
  date!: Date;
  big!: bigint;
  map!: Map<string, Set<number>>;
  bytes!: Uint8Array;
  nothing!: { readonly a: undefined; readonly b: null };
  bad!: unknown;
  seen!: string[];

  @step() make() {
    this.date = new Date(0);
    this.big = 2n ** 70n;
    this.map = new Map([['a', new Set([1])]]);
    this.bytes = new Uint8Array([1, 2]);
    this.nothing = { a: undefined, b: null };
    console.log('made');
  }

  @step({ after: 'make' }) look() {
    this.seen = [this.date, this.big, this.map, this.bytes, this.nothing].map((value) => value.constructor?.name);
  }

  @step({ after: 'look' }) change() {
    this.map.set('b', new Set());
  }
}

describe('varve/testing', () => {
  it('stores values as the default stack does', async () => {
    const run = await testFlow(Kinds);
    const { date, big, map, bytes, nothing, seen } = run.task('look').artifacts;
    expect({ date, big, map, bytes, nothing }).toEqual({
      date: new Date(0),
      big: 2n ** 70n,
      map: new Map([['a', new Set([1])]]),
      bytes: new Uint8Array([1, 2]),
      nothing: { a: undefined, b: null },
    });
    expect(seen).toEqual(['Date', 'BigInt', 'Map', 'Uint8Array', 'Object']);
    expect(run.error?.message).toContain("change changed 'map' in place");
    expect(logOf(await runStep(Kinds, 'make')).map((line) => line.text)).toEqual(['made']);
  });

  it('refuses values that the default stack refuses, with the path', async () => {
    const deep = { list: [{ f: () => 1 }] };
    const stub = {
      make(this: Kinds) {
        this.bad = deep;
      },
    };
    const { error } = await testFlow(Kinds, { stub });
    expect(error?.code).toBe('VARVE_NOT_STORABLE');
    expect(error?.message).toContain('make assigned this.bad.list[0].f: it is a function');
    await expect(runStep(Kinds, 'look', { bad: { own: new Own() } })).rejects.toMatchObject({
      code: 'VARVE_NOT_STORABLE',
      message: expect.stringContaining('the test of look assigned this.bad.own: '),
    });
  });

  it('works over another serializer', async () => {
    const { exact } = await import('@varve/serializer-exact');
    let asked = 0;
    const own = createTesting({
      serializer: () => {
        asked++;
        return exact();
      },
    });
    await Promise.all([own.testFlow(Kinds), own.runStep(Kinds, 'make')]);
    expect(asked).toBe(1);
  });
});
