import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, session } from '../harness/session.ts';

const ONE = ['--workers', '1'];

/** Files, with `use(n)` in `state.ts`: it changes something with its first argument, and returns what it then finds. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a private static Map': {
    'state.ts': `class Prices { static #kept = new Map(); static of(day: string, n: number) { if (!Prices.#kept.has(day)) Prices.#kept.set(day, n); return Prices.#kept.get(day); } }
export const use = (n: number) => Prices.of('monday', n);\n`,
  },
  'a static list': {
    'state.ts': `class Log { static lines: number[] = []; static add(n: number) { const all = Log.lines; all.push(n); return all.join(); } }
export const use = (n: number) => Log.add(n);\n`,
  },
  'Object.assign of a part': {
    'state.ts': `const config: any = { a: { n: 0 } };
const set = (part: any, n: number) => Object.assign(part, { n: part.n + n });
export const use = (n: number) => set(config.a, n).n;\n`,
  },
  'a Map that is made and filled in one function': {
    'state.ts': `let kept: any;
export function use(n: number) { if (!kept) { kept = new Map(); kept.set('x', n); } return kept.get('x'); }\n`,
  },
  'a private field of an instance': {
    'state.ts': `class Lazy { #v: any; get(n: number) { return (this.#v ??= n); } }
const lazy = new Lazy();
export const use = (n: number) => lazy.get(n);\n`,
  },
  'a decorator that keeps results': {
    'state.ts': `function once(method: any) { let kept: any; return function (this: any, ...args: any[]) { return (kept ??= method.apply(this, args)); } as any; }
class Reader { @once read(n: number) { return n; } }
const reader = new Reader();
export const use = (n: number) => reader.read(n);\n`,
  },
  'a subclass of Map': {
    'state.ts': `class Registry extends Map<string, number> { put(n: number) { if (!this.has('x')) this.set('x', n); return this.get('x'); } }
const registry = new Registry();
export const use = (n: number) => registry.put(n);\n`,
  },
  'a Map that a constructor is given': {
    'state.ts': `class Store { constructor(private readonly map: Map<string, number>) {} put(n: number) { const { map } = this; if (!map.has('x')) map.set('x', n); return map.get('x'); } }
const store = new Store(new Map());
export const use = (n: number) => store.put(n);\n`,
  },
  'a default of a parameter': {
    'state.ts': `const shared = { all: [] as number[] };
const add = (n: number, to = shared) => { const { all } = to; all.push(n); return all.length; };
export const use = (n: number) => add(n);\n`,
  },
  'a generator': {
    'state.ts': `function* count(): any { let i = 0; for (;;) yield i++; }
const ids = count();
const holder = { ids };
export const use = (_: number) => holder.ids.next().value;\n`,
  },
  'an accessor that replaces itself': {
    'state.ts': `const lazy: any = { n: 0, get v() { const v = lazy.n; Object.defineProperty(lazy, 'v', { value: v }); return v; } };
export const use = (n: number) => { lazy.n = n; return lazy.v; };\n`,
  },
  'an EventEmitter': {
    'state.ts': `import { EventEmitter } from 'node:events';
const bus = new EventEmitter();
const listen = (to: EventEmitter) => to.on('x', () => 1).listenerCount('x');
export const use = (_: number) => listen(bus);\n`,
  },
  URLSearchParams: {
    'state.ts': `const query = new URLSearchParams();
const add = (to: URLSearchParams, n: number) => { to.append('n', String(n)); return String(to); };
export const use = (n: number) => add(query, n);\n`,
  },
  'a typed array': {
    'state.ts': `const sums = new Float64Array(2);
const add = (to: Float64Array, n: number) => (to[0]! += n);
export const use = (n: number) => add(sums, n);\n`,
  },
  'a borrowed method': {
    'state.ts': `const all: number[] = [];
const { push } = Array.prototype;
export const use = (n: number) => { push.call(all, n); return all.length; };\n`,
  },
  'a memo of CommonJS': {
    'memo.cjs': `const kept = {};\nlet first;\nexports.use = (n) => { first = first || n; kept[n] = first; return first; };\n`,
    'state.ts': `import { use as inner } from './memo.cjs';\nexport const use = (n: number) => inner(n);\n`,
  },
  'a member of an imported module': {
    'config.ts': `export const config: any = { model: 0 };\n`,
    'state.ts': `export const use = async (n: number) => { const all = await import('./config.ts'); const { config } = all; config.model += n; return config.model; };\n`,
  },
  'an iterator that is half used': {
    'state.ts': `const all = { it: [1, 2, 3].values() };
const next = (from: any) => from.it.next().value;
export const use = (_: number) => next(all);\n`,
  },
  'a field of a subclass of Array': {
    'state.ts': `class Stack extends Array<number> { sum = 0; put(n: number) { const self = this; self.sum += n; return self.sum; } }
const stack = new Stack();
export const use = (n: number) => stack.put(n);\n`,
  },
  'an AbortController': {
    'state.ts': `const control = new AbortController();
const stop = (one: AbortController) => { const was = one.signal.aborted; one.abort(); return was; };
export const use = (_: number) => stop(control);\n`,
  },
  'data that is imported': {
    'data.json': '{ "n": 0 }\n',
    'state.ts': `import data from './data.json' with { type: 'json' };
const add = (to: any, n: number) => { const [one] = [to]; one.n += n; return one.n; };
export const use = (n: number) => add(data, n);\n`,
  },
  'a default export without a name': {
    'list.ts': 'export default [1, 2, 3];\n',
    'state.ts': `import list from './list.ts';
const turn = (one: number[]) => one.reverse().join();
export const use = (_: number) => turn(list);\n`,
  },
  'the prototype of a function of CommonJS': {
    'list.cjs': `function List() {}\nList.prototype.all = [];\nList.prototype.add = function (n) { this.all.push(n); return this.all.length; };\nmodule.exports = List;\n`,
    'state.ts': `import List from './list.cjs';\nexport const use = (n: number) => new (List as any)().add(n);\n`,
  },
  'a module that require loads': {
    'counter.cjs': `let n = 0;\nexports.add = (by) => { n += by; return n; };\n`,
    'state.ts': `import { createRequire } from 'node:module';
const need = createRequire(import.meta.url);
export const use = (n: number) => need('./counter.cjs').add(n);\n`,
  },
  'a module that require loads for the module': {
    'counter.cjs': `let n = 0;\nexports.add = (by) => { n += by; return n; };\n`,
    'state.ts': `import { createRequire } from 'node:module';
const counter = createRequire(import.meta.url)('./counter.cjs');
export const use = (n: number) => counter.add(n);\n`,
  },
  'what a module imports that Node loads': {
    'inner.mjs': `let n = 0;\nexport const add = (by) => { n += by; return n; };\n`,
    'outer.mjs': `import { add } from './inner.mjs';\nexport const use = (n) => add(n);\n`,
    'state.ts': `export const use = async (n: number) => {
  const name = new URL('./outer.mjs', import.meta.url).href;
  return (await import(name)).use(n);
};\n`,
  },
  'a module that is loaded by a computed name': {
    'parts/one.mjs': `export let n = 0;\nexport const add = (by) => { n += by; return n; };\n`,
    'state.ts': `export const use = async (n: number) => (await import('./parts/' + ['one'].join('') + '.mjs')).add(n);\n`,
  },
  'data that require loads': {
    'data.json': '{ "n": 0 }\n',
    'state.ts': `import { createRequire } from 'node:module';
const need = createRequire(import.meta.url);
export const use = (n: number) => { const [one] = [need('./data.json')]; one.n += n; return one.n; };\n`,
  },
  'data that is imported when it is needed': {
    'data.json': '{ "n": 0 }\n',
    'state.ts': `export const use = async (n: number) => {
  const { default: one } = await import('./data.json', { with: { type: 'json' } });
  const [to] = [one as any]; to.n += n; return to.n;
};\n`,
  },
  'the last of very many functions': {
    'state.ts': `const make = (v: number) => ({ add: (n: number) => (v += n) });
const all = Array.from({ length: 1200 }, () => make(0));
const use1 = (some: typeof all, n: number) => some.map((one) => one.add(n))[0];
export const use = (n: number) => use1(all.slice(0, 1), n);\n`,
  },
  'a WeakMap by a class': {
    'state.ts': `class Key {}
const kept = new WeakMap<object, number>();
export const use = (n: number) => { if (!kept.has(Key)) kept.set(Key, n); return kept.get(Key); };\n`,
  },
};

describe('state of a module that tasks change', () => {
  for (const [what, files] of Object.entries(STATES)) {
    it(`never is in a result that other runs use: ${what}`, async () => {
      const { run } = session(
        `items = [3, 5]; single = param.number(0); r!: unknown; all!: string;
        @step({ foreach: 'items' }) async many(item: number) { this.r = this.single && this.single !== item ? 'left out' : await use(item); }
        @step({ join: 'many' }) join(tasks: any) { this.all = tasks.map(({ r }: any) => r).join(); }`,
        files,
        `import { use } from './state.ts';`,
      );
      const right: (string | undefined)[] = [];
      for (const [at, item] of ['3', '5'].entries()) {
        const { result } = await run([...ONE, '--cache', 'off', '--single', item]);
        right.push(result[`many[${at}]`]);
      }
      await run(ONE);
      const again = await run(ONE);
      for (const at of [0, 1]) {
        if (again.status[`many[${at}]`] === CACHED) expect(again.result[`many[${at}]`]).toBe(right[at]);
      }
      expect(Object.values(again.status)).toContain(EXECUTED);
    });
  }
});

describe('what a run says of a module that another task has changed', () => {
  const PART = { 'parts/one.ts': `let n = 0;\nexport const add = (by: number) => (n += by);\n` };
  const saying = async (load: string, cache = '') => {
    const { run } = session(
      `items = [3, 5]; r!: unknown;
      @step({ foreach: 'items'${cache} }) async many(item: number) { this.r = (${load}).add(item); }`,
      PART,
    );
    await run(ONE);
    const { run: again, status } = await run(ONE);
    return { status: Object.values(status), said: [...again.tasks.map(({ why }) => why), ...again.warnings].join() };
  };

  it('has a way out that works: by a computed name', async () => {
    const computed = `await import('./parts/' + ['one', 'ts'].join('.'))`;
    const { status, said } = await saying(computed, ', cache: {}');
    expect(status).toContain(EXECUTED);
    expect(said).toContain('import it by its name to say with cache: {}');
    expect(said).not.toContain('; cache: {} says');
  });

  it('has a way out that works: by its name', async () => {
    const named = `await import('./parts/one.ts')`;
    expect((await saying(named)).said).toContain('cache: {}');
    expect((await saying(named, ', cache: {}')).status).not.toContain(EXECUTED);
  });
});
