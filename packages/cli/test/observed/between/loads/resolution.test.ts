import { describe, expect, it } from 'vitest';
import { CACHED, expectSameResults, session } from '../../harness/session.ts';

const REQUIRE = `import { createRequire } from 'node:module';\nconst need = createRequire(import.meta.url);\nimport helper from './helper.cjs';`;

/** Loads of a package whose `exports` has conditions. */
const LOADS = [
  'p.v',
  `(await import('pkg')).v`,
  `(await import(['pkg'].join())).v`,
  `need('pkg').v`,
  `need(['pkg'].join()).v`,
  `need(need.resolve('pkg')).v`,
  `helper.get('pkg').v`,
  `helper.late().v`,
  `outer.look()`,
  `(await outer.later()).v`,
];

const steps = (loads: readonly string[]) =>
  loads.map((use, at) => `  r${at}!: unknown;\n  @step() async s${at}() { this.r${at} = ${use}; }`).join('\n');

describe('what Node was started with', { timeout: 300_000 }, () => {
  it('counts by the conditions of exports', async () => {
    const { run, fresh } = session(
      steps(LOADS),
      {
        'package.json': '{ "type": "module" }\n',
        'helper.cjs': `exports.get = (name) => require(name);\nexports.late = () => require('pkg');\n`,
        'node_modules/pkg/package.json':
          '{ "name": "pkg", "version": "1.0.0", "exports": { "custom": "./c.js", "default": "./d.js" } }\n',
        'node_modules/pkg/c.js': `exports.v = 'custom';\n`,
        'node_modules/pkg/d.js': `exports.v = 'default';\n`,
        'node_modules/outer/package.json': '{ "name": "outer", "version": "1.0.0" }\n',
        'node_modules/outer/index.js': `exports.look = () => require('pkg').v;\nexports.later = () => import('pkg');\n`,
      },
      `${REQUIRE}\nimport p from 'pkg';\nimport outer from 'outer';`,
      true,
    );
    const custom = { env: { NODE_OPTIONS: '--conditions=custom' } };
    const first = await run();
    const other = await run([], custom);
    expectSameResults(other, await fresh([], custom));
    expect(Object.keys(first.result).filter((task) => first.result[task] === other.result[task])).toEqual([]);
    const again = await run([], { env: { NODE_OPTIONS: '-C custom' } });
    expect([...new Set(Object.values(again.status))]).toEqual([CACHED]);
    expectSameResults(again, other);
    expectSameResults(await run(), first);
  });

  it('counts by what it finds in the folders of NODE_PATH', async () => {
    const loads = [`need('far')`, `need(['far'].join())`, `need.resolve('far') && need('far')`, `helper.get('far')`];
    const { run, fresh, edit, project } = session(
      steps(
        loads.map(
          (load) => `await (async () => { try { return ${load}; } catch (error: any) { return error.code; } })()`,
        ),
      ),
      {
        'package.json': '{ "type": "module" }\n',
        'helper.cjs': `exports.get = (name) => require(name);\n`,
        'one/far.js': `module.exports = 'one';\n`,
        'two/far/index.js': `module.exports = 'two';\n`,
      },
      REQUIRE,
      true,
    );
    const at = (folder: string) => ({ env: { NODE_PATH: project.path(folder) } });
    for (const around of [{}, at('one'), at('two'), {}, at('one')])
      expectSameResults(await run([], around), await fresh([], around));
    expect([...new Set(Object.values((await run([], at('one'))).status))]).toEqual([CACHED]);
    edit({ 'one/far.js': `module.exports = 'new';\n` });
    expectSameResults(await run([], at('one')), await fresh([], at('one')));
  });
});

describe('a data: URL', { timeout: 120_000 }, () => {
  it.each(['text', 'base64'])('counts by the files it imports, whoever has loaded them before: %s', async (form) => {
    const { run, edit, fresh, project } = session(
      `  a!: unknown; b!: unknown; c!: unknown;
  @step() async first() { this.a = (await import(['.', 'm.mjs'].join('/'))).v; }
  @step({ after: 'first' }) async second() { this.b = (await import(url())).v; }
  @step({ after: 'second' }) async third() { this.c = (await import(url())).v; }`,
      {
        'package.json': '{ "type": "module" }\n',
        'm.mjs': `export { v } from './dep.mjs';\n`,
        'dep.mjs': `export const v = 'one';\n`,
      },
    );
    const text = `export { v } from ${JSON.stringify(new URL(`file://${project.path('m.mjs')}`).href)}`;
    const url = form === 'text' ? `data:text/javascript,${text}` : `data:text/javascript;base64,${btoa(text)}`;
    const flow = project.read('flow.ts');
    edit({ 'flow.ts': `${flow}\nfunction url() { return [${JSON.stringify(url)}].join(); }\n` });
    await run(['--workers', '1']);
    expect([...new Set(Object.values((await run(['--workers', '1'])).status))]).toEqual([CACHED]);
    edit({ 'dep.mjs': `export const v = 'two';\n` });
    expectSameResults(await run(['--workers', '1']), await fresh(['--workers', '1']));
    edit({ 'm.mjs': `export const v = 'three';\n` });
    expectSameResults(await run(['--workers', '1']), await fresh(['--workers', '1']));
  });
});
