import { describe, expect, it } from 'vitest';
import { Flow, type FlowClass } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { checkFlow } from '../../src/flow/check/check-flow.ts';
import { buildGraph } from '../../src/flow/describe/graph.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { lineOf } from './line-of.ts';

/** Options that the compiler does not check: these tests are about the checks at run time. */
const on = step as unknown as (options?: object) => (method: unknown, where: unknown, descriptor?: unknown) => void;

const line = (text: string) => lineOf(import.meta.filename, text);
const check = (Class: FlowClass) => checkFlow(describeFlow(Class)).map((f) => [f.code, f.message, f.hint] as const);

class Five extends Flow {
  models: string[] = [];
  rows!: number[];

  @on()
  load() {}

  @on({ after: 'laod' })
  clean() {}

  @on({ after: 'clean', foreach: 'modles' })
  train() {}

  @on({ join: 'clean' })
  report() {}

  @on({ after: 'load', timeout: 'soon' })
  slow() {}

  @on({ after: ['load', 'load'], retries: 3 })
  twice() {}
}

describe('a flow with several mistakes', () => {
  it('has one finding for each, in the order of the lines', () => {
    const findings = checkFlow(describeFlow(Five));
    expect(findings.map((f) => [f.code, f.location?.line])).toEqual([
      ['VARVE_UNKNOWN_STEP', line(`@on({ after: 'laod' })`)],
      ['VARVE_UNKNOWN_ARTIFACT', line(`foreach: 'modles' })`)],
      ['VARVE_JOIN_WITHOUT_FOREACH', line(`@on({ join: 'clean' })`)],
      ['VARVE_STEP_OPTION', line(`timeout: 'soon' })`)],
      ['VARVE_UNKNOWN_OPTION', line(`retries: 3 })`)],
      ['VARVE_DUPLICATE_PARENT', line(`retries: 3 })`)],
    ]);
    expect(findings.map((f) => f.hint)).toEqual([
      "Did you mean 'load'?",
      "Did you mean 'models'?",
      "Write after: 'clean' to wait for one step, after: ['a', 'b'] for several branches, or give 'clean' a foreach.",
      expect.stringContaining("'5m'"),
      "Did you mean 'retry'?",
      'Name it once.',
    ]);
    expect(findings.every((f) => f.location?.file === import.meta.filename)).toBe(true);
  });
});

describe('checking a flow', () => {
  it('finds a cycle with its path, and the steps behind it', () => {
    class Loop extends Flow {
      @on({ after: 'c' }) a() {}
      @on({ after: 'a' }) b() {}
      @on({ after: 'b' }) c() {}
      @on({ after: 'c' }) behind() {}
      @on({ after: 'own' }) own() {}
    }
    expect(check(Loop).map(([code, message]) => [code, message])).toEqual([
      ['VARVE_CYCLE', 'these steps wait for each other: a → b → c → a'],
      ['VARVE_UNREACHABLE', "'behind' can never start: it waits for steps that wait for each other"],
      ['VARVE_CYCLE', "'own' waits for itself"],
    ]);
    expect(buildGraph(describeFlow(Loop)).steps).toHaveLength(5);
  });

  it('refuses parents at different foreach depths, with the way out', () => {
    class Depth extends Flow {
      xs = [1];
      @on() load() {}
      @on({ after: 'load', foreach: 'xs' }) train() {}
      @on({ after: ['train', 'load'] }) merge() {}
      @on({ after: 'load', foreach: 'xs' }) other() {}
      @on({ after: ['train', 'other'] }) both() {}
    }
    expect(check(Depth)).toEqual([
      [
        'VARVE_PARENT_DEPTH',
        "'merge' waits for 'load' (outside of any foreach) and 'train' (inside foreach 'train'), which do not run equally often",
        "Close the foreach first: a step with join: 'train'; then wait for that step instead.",
      ],
      [
        'VARVE_PARENT_DEPTH',
        "'both' waits for 'train' (inside foreach 'train') and 'other' (inside foreach 'other'), which do not run equally often",
        "Close the foreach first: a step with join: 'train' and a step with join: 'other'; then wait for those steps instead.",
      ],
    ]);
  });

  it('refuses options that exclude each other', () => {
    class Mixed extends Flow {
      xs = [1];
      @on() a() {}
      @on() b() {}
      @on({ after: 'a', foreach: 'xs' }) each() {}
      @on({ join: 'each', after: 'b' }) one() {}
      @on({ join: 'each', foreach: 'xs' }) two() {}
      @on({ after: ['a', 'b'], foreach: 'xs' }) three() {}
      @on({ after: 'a', effect: true, cache: { ttl: '1d' } }) four() {}
    }
    expect(check(Mixed).map(([code]) => code)).toEqual([
      'VARVE_AFTER_AND_JOIN',
      'VARVE_FOREACH_AND_JOIN',
      'VARVE_FOREACH_PARENTS',
      'VARVE_EFFECT_CACHED',
    ]);
  });

  it('refuses names that cannot be steps or artifacts', () => {
    class Names extends Flow {
      limit = param.int(5);
      both = 1;
      helper() {}
      @on() init() {}
      @on() _x() {}
      @on() Load() {}
      @on() load() {}
      @on({ after: 'helper' }) a() {}
      @on({ after: 'load', foreach: 'helper' }) b() {}
      @on({ after: 'load', when: 'load' }) c() {}
      @on({ after: 'load', catch: 'limit' }) d() {}
    }
    expect(check(Names).map(([code]) => code)).toEqual([
      'VARVE_RESERVED_NAME',
      'VARVE_STEP_NAME',
      'VARVE_STEP_NAME',
      'VARVE_NOT_A_STEP',
      'VARVE_NOT_AN_ARTIFACT',
      'VARVE_NOT_AN_ARTIFACT',
      'VARVE_CATCH_PARAMETER',
    ]);
  });

  it('refuses more parameters than a step has arguments', () => {
    class Counts extends Flow {
      xs = [1];
      @on() root(_a: number) {}
      @on({ after: 'root', foreach: 'xs' }) each(_x: number, _i: number, _more: number) {}
      @on({ join: 'each' }) join(_tasks: unknown, _more: unknown) {}
      @on({ after: ['root', 'join'] }) merge(_inputs: unknown, _more: unknown) {}
      @on({ after: 'root' }) fine(_x = 1, ..._rest: number[]) {}
    }
    expect(check(Counts).map(([code, message]) => [code, message])).toEqual([
      ['VARVE_STEP_ARGUMENTS', "'root' declares 1 parameter, but it is handed nothing"],
      ['VARVE_STEP_ARGUMENTS', "'each' declares 3 parameters, but it is handed an element of 'xs' and its index"],
      ['VARVE_STEP_ARGUMENTS', "'join' declares 2 parameters, but it is handed the tasks of 'each'"],
      ['VARVE_STEP_ARGUMENTS', "'merge' declares 2 parameters, but it is handed the branches, as one object"],
    ]);
  });

  it.each([
    [{ retry: -1 }],
    [{ retry: { times: 1, backoff: 'x' } }],
    [{ retry: { tries: 1 } }],
    [{ timeout: 0 }],
    [{ timeout: '30d' }],
    [{ concurrency: 0 }],
    [{ concurrency: 1.5 }],
    [{ rate: '10' }],
    [{ cache: true }],
    [{ cache: { ttl: 'x' } }],
    [{ cache: { version: Number.NaN } }],
    [{ cache: { version: Number.POSITIVE_INFINITY } }],
    [{ when: { a: 1, b: 2 } }],
    [{ when: { a: {} } }],
    [{ inputs: 'free' }],
    [{ effect: { id: 1 } }],
    [{ after: [], runner: '' }],
  ])('refuses the option %j', (options) => {
    class Bad extends Flow {
      @on(options)
      go() {}
    }
    expect(check(Bad).map(([code]) => code)).toEqual(['VARVE_STEP_OPTION']);
  });

  it('finds a flow without steps, and a misplaced @step', () => {
    class Empty extends Flow {}
    class Static extends Flow {
      @on() static go() {}
      @on() fine() {}
    }
    expect(check(Empty).map(([code]) => code)).toEqual(['VARVE_NO_STEPS']);
    expect(describeFlow(Static).findings).toMatchObject([{ code: 'VARVE_NOT_A_METHOD' }]);
  });
});

describe('the graph of a flow', () => {
  it('nests: a foreach in a foreach, in a branch, and a branch in a foreach; several roots and leaves', () => {
    class Nested extends Flow {
      outer = [1];
      inner = [1];
      flag = true;
      @on() root() {}
      @on({ foreach: 'outer' }) group() {}
      @on({ after: 'group', foreach: 'inner' }) cell() {}
      @on({ after: 'cell' }) deep() {}
      @on({ join: 'deep' }) row() {}
      @on({ after: 'group' }) side() {}
      @on({ after: ['row', 'side'], when: { flag: [true, 'yes'] } }) both() {}
      @on({ join: 'both' }) all() {}
      @on({ after: ['all', 'root'] }) end() {}
    }
    expect(check(Nested)).toEqual([]);
    const { steps } = buildGraph(describeFlow(Nested));
    expect(steps.map((s) => [s.name, s.kind, s.scope.join('/'), s.closes])).toEqual([
      ['root', 'root', '', undefined],
      ['group', 'foreach', 'group', undefined],
      ['cell', 'foreach', 'group/cell', undefined],
      ['deep', 'linear', 'group/cell', undefined],
      ['row', 'foreach-join', 'group', 'cell'],
      ['side', 'linear', 'group', undefined],
      ['both', 'branch-join', 'group', undefined],
      ['all', 'foreach-join', '', 'group'],
      ['end', 'branch-join', '', undefined],
    ]);
    expect(steps.find((s) => s.name === 'both')?.when).toEqual({
      artifact: 'flag',
      values: [true, 'yes'],
      text: "true or 'yes'",
    });
  });

  it('contains steps of base classes, overridden ones in their original place', () => {
    class Base extends Flow {
      @on() load() {}
      @on({ after: 'load' }) clean() {}
    }
    class Derived extends Base {
      @on({ after: 'clean' }) more() {}
      override load() {}
      @on({ after: 'load', retry: 2 }) override clean() {}
    }
    const { steps } = describeFlow(Derived);
    expect(steps.map((s) => [s.name, s.retry?.times])).toEqual([
      ['load', undefined],
      ['clean', 2],
      ['more', undefined],
    ]);
    expect(describeFlow(Base).steps.map((s) => s.retry)).toEqual([undefined, undefined]);
  });

  it('contains a step whose method another decorator replaced', () => {
    const wrap = ((_method: unknown, where: unknown, descriptor?: PropertyDescriptor) => {
      const replacement = function wrapped() {};
      return typeof where === 'string' ? { ...descriptor, value: replacement } : replacement;
    }) as ReturnType<typeof on>;
    class Wrapped extends Flow {
      @wrap
      @on({ retry: 4 })
      go() {}
    }
    expect(describeFlow(Wrapped).steps).toMatchObject([{ name: 'go', retry: { times: 4 } }]);
  });
});
