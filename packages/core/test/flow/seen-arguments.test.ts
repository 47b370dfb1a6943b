import { describe, expect, it } from 'vitest';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { seenArguments } from '../../src/flow/describe/description.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';

const NONE = { element: false, index: false };
const FIRST = { element: true, index: false };
const BOTH = { element: true, index: true };

type Method = (...values: never[]) => unknown;

/** The method named `m`, or the only one, of an object or class body as plain JavaScript. */
function methodIn(body: string): Method {
  const made: unknown = new Function(`return class { ${body} }`)();
  const { prototype } = made as { readonly prototype: Record<string, Method> };
  const name = Object.getOwnPropertyNames(prototype).find((one) => one !== 'constructor') ?? '';
  return Object.getOwnPropertyDescriptor(prototype, name)?.value as Method;
}

describe('the arguments that a method can read', () => {
  it.each<[string, typeof BOTH]>([
    ['m() {}', NONE],
    ['m( ) { return 1 }', NONE],
    ['async m() {}', NONE],
    ['*m() {}', NONE],
    ['async *m() {}', NONE],
    ['async() {}', NONE],
    ['m(x) {}', FIRST],
    ['m(x,) {}', FIRST],
    ['m(_x) {}', FIRST],
    ['async m(x) {}', FIRST],
    ['* m(x) {}', FIRST],
    ['async(x) {}', FIRST],
    ['get(x) {}', FIRST],
    ['grösse(größe) {}', FIRST],
    ['$(x) {}', FIRST],
    ['m({a, b}) {}', FIRST],
    ['m([a, b]) {}', FIRST],
    ['m({a: {b, c}, d: [e, f]}) {}', FIRST],
    ['m(\n  x\n) { return [x, (1, 2)] }', FIRST],
    ['m(x, i) {}', BOTH],
    ['m({a}, i) {}', BOTH],
    ['m([a, b], i) {}', BOTH],
    ['m(x, i, more) {}', BOTH],
  ])('are found from its source: %s', (body, seen) => {
    expect(seenArguments(methodIn(body))).toEqual(seen);
  });

  it.each([
    'm(x, i = 0) {}',
    'm(x = 1) {}',
    'm(x = (a, b) => 0) {}',
    'm(...all) {}',
    'm(x, ...rest) {}',
    'm({ a, ...rest }) {}',
    'm({ a = 1 }) {}',
    "m(x = ')') {}",
    'm(x = `)`) {}',
    'm(x = /\\)/) {}',
    'm(/* ) { */ x) {}',
    'm(x // ) {\n, i) {}',
    'm() { return arguments[1] }',
    'm(x) { return (() => arguments)() }',
    'm() { return eval("1") }',
    'm() { return arg\\u0075ments }',
    "['a(b'](x) {}",
    "'a) {'(x) {}",
    '1(x) {}',
    '[`a`]() {}',
  ])('are both in case of doubt: %s', (body) => {
    expect(seenArguments(methodIn(body))).toEqual(BOTH);
  });

  it.each<[string, Method]>([
    ['an arrow function', (x: never) => x],
    ['a bound function', methodIn('m() {}').bind(undefined)],
    ['a proxy of a function', new Proxy(methodIn('m() {}'), {})],
    ['a built-in function', Array.prototype.map as Method],
  ])('are both for %s', (_, method) => {
    expect(seenArguments(method)).toEqual(BOTH);
  });

  it.each<[string, typeof BOTH]>([
    ['function () {}', NONE],
    ['function m(x) {}', FIRST],
    ['async function* m(x, i) {}', BOTH],
  ])('are found for a plain function: %s', (text, seen) => {
    expect(seenArguments(new Function(`return ${text}`)() as Method)).toEqual(seen);
  });
});

const log: string[] = [];
/** A decorator that replaces the method, standard and legacy. */
function wrapped(target: unknown, where: unknown, given?: PropertyDescriptor): never {
  const isContext = typeof where === 'object';
  const method = (isContext ? target : given?.value) as (this: unknown, ...values: unknown[]) => unknown;
  const replacement = function (this: unknown, first: unknown) {
    log.push(String(first));
    return method.call(this, first);
  };
  return (isContext ? replacement : { ...given, value: replacement }) as never;
}

class Seeing extends Flow {
  items = ['a'];

  @step()
  start() {}
  @step({ after: 'start', foreach: 'items' })
  none() {}
  @step({ after: 'start', foreach: 'items' })
  async first(item: string) {
    await Promise.resolve(item);
  }
  @step({ after: 'start', foreach: 'items' })
  both(_item: string, _index: number) {}
  @step({ after: 'start', foreach: 'items' })
  fallback(_item: string, _index = 0) {}
  @wrapped
  @step({ after: 'start', foreach: 'items' })
  replaced(_item: string) {}
}

class Overriding extends Seeing {
  override both(_item: string) {}
}

class Further extends Seeing {
  @step({ after: 'start', foreach: 'items' })
  override both(_item: string) {}
}

describe('the description of a step', () => {
  it('has the arguments its method can read, and both when another decorator has replaced the method', () => {
    const sees = Object.fromEntries(describeFlow(Seeing).steps.map((one) => [one.name, one.sees]));
    expect(sees).toEqual({ start: NONE, none: NONE, first: FIRST, both: BOTH, fallback: BOTH, replaced: BOTH });
  });

  it('has the arguments of the method that will be called', () => {
    const both = (Class: typeof Seeing) => describeFlow(Class).steps.find((one) => one.name === 'both')?.sees;
    expect([both(Further), both(Overriding)]).toEqual([FIRST, BOTH]);
  });
});
