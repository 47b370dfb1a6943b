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
    ['process.env.HOME', 'process.env'],
    ['process.cwd()', 'process.cwd'],
    ['performance.now()', 'performance.now'],
    ['readFileSync(0)', 'node:fs'],
    ["execSync('ls')", 'node:child_process'],
    ['randomUUID()', 'node:crypto'],
  ])('reports %s as impure', async (code, call) => {
    const top = `import { readFileSync } from 'node:fs';\nimport { execSync } from 'node:child_process';\nimport { randomUUID, createHash } from 'node:crypto';`;
    const { purity } = await one(top, `this.rows = ${code};`);
    expect(purity).toEqual([{ call, file: 'flow.ts', line: expect.any(Number) }]);
  });

  it.each(['new Date(0)', "createHash('sha256')", 'Math.max(1, 2)', "join('a', 'b')", 'JSON.parse("1")'])(
    'does not report %s as impure',
    async (code) => {
      const { purity } = await one(
        `import { createHash } from 'node:crypto';\nimport { join } from 'node:path';`,
        `this.rows = ${code};`,
      );
      expect(purity).toEqual([]);
    },
  );

  it('lists the time zone, variables and module state that the reached code uses', async () => {
    const top = `let count = 0; let lazy: number | undefined; let made: Map<string, number> | undefined; const memo = new Map<number, number>();
const next = () => ++count;
const single = () => (lazy ??= 1);
const other = () => { if (!made) made = new Map(); return made; };
const remember = (x: number) => { memo.set(x, x); return memo.get(x); };
const name = 'HOME';`;
    const all = await one(
      top,
      `const { A, B: b } = process.env; this.rows = [next(), single(), other(), remember(1), A, b, process.env.C, 'D' in process.env, (1).toLocaleString()];`,
    );
    expect(all.moduleState).toEqual(['flow.ts#count', 'flow.ts#memo']);
    expect(all.env).toEqual(['A', 'B', 'C', 'D']);
    expect(all).toMatchObject({ envComputed: false, timeZone: true, native: false });
    expect(await one(top, 'this.rows = process.env[name];')).toMatchObject({
      envComputed: true,
      timeZone: false,
      env: [],
    });
    expect((await one(top, 'this.rows = { ...process.env };')).envComputed).toBe(true);
  });

  it.each([
    ['eval', 'this.rows = eval("1");', 'eval'],
    ['new Function', 'this.rows = new Function("return 1")();', 'eval'],
    ['computed import', 'const name = String(1); this.rows = import(name);', 'computed-import'],
    ['folder', 'const name = 1; this.rows = import(`./parts/${name}.ts`);', 'computed-folder'],
    ['folder by a sum', 'const name = "a.ts"; this.rows = import("./parts/" + name);', 'computed-folder'],
    ['computed path', 'const name = 1; this.rows = new URL(`./${name}.csv`, import.meta.url);', 'computed-path'],
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
