import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Flow, type FlowClass } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { secret } from '../../src/flow/authoring/secret.ts';
import { step, transient } from '../../src/flow/authoring/step.ts';

import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { constructRoot } from '../../src/flow/instance/construct-root.ts';
import { type ArtifactAccess, createTask } from '../../src/flow/instance/instance.ts';

import { createView } from '../../src/flow/instance/view.ts';

class Rows extends Flow {
  folds = param.int(5);
  url = param.string('https://example.org');
  rows!: number[];
  best!: number;
  declared?: number;
  key = secret('VARVE_TEST_KEY');
  static made = 0;

  get doubled() {
    return this.rows.map((r) => r * 2);
  }

  helper() {
    return this.rows.length;
  }

  @step()
  load() {
    this.rows = [1, 2];
  }
}

class Counter extends Flow {
  folds = param.int(5);
  other = param.int(7);
  #count = this.folds * 10;
  static constructed = 0;
  static counted = 0;
  @transient
  pool = { size: this.folds };
  models = ['a'];

  constructor() {
    super();
    Counter.constructed++;
  }

  @step()
  load() {
    this.#count += 1;
    Counter.counted = this.#count;
  }
}

function open<T extends Flow>(
  Class: FlowClass<T>,
  inputs: Record<string, unknown>,
  more: Partial<ArtifactAccess> = {},
) {
  const loads: string[] = [];
  const description = describeFlow(Class);
  const task = createTask(Class, description, {
    names: Object.keys(inputs),
    load: (name) => {
      loads.push(name);
      return inputs[name];
    },
    conflict: () => undefined,
    isParameter: (name) => description.params.some((p) => p.name === name),
    run: () => ({ id: 'r1' }),
    random: () => 0.5,
    now: () => 1,
    ...more,
  });
  const finish = () => ({ ...task.finish(), reads: [...task.reads()].sort() });
  return { ...task, finish, loads, loose: task.instance as unknown as Record<string, unknown> };
}

describe('the constructor of a flow', () => {
  it('creates root artifacts from real parameter values', () => {
    const artifacts = constructRoot(Rows, { folds: 9 });
    expect([...artifacts]).toEqual([
      ['folds', 9],
      ['url', 'https://example.org'],
    ]);
  });

  it('creates no artifacts for transient fields', () => {
    expect([...constructRoot(Counter, { folds: 2, other: 3 }).keys()].sort()).toEqual(['folds', 'models', 'other']);
  });
});

describe('a task that reads artifacts', () => {
  it('loads an artifact on its first read only, and records it', () => {
    const { instance, finish, loads } = open(Rows, { rows: [1], best: 2 });
    expect(loads).toEqual([]);
    expect([instance.helper(), instance.helper(), instance.doubled]).toEqual([1, 1, [2]]);
    expect(loads).toEqual(['rows']);
    expect(finish()).toEqual({ writes: new Map(), deletes: [], reads: ['rows'] });
  });

  it('records an absent name, however it is read', () => {
    const { instance, finish, loose } = open(Rows, { rows: [1] });
    expect(instance.best).toBeUndefined();
    expect('declared' in instance).toBe(false);
    expect(Object.hasOwn(instance, 'x')).toBe(false);
    expect(loose.then).toBeUndefined();
    expect(finish().reads).toEqual(['!best', '!declared', '!then', '!x']);
  });

  it('records a name that is tested with in', () => {
    const { instance, finish } = open(Rows, { rows: [1] });
    expect('rows' in instance).toBe(true);
    expect('helper' in instance).toBe(true);
    expect(finish().reads).toEqual(['rows']);
  });

  it.each([
    ['Object.keys', (o: object) => Object.keys(o)],
    ['Reflect.ownKeys', (o: object) => Reflect.ownKeys(o)],
    [
      'for in',
      (o: object) => {
        for (const _ in o);
      },
    ],
  ])('records %s as a read of the set of names', (_, look) => {
    const { instance, finish, loads } = open(Rows, { rows: [1], best: 2 });
    look(instance);
    expect(finish().reads).toEqual(['*']);
    expect(loads).toEqual([]);
  });

  it('records spreading and JSON as reads of the names and of every value', () => {
    const spread = open(Rows, { rows: [1], best: 2 });
    expect({ ...spread.instance }).toEqual({ rows: [1], best: 2 });
    expect(spread.finish().reads).toEqual(['*', 'best', 'rows']);
    const json = open(Rows, { rows: [1] });
    expect(JSON.stringify(json.instance)).toBe('{"rows":[1]}');
    expect(json.finish().reads).toEqual(['!toJSON', '*', 'rows']);
  });

  it('does not record members of the class, of Object.prototype, or symbols', () => {
    const { instance, finish } = open(Rows, { rows: [1] });
    expect(String(instance)).toBe('[object Object]');
    expect(instance.constructor).toBe(Rows);
    expect(instance).toBeInstanceOf(Rows);
    expect(finish().reads).toEqual([]);
  });

  it('throws the error of a conflicting name, and only for that name', () => {
    const { instance } = open(
      Rows,
      { rows: [1] },
      { conflict: (n) => (n === 'best' ? new Error('left and right') : undefined) },
    );
    expect(() => instance.best).toThrow('left and right');
    expect(() => 'best' in instance).toThrow('left and right');
    instance.best = 3;
    expect(instance.best).toBe(3);
  });
});

describe('a task that writes artifacts', () => {
  it('returns its own writes and does not record them as reads', () => {
    const { instance, finish, loose, loads } = open(Rows, { rows: [1] });
    const live = [5];
    instance.rows = live;
    loose.fresh = 1;
    instance.rows.push(6);
    expect(instance.rows).toBe(live);
    expect(Object.keys(instance)).toEqual(['rows', 'fresh']);
    expect(finish()).toEqual({
      writes: new Map<string, unknown>([
        ['rows', live],
        ['fresh', 1],
      ]),
      deletes: [],
      reads: ['*'],
    });
    expect(loads).toEqual([]);
  });

  it('accepts every way of setting a property', () => {
    const { instance, finish } = open(Rows, {});
    Object.assign(instance, { a: 1 });
    Object.defineProperty(instance, 'b', { value: 2, configurable: true });
    Reflect.set(instance, 'c', 3);
    expect([...finish().writes]).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('drops the deletion of a name that it sets again', () => {
    const { finish, loose } = open(Rows, { rows: [1], best: 2 });
    delete loose.rows;
    delete loose.best;
    expect(loose.rows).toBeUndefined();
    loose.best = 4;
    expect(finish()).toEqual({ writes: new Map([['best', 4]]), deletes: ['rows'], reads: [] });
  });

  it('cannot change a parameter', () => {
    const { instance, loose } = open(Rows, { folds: 5 });
    expect(() => {
      instance.folds = 3;
    }).toThrow(expect.objectContaining({ code: 'VARVE_PARAM_READONLY' }));
    expect(() => delete loose.folds).toThrow(expect.objectContaining({ code: 'VARVE_PARAM_READONLY' }));
    expect(instance.folds).toBe(5);
  });

  it('cannot write after the end of its step', () => {
    const { instance, finish } = open(Rows, {});
    finish();
    expect(() => {
      instance.best = 1;
    }).toThrow(expect.objectContaining({ code: 'VARVE_LATE_WRITE' }));
  });

  it('shares no state with other tasks', () => {
    const a = open(Rows, {});
    const b = open(Rows, { best: 1 });
    a.instance.best = 2;
    expect(b.instance.best).toBe(1);
    expect(Object.keys(Rows.prototype)).toEqual([]);
  });
});

describe('this.run and secrets', () => {
  it('exist, are read-only and are never artifacts', () => {
    const { instance, finish } = open(Rows, {});
    expect(instance.run).toEqual({ id: 'r1' });
    expect(() => {
      (instance as { run: unknown }).run = 1;
    }).toThrow(TypeError);
    expect(String(instance.key)).toBe('[secret VARVE_TEST_KEY]');
    expect(inspect({ key: instance.key })).toBe('{ key: [secret VARVE_TEST_KEY] }');
    expect(JSON.stringify([instance.key])).toBe('["[secret VARVE_TEST_KEY]"]');
    expect({ ...instance }).toEqual({});
    expect(finish().reads).toEqual(['*']);
  });

  it('take secrets from the environment when they are used', () => {
    const { instance } = open(Rows, {});
    expect(() => instance.key.value()).toThrow(expect.objectContaining({ code: 'VARVE_SECRET_MISSING' }));
    process.env.VARVE_TEST_KEY = 'hush';
    try {
      expect(instance.key.value()).toBe('hush');
    } finally {
      delete process.env.VARVE_TEST_KEY;
    }
  });
});

describe('classes with #private or transient fields', () => {
  it('are constructed with the stored parameters, and reads of initialisers are recorded', () => {
    expect(describeFlow(Counter)).toMatchObject({ needsConstruction: true, transient: ['pool'], findings: [] });
    const { instance, finish } = open(Counter, { folds: 3, other: 4, models: ['b'] });
    instance.load();
    expect(Counter.counted).toBe(31);
    expect(instance.pool).toEqual({ size: 3 });
    expect(finish()).toEqual({ writes: new Map(), deletes: [], reads: ['folds'] });
  });

  it('show stored artifacts, not the values of initialisers', () => {
    const { instance, loose } = open(Counter, { folds: 3, other: 4, models: ['stored'] });
    expect(instance.models).toEqual(['stored']);
    expect(Object.keys(instance)).toEqual(['folds', 'other', 'models']);
    loose.pool = 'changed';
    expect(loose.pool).toBe('changed');
    expect(open(Counter, { folds: 3, other: 4 }).instance.models).toBeUndefined();
  });

  it('are the only ones whose constructor runs in a task', () => {
    const before = Counter.constructed;
    open(Counter, { folds: 1, other: 1 });
    expect(Counter.constructed).toBe(before + 1);
  });
});

describe('a view of a finished task', () => {
  const looked: string[] = [];
  const view = createView(
    ['score', 'rows'],
    (name) => `${name}!`,
    (name, there) => looked.push(`${name} ${there}`),
  ) as Record<string, unknown>;

  it('loads artifacts lazily and reports absent names', () => {
    looked.length = 0;
    expect([view.score, view.train, 'nothing' in view]).toEqual(['score!', undefined, false]);
    expect(looked).toEqual(['score true', 'train false', 'nothing false']);
  });

  it('can be enumerated, spread and printed', () => {
    looked.length = 0;
    expect(Object.keys(view)).toEqual(['score', 'rows']);
    expect(looked).toEqual(['undefined true']);
    expect({ ...view }).toEqual({ score: 'score!', rows: 'rows!' });
    expect(inspect(view)).toBe("{ score: 'score!', rows: 'rows!' }");
  });

  it('cannot be changed', () => {
    const readonly = expect.objectContaining({ code: 'VARVE_VIEW_READONLY' });
    expect(() => {
      view.score = 1;
    }).toThrow(readonly);
    expect(() => {
      view.fresh = 1;
    }).toThrow(readonly);
    expect(() => delete view.score).toThrow(readonly);
  });
});
