import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { step, transient } from '../../src/flow/authoring/step.ts';

import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { type Loose, open } from './open-task.ts';

class Base extends Flow {
  helper() {
    return 'base';
  }

  baseRows() {
    return (this as unknown as Loose).rows;
  }
}

class Rows extends Base {
  folds = param.int(5);
  rows!: number[];

  get first() {
    return this.rows[0];
  }

  superRows() {
    return (super['rows' as never] as unknown) ?? 'nothing';
  }

  @step()
  load() {}
}

function looksOf(inputs: Loose, look: (o: Loose) => unknown): string[] {
  const { loose, looked } = open(Rows, inputs);
  look(loose);
  return looked();
}

describe('a task records its reads of artifacts', () => {
  it.each<[string, (o: Loose) => unknown, string[]]>([
    ['a field', (o) => o.rows, ['rows']],
    ['a getter of the class', (o) => o.first, ['rows']],
    ['a method of a base class', (o) => (o as unknown as Rows).baseRows(), ['rows']],
    ['destructuring', ({ rows, none }) => [rows, none], ['!none', 'rows']],
    ['the rest of a pattern', ({ rows: _, ...rest }) => rest, ['*', 'best', 'rows']],
    ['in', (o) => ['rows' in o, 'none' in o], ['!none', 'rows']],
    ['hasOwn', (o) => [Object.hasOwn(o, 'rows'), Object.hasOwn(o, 'none')], ['!none', 'rows']],
    ['hasOwnProperty', (o) => Object.hasOwn(o, 'rows'), ['rows']],
    ['propertyIsEnumerable', (o) => Object.prototype.propertyIsEnumerable.call(o, 'rows'), ['rows']],
    ['a descriptor', (o) => Object.getOwnPropertyDescriptor(o, 'rows'), ['rows']],
    ['its getter', (o) => Object.getOwnPropertyDescriptor(o, 'rows')?.get?.call(o), ['rows']],
    ['__lookupGetter__', (o) => (o as { __lookupGetter__(n: string): unknown }).__lookupGetter__('rows'), ['rows']],
    ['Reflect.get', (o) => Reflect.get(o, 'rows'), ['rows']],
    ['an object made from it', (o) => Object.create(o).rows, ['rows']],
    ['Object.entries', (o) => Object.entries(o), ['*', 'best', 'rows']],
    ['Object.values', (o) => Object.values(o), ['*', 'best', 'rows']],
    ['Object.assign', (o) => Object.assign({}, o), ['*', 'best', 'rows']],
    ['all descriptors', (o) => Object.getOwnPropertyDescriptors(o), ['*']],
    ['printing', (o) => inspect(o), ['*']],
    ['printing what is behind the proxy', (o) => inspect(o, { showProxy: true }), ['*']],
    ['formatting', (o) => format('%o %O %j', o, o, o), ['!toJSON', '*', 'best', 'rows']],
    ['a method, its class, a symbol', (o) => [o.helper, o.constructor, o.toString, Object.keys(Rows)], []],
  ])('by %s', (_, look, reads) => {
    expect(looksOf({ rows: [1], best: 2 }, look)).toEqual(reads);
  });

  it('and escapes names that have a meaning in a read', () => {
    const odd = ['a.b', '!x', '*', '@element', '[0].x', 'a\\b', ''];
    const { loose, looked } = open(Rows, Object.fromEntries(odd.map((name) => [name, 1])));
    for (const name of odd) expect(loose[name]).toBe(1);
    expect(looked()).toEqual(['', '\\!x', '\\*', '\\@element', '\\[0]\\.x', 'a\\.b', 'a\\\\b'].sort());
    expect(looksOf({}, (o) => [o['!x'], o['*']])).toEqual(['!\\!x', '!\\*']);
  });

  it('also through super, which finds no artifact', () => {
    const { instance, looked } = open(Rows, { rows: [1] });
    expect(instance.superRows()).toBe('nothing');
    expect(looked()).toEqual(['rows']);
  });

  it('and prints its fields through a copy that does not count as the task', () => {
    const { instance } = open(Rows, { rows: [1] });
    expect(inspect(instance)).toBe('Rows { rows: [Getter/Setter] }');
  });

  it('before it throws the error of a name on which branches differ', () => {
    const conflict = (name: string) => (name === 'best' ? new Error('left and right') : undefined);
    const { loose, looked } = open(Rows, {}, { conflict });
    expect(() => loose.best).toThrow('left and right');
    expect(looked()).toEqual(['best']);
    const asked = open(Rows, {}, { conflict });
    expect(() => 'best' in asked.loose).toThrow('left and right');
    expect(asked.looked()).toEqual(['best']);
  });

  it('but not those of names that it has assigned or deleted itself', () => {
    const looked = looksOf({ rows: [1], best: 2 }, (o) => {
      o.rows = [2];
      delete o.best;
      return [o.rows, o.best, 'rows' in o, 'best' in o, Object.hasOwn(o, 'best')];
    });
    expect(looked).toEqual([]);
  });

  it('also after its step has ended', () => {
    const { loose, finish, looked } = open(Rows, { rows: [1] });
    finish();
    expect(loose.rows).toEqual([1]);
    expect(looked()).toEqual(['rows']);
  });

  it('but none when an instance cannot be cloned', () => {
    const { loose, looked } = open(Rows, { rows: [1] });
    expect(() => structuredClone(loose)).toThrow(/could not be cloned/);
    expect(looked()).toEqual([]);
  });
});

class Peeking extends Flow {
  folds = param.int(5);
  size = param.int(3);
  depth = param.int(2);
  unused = param.int(1);
  doubled = this.folds * 2;
  #descriptor = Object.getOwnPropertyDescriptor(this, 'size')?.value as number;
  @transient
  later = () => this.depth;

  @step()
  load() {}

  look() {
    return [this.#descriptor, this.later()];
  }
}

class Printing extends Flow {
  folds = param.int(5);
  @transient
  text = inspect(this);

  @step()
  load() {}
}

describe('field initialisers that run again in each task', () => {
  it('record the parameters they read in any way, and closures those they read later', () => {
    const { instance, looked } = open(Peeking, { folds: 5, size: 3, depth: 2, unused: 1 });
    expect(looked()).toEqual(['folds', 'size']);
    expect(instance.look()).toEqual([3, 2]);
    expect(looked()).toEqual(['depth', 'folds', 'size']);
  });

  it('record the parameters they print', () => {
    const { instance, looked } = open(Printing, { folds: 5 });
    expect(instance.text).toContain('folds');
    expect(looked()).toEqual(['folds']);
  });
});

class Shadowing extends Base {
  first = 1;

  @step()
  load() {}
}
Object.defineProperty(Shadowing.prototype, 'first', { get: () => 1, configurable: true });

describe('the name of a class member', () => {
  it('cannot become an artifact', () => {
    const { loose, finish } = open(Rows, {});
    const refused = expect.objectContaining({ code: 'VARVE_RESERVED_NAME' }) as Error;
    for (const name of ['helper', 'first', 'toString', 'now', 'random']) {
      const define = () => Object.defineProperty(loose, name, { value: 1, configurable: true });
      expect(define, name).toThrow(refused);
    }
    expect(() => {
      loose.helper = 1;
    }).toThrow(refused);
    expect(finish().writes.size).toBe(0);
  });

  it('is reported when a field of the flow has it', () => {
    expect(describeFlow(Shadowing).findings).toMatchObject([{ code: 'VARVE_RESERVED_NAME' }]);
    expect(describeFlow(Rows).findings).toEqual([]);
  });

  it('hides an artifact that an older version of the flow has stored', () => {
    const { instance, loose } = open(Rows, { helper: 3, rows: [1] });
    expect(instance.helper()).toBe('base');
    expect(Object.keys(loose)).toEqual(['rows']);
  });
});
