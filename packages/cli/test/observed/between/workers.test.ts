import { describe, expect, it } from 'vitest';
import { declareTest } from '../harness/known-faults.ts';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

const ONE = ['--workers', '1'];
const TWO = ['--workers', '2'];

/** Two steps after one another: what the first leaves behind in the worker must not reach the second. */
const LEAKS: readonly (readonly [string, string, string, string])[] = [
  ['a variable of the environment', `process.env.LEFT = 'left';`, `process.env.LEFT ?? 'none'`, ''],
  ['a removed variable', `delete process.env.GIVEN;`, `process.env.GIVEN ?? 'none'`, ''],
  [
    'a file of variables',
    `fs.writeFileSync('left.env', 'LEFT=left'); (process as any).loadEnvFile('left.env');`,
    `process.env.LEFT ?? 'none'`,
    '',
  ],
  ['a time zone', `process.env.TZ = 'Asia/Tokyo';`, `new Date(0).getHours()`, ''],
  ['a patched built-in', `(Array.prototype as any).left = () => 'left';`, `([] as any).left?.() ?? 'none'`, ''],
  ['a replaced function', `Math.hypot = () => 7;`, `Math.hypot(3, 4)`, ''],
  ['a new global', `(globalThis as any).left = 'left';`, `(globalThis as any).left ?? 'none'`, ''],
  ['a module variable', `state.left = 'left';`, `state.left`, `const state: any = { left: 'none' };`],
  [
    'a module variable behind a function',
    `put('left');`,
    `get()`,
    `const [get, put] = ((v) => [() => v, (x: any) => { v = x; }])('none' as any) as any;`,
  ],
  ['the state of a package', `lib.set('left');`, `lib.get()`, `import * as lib from 'lib';`],
];
const LIB = {
  'node_modules/lib/package.json': '{ "name": "lib", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  'node_modules/lib/index.js': `let v = 'none';\nexport const set = (x) => { v = x; };\nexport const get = () => v;\n`,
};

describe('what a step leaves behind in a worker', () => {
  for (const [what, leave, look, top] of LEAKS) {
    declareTest(`does not reach the next one: ${what}`, async () => {
      const { run } = session(
        `off = param.boolean(false); a!: number; r!: unknown;
        @step() first() { if (!this.off) { ${leave} } this.a = 1; }
        @step({ after: 'first' }) second() { this.r = String(${look}); }`,
        LIB,
        top,
      );
      const env = { env: { GIVEN: 'given' } };
      // What the second step gives alone, and what it gives after a first one that leaves something.
      const alone = await run([...ONE, '--off', '--cache', 'off'], env);
      const after = await run(ONE, env);
      if (after.result.second === alone.result.second) return expectSameResults(await run(TWO, env), after);
      // What the first one leaves cannot be taken away: then the result is not kept, and a warning names the state.
      const again = await run(ONE, env);
      expect([after.status.second, again.status.second]).toEqual([EXECUTED, EXECUTED]);
      expect(again.run.warnings.join()).toMatch(/second .*keeps state from task to task/);
    });
  }
});

/** Two steps that reach a file through something the first one has filled. */
const MEMOS: readonly (readonly [string, string, string, Readonly<Record<string, string>>])[] = [
  [
    'a memo in a module',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nlet kept: string | undefined;\nexport const text = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
    },
  ],
  [
    'a memo in a Map',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nconst kept = new Map();\nexport const text = () => { if (!kept.has(1)) kept.set(1, fs.readFileSync('in' + '.txt', 'utf8')); return kept.get(1); };\n`,
    },
  ],
  [
    'a memo of a variable',
    `import { text } from './memo.ts';`,
    'text()',
    { 'memo.ts': `let kept: string | undefined;\nexport const text = () => (kept ??= process.env['IN' + 'PUT']);\n` },
  ],
  [
    'a guarded memo',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport function text() { if (!kept) kept = fs.readFileSync('in' + '.txt', 'utf8'); return kept; }\n`,
    },
  ],
  [
    'an awaited memo',
    `import { text } from './memo.ts';`,
    'await text()',
    {
      'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = async () => (kept ??= await fs.promises.readFile('in' + '.txt', 'utf8'));\n`,
    },
  ],
  [
    'a memo of a promise',
    `import { text } from './memo.ts';`,
    'await text()',
    {
      'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = () => (kept ??= fs.promises.readFile('in' + '.txt', 'utf8'));\n`,
    },
  ],
  [
    'a memo in a property',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nconst kept: any = {};\nexport const text = () => (kept.text ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
    },
  ],
  [
    'a memo of a memo',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nlet outer: any;\nlet inner: any;\nconst read = () => (inner ||= fs.readFileSync('in' + '.txt', 'utf8'));\nexport const text = () => (outer ??= read() + '!');\n`,
    },
  ],
  [
    'a memo over two modules',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nimport { read } from './inner.ts';\nvoid fs;\nlet kept: any;\nexport const text = () => (kept ??= read());\n`,
      'inner.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const read = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
    },
  ],
  [
    'a memo that a lazy module fills',
    `import { text } from './memo.ts';`,
    `(await import('./lazy.ts')).text + text()`,
    {
      'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
      'lazy.ts': `import { text as get } from './memo.ts';\nexport const text = get();\n`,
    },
  ],
  [
    'a memo of a module that a task loads',
    `import { text } from './memo.ts';`,
    'text()',
    {
      'memo.ts': `import fs from 'node:fs';\nimport { createRequire } from 'node:module';\nvoid fs;\nlet kept: any;\nexport const text = () => (kept ??= createRequire(import.meta.url)('./in.json').n);\n`,
    },
  ],
  [
    'a lazy import()',
    '',
    `(await import('./lazy.ts')).text`,
    { 'lazy.ts': `import fs from 'node:fs';\nexport const text = fs.readFileSync('in' + '.txt', 'utf8');\n` },
  ],
  [
    'a lazy import() of a module that imports the reading one',
    '',
    `(await import('./outer.ts')).text`,
    {
      'outer.ts': `export { text } from './inner.ts';\n`,
      'inner.ts': `import fs from 'node:fs';\nexport const text = fs.readFileSync('in' + '.txt', 'utf8');\n`,
    },
  ],
  [
    'a lazy import() with a top-level await',
    '',
    `(await import('./lazy.ts')).text`,
    {
      'lazy.ts': `import fs from 'node:fs/promises';\nexport const text = await fs.readFile('in' + '.txt', 'utf8');\n`,
    },
  ],
  [
    'a lazy import() that fails',
    '',
    `await import('./lazy.ts').catch((error: any) => error.message)`,
    { 'lazy.ts': `import fs from 'node:fs';\nthrow new Error(fs.readFileSync('in' + '.txt', 'utf8'));\n` },
  ],
  [
    'a lazy import() of a promise',
    '',
    `await (await import('./lazy.ts')).text`,
    {
      'lazy.ts': `import fs from 'node:fs';\nexport const text = (async () => { await 0; return fs.readFileSync('in' + '.txt', 'utf8'); })();\n`,
    },
  ],
  [
    'a lazy require',
    `import { createRequire } from 'node:module';\nconst need = createRequire(import.meta.url);`,
    `need('./lazy.cjs').text`,
    { 'lazy.cjs': `exports.text = require('fs').readFileSync('in' + '.txt', 'utf8');\n` },
  ],
  [
    'a lazy require of a file',
    `import { createRequire } from 'node:module';\nconst need = createRequire(import.meta.url);`,
    `need('./in.json').n`,
    {},
  ],
  [
    'a lazy import() of a computed name',
    '',
    `(await import(['./lazy', 'mjs'].join('.'))).text`,
    { 'lazy.mjs': `import fs from 'node:fs';\nexport const text = fs.readFileSync('in' + '.txt', 'utf8');\n` },
  ],
];

describe('what is read once for all tasks of a worker', () => {
  for (const [what, top, look, files] of MEMOS) {
    declareTest(`counts for each of them: ${what}`, async () => {
      const { run, edit, fresh } = session(
        `r!: unknown; s!: unknown;
        @step() async first() { this.r = String(${look}); }
        @step({ after: 'first' }) async second() { this.s = String(${look}); }`,
        { 'in.txt': 'one\n', 'in.json': '{ "n": 1 }\n', ...files },
        top,
      );
      await run(ONE, { env: { INPUT: 'one' } });
      edit({ 'in.txt': 'two\n', 'in.json': '{ "n": 2 }\n' });
      const env = { env: { INPUT: 'two' } };
      expectSameResults(await run(ONE, env), await fresh(ONE, env));
    });
  }

  for (const [kind, workers] of [
    ['one worker', ONE],
    ['two workers', TWO],
  ] as const) {
    it(`counts for each element of a foreach, and nothing else does: ${kind}`, async () => {
      const { run, edit, fresh } = session(
        `items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']; r!: string; all!: string;
        @step({ foreach: 'items' }) each(item: string) { this.r = text() + fs.readFileSync('data/' + item, 'utf8'); }
        @step({ join: 'each' }) join(tasks: any) { this.all = tasks.map((t: any) => t.r).join(); }`,
        {
          'in.txt': 'one\n',
          ...Object.fromEntries([...'abcdefgh'].map((name) => [`data/${name}`, name])),
          'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
        },
        `import { text } from './memo.ts';`,
      );
      await run([...workers]);
      edit({ 'data/a': 'A' });
      const one = await run([...workers]);
      expect(
        Object.entries(one.status).filter(([task, status]) => /^each/.test(task) && status === EXECUTED),
      ).toHaveLength(1);
      edit({ 'in.txt': 'two\n' });
      expectSameResults(await run([...workers]), await fresh([...workers]));
    });
  }

  for (const [what, options] of [
    ['is not cached', '{ cache: false }'],
    ['has an effect', `{ effect: true }`],
    ['leaves the file out', `{ inputs: { files: { exclude: ['in.txt'] } } }`],
  ] as const) {
    it(`counts for a step although the one that filled it ${what}`, async () => {
      const { run, edit, fresh } = session(
        `r!: unknown; s!: unknown;
        @step(${options}) first() { this.r = text().length; }
        @step({ after: 'first' }) second() { this.s = text(); }`,
        {
          'in.txt': 'one\n',
          'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
        },
        `import { text } from './memo.ts';`,
      );
      await run(ONE);
      edit({ 'in.txt': 'two\n' });
      expectSameResults(await run(ONE), await fresh(ONE));
    });
  }

  it('counts for no element when nothing fills it', async () => {
    const { run, edit } = session(
      `items = ['a', 'b', 'c', 'd']; r!: string; all!: string;
      @step({ foreach: 'items' }) each(item: string) { this.r = (item === 'z' ? text() : '') + fs.readFileSync('data/' + item, 'utf8'); }
      @step({ join: 'each' }) join(tasks: any) { this.all = tasks.map((t: any) => t.r).join(); }`,
      {
        ...Object.fromEntries([...'abcd'].map((name) => [`data/${name}`, name])),
        'memo.ts': `import fs from 'node:fs';\nlet kept: any;\nexport const text = () => (kept ??= fs.readFileSync('in' + '.txt', 'utf8'));\n`,
      },
      `import { text } from './memo.ts';`,
    );
    await run(ONE);
    edit({ 'data/a': 'A' });
    const again = await run(ONE);
    expect(Object.values(again.status).filter((status) => status === EXECUTED)).toHaveLength(2);
    expect(again.status['each[0]']).toBe(EXECUTED);
  });

  it('is not a sum over tasks that depends on the number of workers', async () => {
    const { run, fresh } = session(
      `items = [1, 2, 3, 4, 5, 6]; n!: number; all!: string;
      @step({ foreach: 'items' }) each(_: number) { this.n = next(); }
      @step({ join: 'each' }) join(tasks: any) { this.all = tasks.map((t: any) => t.n).join(); }`,
      { 'count.ts': `let count = 0;\nexport const next = () => ++count;\n` },
      `import { next } from './count.ts';`,
    );
    await run(ONE);
    const again = await run(TWO);
    expect(again.status['each[0]']).toBe(EXECUTED);
    void fresh;
  });
});

describe('variables that a step loads from a file', () => {
  const DOTENV = `for (const line of fs.readFileSync(['settings', 'env'].join('.'), 'utf8').split('\\n')) { const [k, v] = line.split('='); if (k) process.env[k] = v; }`;
  for (const [way, load] of [
    ['process.loadEnvFile', `(process as any).loadEnvFile('settings.env');`],
    ['a loop over its lines', DOTENV],
  ] as const) {
    it(`are inputs through the file: ${way}`, async () => {
      const { run, edit, fresh } = session(`r!: unknown;\n  @step() read() { ${load} this.r = process.env.LEVEL; }`, {
        'settings.env': 'LEVEL=one\n',
      });
      await run();
      expect((await run()).status.read).toBe(CACHED);
      edit({ 'settings.env': 'LEVEL=two\n' });
      const again = await run();
      expect(again.status.read).toBe(EXECUTED);
      expectSameResults(again, await fresh());
    });
  }
});

describe('what no key covers', () => {
  for (const [what, expression, top] of [
    ['the clock', 'Date.now()', ''],
    ['the clock by another name', 'new D().getTime()', 'const D = Date;'],
    ['chance', 'random()', 'const { random } = Math;'],
    ['chance from globalThis', `(globalThis as any)['Ma' + 'th'].random()`, ''],
    ['chance in a package', 'chance()', `import { chance } from 'chance';`],
    ['the network', `await (globalThis as any)['fe' + 'tch']('http://127.0.0.1:9/').catch(() => 'none')`, ''],
    [
      'a command that inherits the environment',
      `execFileSync(process.execPath, ['-p', 'process.env.HOME'])`,
      `import { execFileSync } from 'node:child_process';`,
    ],
  ] as const) {
    it(`is warned of, where it happened, and only there: ${what}`, async () => {
      const { run } = session(
        `r!: unknown; s!: unknown;\n  @step() async look() { this.r = String(${expression}); }\n  @step() other() { this.s = fs.existsSync('x'); }`,
        {
          'node_modules/chance/package.json':
            '{ "name": "chance", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
          'node_modules/chance/index.js': 'export const chance = () => Math.random();\n',
        },
        top,
      );
      const { warnings } = (await run()).run;
      expect(warnings).toEqual([expect.stringMatching(/^look .*/)]);
    });
  }
});
