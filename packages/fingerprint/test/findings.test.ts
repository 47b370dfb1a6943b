import { describe, expect, it } from 'vitest';
import { checkFingerprints } from '../src/index.ts';
import { flow, makeProject } from './project.ts';

async function one(top: string, body: string, files: Readonly<Record<string, string>> = {}) {
  const project = makeProject({ 'flow.ts': flow(top, `  rows!: unknown;\n  @step() load() { ${body} }`), ...files });
  const [found] = await project.fingerprint(['load']);
  if (!found) throw new Error('no fingerprint');
  return found;
}

describe('a fingerprint', () => {
  it.each([
    ['Date.now()', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Math.random()', 'Math.random'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ["fetch('https://example.org')", 'fetch'],
    ['performance.now()', 'performance.now'],
    ["execSync('ls')", 'node:child_process'],
    ['randomUUID()', 'node:crypto'],
  ])('reports %s as impure', async (code, call) => {
    const top = `import { execSync } from 'node:child_process';\nimport { randomUUID, createHash } from 'node:crypto';`;
    const { purity } = await one(top, `this.rows = ${code};`);
    expect(purity).toEqual([{ call, file: 'flow.ts', line: expect.any(Number) }]);
  });

  it.each([
    'new Date(0)',
    "createHash('sha256')",
    "readFileSync('a.txt')",
    'process.cwd()',
    'process.env.HOME',
    'Math.max(1, 2)',
    "join('a', 'b')",
    'JSON.parse("1")',
  ])('does not report %s as impure', async (code) => {
    const { purity } = await one(
      `import { readFileSync } from 'node:fs';\nimport { createHash } from 'node:crypto';\nimport { join } from 'node:path';`,
      `this.rows = ${code};`,
    );
    expect(purity).toEqual([]);
  });

  it('lists the module state that the reached code changes and reads', async () => {
    const top = `let count = 0; let lazy: number | undefined; let made: Map<string, number> | undefined; const memo = new Map<number, number>();
const next = () => ++count;
const single = () => (lazy ??= 1);
const other = () => { if (!made) made = new Map(); return made; };
const remember = (x: number) => { memo.set(x, x); return memo.get(x); };`;
    const found = await one(top, `this.rows = [next(), single(), other(), remember(1)];`);
    expect(found.moduleState).toEqual(['flow.ts#count', 'flow.ts#memo']);
  });

  it.each([
    ['a part of an object', 'const state = { n: 0 };', 'state.n++; this.rows = state.n;', 'state'],
    [
      'a list in an object',
      'const state = { list: [] as number[] };',
      'state.list.push(1); this.rows = state.list;',
      'state',
    ],
    [
      'an object in an object with methods',
      'const tools = { counter: { n: 0, next() { return ++this.n; } } };',
      'this.rows = tools.counter.next();',
      'tools',
    ],
    [
      'the parts of another object',
      'const list: number[] = [];\nconst parts = { list };\nconst tools = { ...parts };',
      'tools.list.push(1); this.rows = tools.list.length;',
      'tools',
    ],
    ['a static field', 'class Counter { static n = 0; }', 'Counter.n++; this.rows = Counter.n;', 'Counter'],
    [
      'a static method',
      'class Counter { static n = 0; static next() { return ++this.n; } }',
      'this.rows = Counter.next();',
      'Counter',
    ],
    [
      'an object with methods',
      'const counter = { n: 0, next() { return ++this.n; } };',
      'this.rows = counter.next();',
      'counter',
    ],
    [
      'an object of a class',
      'class C { #n = 0; next() { return ++this.#n; } }\nconst counter = new C();',
      'this.rows = counter.next();',
      'counter',
    ],
    [
      'a closure',
      'const make = () => { let n = 0; return () => ++n; };\nconst next = make();',
      'this.rows = next();',
      'next',
    ],
    [
      'a pair of closures',
      'const signal = (v: number) => [() => v, (n: number) => { v = n; }] as const;\nconst [get, set] = signal(0);',
      'set!(get!() as never); this.rows = get!();',
      'get',
    ],
    [
      'a closure over a container',
      'const memo = () => { const all = new Map(); return (k: number) => { all.set(k, all.size); return all.get(k); }; };\nconst size = memo();',
      'this.rows = size(1);',
      'size',
    ],
  ])('lists %s as module state', async (_, top, body, label) => {
    expect((await one(top, body)).moduleState.slice(0, 1)).toEqual([`flow.ts#${label}`]);
  });

  it.each([
    [
      'functions in an object in an object',
      "import { readFileSync } from 'node:fs';\nconst tools = { io: { readFileSync } };",
      "this.rows = tools.io.readFileSync('a');",
    ],
    [
      'the functions of a module of Node',
      "import * as fs from 'node:fs';\nconst tools = { ...fs };",
      "this.rows = tools.readFileSync('a');",
    ],
    ['a constant object', 'const state = { n: 0, next() { return this.n + 1; } };', 'this.rows = state.next();'],
    [
      'functions by name',
      'const by: Record<string, () => number> = { one: () => 1, two() { return 2; } };',
      'this.rows = by[String(this.rows)]?.();',
    ],
    ['a closure made in the task', 'const make = () => { let n = 0; return () => ++n; };', 'this.rows = make()();'],
    ['an object made in the task', 'class C { #n = 0; next() { return ++this.#n; } }', 'this.rows = new C().next();'],
    [
      'a wrapped function',
      'const wrap = (f: () => number) => () => f();\nconst next = wrap(() => 1);',
      'this.rows = next();',
    ],
  ])('does not list %s as module state', async (_, top, body) => {
    expect((await one(top, body)).moduleState).toEqual([]);
  });

  it.each([
    ['eval', 'this.rows = eval("1");', 'eval'],
    ['new Function', 'this.rows = new Function("return 1")();', 'eval'],
    ['computed import', 'const name = String(1); this.rows = import(name);', 'computed-import'],
    ['folder', 'const name = 1; this.rows = import(`./parts/${name}.ts`);', 'computed-folder'],
    ['folder by a sum', 'const name = "a.ts"; this.rows = import("./parts/" + name);', 'computed-folder'],
    ['this', 'console.log(this);', 'this-escapes'],
    ['worker', "this.rows = new Worker(new URL('./w.js', import.meta.url));", 'other-process'],
  ])('reports %s as a hazard with its line, cost and remedy', async (_, code, kind) => {
    const { hazards } = await one(`import { Worker } from 'node:worker_threads';`, code, {
      'parts/a.ts': 'export {};',
    });
    expect(hazards).toEqual([
      { kind, file: 'flow.ts', line: 5, message: expect.stringMatching(/^[A-Z.n].+\. .+\.$|, so .+\. /) },
    ]);
  });

  it('is widened, with a hazard, for a step that the flow does not have', async () => {
    const project = makeProject({ 'flow.ts': flow('', '  @step() load() {}') });
    const [missing] = await project.fingerprint(['nothing']);
    expect(missing?.hazards).toMatchObject([{ kind: 'widened' }]);
    const [known] = await project.fingerprint(['load']);
    expect(known?.hazards).toEqual([]);
    expect(missing?.code).not.toBe(known?.code);
  });

  it('depends on platform and CPU if the step uses a native package', async () => {
    const addon = {
      'node_modules/addon/package.json': '{ "name": "addon", "version": "1.0.0", "main": "i.js", "gypfile": true }',
      'node_modules/addon/i.js': 'exports.run = 1;',
    };
    expect((await one(`import { run } from 'addon';`, 'this.rows = run;', addon)).native).toBe(true);
  });

  it('depends on every member of the flow if its base class is a mixin', async () => {
    const source = flow(
      'const mixin = (base: typeof Flow) => class extends base {};',
      '  @step() load() {}\n  other() { return 1; }',
    ).replace('extends Flow {', 'extends mixin(Flow) {');
    const project = makeProject({ 'flow.ts': source });
    const [before] = await project.fingerprint(['load']);
    expect(before?.hazards).toMatchObject([{ kind: 'unknown-base' }]);
    project.write({ 'flow.ts': source.replace('return 1', 'return 2') });
    const [after] = await project.fingerprint(['load']);
    expect(after?.code).not.toBe(before?.code);
  });
});

describe('checkFingerprints', () => {
  it('lists each hazard once, with the steps that reach it', async () => {
    const project = makeProject({
      'flow.ts': flow(
        'const run = () => eval("1");',
        '  @step() a() { run(); }\n  @step() b() { run(); Math.random(); }\n  @step() c() {}',
      ),
    });
    const report = checkFingerprints(await project.fingerprint(['a', 'b', 'c']));
    expect(report.hazards).toMatchObject([{ kind: 'eval', steps: ['a', 'b'] }]);
    expect(report.purity).toMatchObject([{ call: 'Math.random', steps: ['b'] }]);
  });
});
