import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

const resultOf = (value: string) =>
  `r json/1 sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;

/** Loads `plugins/a.ts` out of a folder that is compiled as a whole. */
const IN_FOLDER = `  r!: unknown;\n  @step() async look() { this.r = (await import('./plugins/' + ['a'].join('') + '.ts')).v; }`;

interface Decision {
  readonly files: Readonly<Record<string, string>>;
  readonly edit: Readonly<Record<string, string>>;
  readonly beside: Readonly<Record<string, string>>;
}

const FIELDS = `const log: string[] = [];
class Base { set x(_v: number) { log.push('set'); } }
class Sub extends Base { x = 1; }
new Sub();
export const v = log.join();
`;
const options = (define: boolean) =>
  `{ "compilerOptions": { "target": "es2022", "useDefineForClassFields": ${define} } }\n`;
const alias = (to: string) => `{ "type": "module", "imports": { "#lib": "./lib/${to}.ts" } }\n`;
const TWO = { 'lib/one.ts': `export const v = 'one';\n`, 'lib/two.ts': `export const v = 'two';\n` };

const DECISIONS: Readonly<Record<string, Decision>> = {
  'options of the compiler': {
    files: { 'plugins/a.ts': FIELDS, 'base.json': options(true), 'tsconfig.json': '{ "extends": "./base.json" }\n' },
    edit: { 'base.json': options(false) },
    beside: { 'lib/tsconfig.json': options(false) },
  },
  'options of the compiler in a folder of its own': {
    files: { 'plugins/a.ts': FIELDS, 'tsconfig.json': options(true) },
    edit: { 'plugins/tsconfig.json': options(false) },
    beside: { 'plugins/sub/tsconfig.json': options(false) },
  },
  'an alias': {
    files: { ...TWO, 'plugins/a.ts': `export { v } from '#lib';\n`, 'package.json': alias('one') },
    edit: { 'package.json': alias('two') },
    beside: { 'lib/package.json': '{ "type": "module" }\n' },
  },
  'a file that is found first': {
    files: { 'plugins/a.ts': `export { v } from '../lib/one';\n`, 'lib/one/index.ts': `export const v = 'one';\n` },
    edit: { 'lib/one.ts': `export const v = 'two';\n` },
    beside: { 'lib/one/index.json': '{}\n', 'lib/two.ts': '' },
  },
};

describe('what a file of a folder means, of which one is loaded by a computed name', () => {
  it.each(Object.entries(DECISIONS))('follows %s', async (_, { files, edit: edits, beside }) => {
    const { run, edit, fresh } = session(IN_FOLDER, files);
    const first = await run();
    edit(beside);
    expect((await run()).status.look).toBe(CACHED);
    edit(edits);
    const again = await run();
    expect(again.status.look).toBe(EXECUTED);
    expect(again.result.look).not.toBe(first.result.look);
    expectSameResults(again, await fresh());
  });
});

const LOAD = `let v = 'none'; try { v = (await import(['.', 'plugins', 'a.mjs'].join('/'))).v; } catch {}`;

describe.each([
  ['in a task', `  r!: unknown;\n  @step() async look() { ${LOAD} this.r = v; }`, ''],
  ['at load', '  r!: unknown;\n  @step() look() { this.r = v; }', LOAD],
])('a file that a file of a computed name imports, %s', (_, members, top) => {
  it('counts when it was missing and appears', async () => {
    const files = { 'plugins/a.mjs': `export { v } from './inner.mjs';\n` };
    const { run, edit } = session(members, files, top);
    expect((await run()).result.look).toBe(resultOf('none'));
    edit({ 'plugins/other.mjs': '' });
    expect((await run()).status.look).toBe(CACHED);
    edit({ 'plugins/inner.mjs': `export const v = 'late';\n` });
    expect((await run()).result.look).toBe(resultOf('late'));
  });
});

const LEVEL = `process.env.LEVEL ?? 'none'`;
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

describe('what a file looks at while it is evaluated, once a thread', { timeout: 120_000 }, () => {
  it.each([
    ['by import()', 'mjs', `(await import(['.', 'plugins', n + '.mjs'].join('/'))).v`],
    ['by require', 'cjs', `require(['.', 'plugins', n + '.cjs'].join('/')).v`],
    ['out of a folder', 'ts', `(await import('./plugins/' + n + '.ts')).v`],
  ])('counts for every task that loads it, or another that imports it: %s', async (_, end, load) => {
    const inner = end === 'cjs' ? `exports.v = ${LEVEL};\n` : `export const v = ${LEVEL};\n`;
    const outer = end === 'cjs' ? `exports.v = require('./inner.cjs').v;\n` : `export { v } from './inner.${end}';\n`;
    const { run, fresh } = session(
      `  names!: string[]; r!: unknown;
  @step() list() { this.names = ['a', 'b', 'a', 'inner', 'b', 'inner']; }
  @step({ after: 'list', foreach: 'names' }) async look(n: string) { this.r = ${load}; }`,
      { [`plugins/a.${end}`]: outer, [`plugins/b.${end}`]: outer, [`plugins/inner.${end}`]: inner },
      `${REQUIRE}\nvoid require;`,
    );
    await run();
    expect(new Set(Object.values((await run()).status))).toEqual(new Set([CACHED]));
    const at = { env: { LEVEL: 'high' } };
    expectSameResults(await run([], at), await fresh([], at));
  });
});
