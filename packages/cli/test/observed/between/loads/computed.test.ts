import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../../harness/session.ts';

/** Loads of names that are put together, and what an edit of each kind of file means to them. */
interface Way {
  readonly name: string;
  /** Expression that loads the module whose name, without its folder, is `name`, and gives its `v`. */
  readonly load: string;
  readonly file: string;
  /** The name, if it is not that of the file. */
  readonly given?: string;
  /** Files that come with it. */
  readonly with?: Readonly<Record<string, string>>;
  /** `undefined` where nothing else can be found in its place. */
  readonly before?: string;
  readonly edits?: readonly string[];
}

const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n`;
const PACKAGE = {
  'node_modules/pkg/package.json': '{ "name": "pkg", "version": "1.0.0", "exports": "./index.js" }\n',
  'node_modules/pkg/index.js': `exports.v = 'one';\n`,
};

const WAYS: readonly Way[] = [
  { name: 'require', load: `require(['.', 'parts', name].join('/')).v`, file: 'parts/a.cjs' },
  {
    name: 'require without an extension',
    load: `require(['.', 'parts', name].join('/')).v`,
    file: 'parts/a.json',
    before: 'parts/a.js',
  },
  {
    name: 'require of a folder',
    load: `require(['.', 'parts', name].join('/')).v`,
    file: 'parts/a/index.json',
    before: 'parts/a.js',
  },
  {
    name: 'a module that requires another',
    load: `require(['.', 'parts', name].join('/')).v`,
    file: 'parts/a.cjs',
    with: { 'parts/a.cjs': `exports.v = require('./inner').v;\n`, 'parts/inner.json': '{ "v": "one" }\n' },
    before: 'parts/inner.js',
    edits: ['parts/inner.json'],
  },
  { name: 'import()', load: `(await import(['.', 'parts', name].join('/'))).v`, file: 'parts/a.mjs' },
  {
    name: 'import() of a module that imports another',
    load: `(await import(['.', 'parts', name].join('/'))).v`,
    file: 'parts/a.mjs',
    with: { 'parts/a.mjs': `export * from './inner.mjs';\n`, 'parts/inner.mjs': `export const v = 'one';\n` },
    edits: ['parts/inner.mjs'],
  },
  {
    name: 'a package by require',
    load: `require(['p', 'kg'].join('')).v`,
    file: 'parts/a.cjs',
    with: PACKAGE,
    edits: ['node_modules/pkg/index.js'],
  },
  {
    name: 'a package by import()',
    load: `(await import(['p', 'kg'].join(''))).v`,
    file: 'parts/a.cjs',
    with: PACKAGE,
    edits: ['node_modules/pkg/index.js'],
  },
  { name: 'require in a folder', load: `require('./parts/' + name).v`, file: 'parts/a.json', before: 'parts/a.js' },
  {
    name: 'require in a folder, in CommonJS',
    load: `helper.get(name)`,
    file: 'parts/a.json',
    with: { 'lib/helper.cjs': `exports.get = (name) => require('../parts/' + name + '.json').v;\n` },
  },
  {
    name: 'require in a folder without an extension, in CommonJS',
    load: `helper.get(name)`,
    file: 'parts/a.json',
    with: { 'lib/helper.cjs': `exports.get = (name) => require('../parts/' + name).v;\n` },
    before: 'parts/a.js',
  },
  {
    name: 'require in CommonJS',
    load: `helper.get(name)`,
    file: 'parts/a.cjs',
    with: { 'lib/helper.cjs': `exports.get = (name) => require(['..', 'parts', name].join('/')).v;\n` },
  },
  {
    name: 'a package by require in CommonJS',
    load: `helper.get(['p', 'kg'].join(''))`,
    file: 'parts/a.cjs',
    with: { ...PACKAGE, 'lib/helper.cjs': `exports.get = (name) => require(name).v;\n` },
    edits: ['node_modules/pkg/index.js'],
  },
  {
    name: 'a package by a require that is handed on, in CommonJS',
    load: `helper.get(['p', 'kg'].join(''))`,
    file: 'parts/a.cjs',
    with: { ...PACKAGE, 'lib/helper.cjs': `const load = require;\nexports.get = (name) => [name].map(load)[0].v;\n` },
    edits: ['node_modules/pkg/index.js'],
  },
  {
    name: 'a package by require.resolve and require in CommonJS',
    load: `helper.get(['p', 'kg'].join(''))`,
    file: 'parts/a.cjs',
    with: { ...PACKAGE, 'lib/helper.cjs': `exports.get = (name) => require(require.resolve(name)).v;\n` },
    edits: ['node_modules/pkg/index.js'],
  },
  {
    name: 'import() in a folder with a query',
    load: `(await import('./parts/' + name + '?v=2')).v`,
    file: 'parts/a.mjs',
  },
  { name: 'import() of a sum with a query', load: `(await import('./parts/a.mjs' + '?v=2')).v`, file: 'parts/a.mjs' },
  {
    name: 'TypeScript with a query by import() in a folder',
    load: `(await import('./parts/' + name)).v`,
    file: 'parts/a.ts',
    given: 'a.ts?v=2',
  },
  { name: 'import() in a folder', load: `(await import('./parts/' + name)).v`, file: 'parts/a.ts' },
  { name: 'import() by a template', load: '(await import(`./parts/${name}.ts`)).v', file: 'parts/a.ts', given: 'a' },
  { name: 'import() in the folder itself', load: `(await import('./' + name)).v`, file: 'a.ts' },
  {
    name: 'import() in a folder of a module that imports others',
    load: `(await import('./parts/' + name)).v`,
    file: 'parts/a.ts',
    with: {
      'parts/a.ts': `export * from '../lib/first';\n`,
      'lib/first.ts': `import { v as w } from './second.ts';\nexport const v = w;\n`,
      'lib/second.ts': `export const v = 'one';\n`,
    },
    edits: ['lib/second.ts'],
  },
  {
    name: 'import() in a folder of a module that imports a package',
    load: `(await import('./parts/' + name)).v`,
    file: 'parts/a.ts',
    with: { ...PACKAGE, 'parts/a.ts': `import { v as w } from 'pkg';\nexport const v = w;\n` },
    edits: ['node_modules/pkg/index.js'],
  },
  {
    name: 'import() in a folder of a module that does so itself',
    load: `(await import('./parts/' + name)).v`,
    file: 'parts/a.ts',
    with: {
      'parts/a.ts': `const inner = ['inner'].join('');\nexport const { v } = await import('./sub/' + inner + '.ts');\n`,
      'parts/sub/inner.ts': `export const v = 'one';\n`,
    },
    edits: ['parts/sub/inner.ts'],
  },
  {
    name: 'import() of a name in an enum',
    load: `(await import(Names.A)).v`,
    file: 'parts/a.mjs',
  },
];

const END: Readonly<Record<string, string>> = {
  cjs: `exports.v = 'one';\n`,
  mjs: `export const v = 'one';\n`,
  ts: `export const v = 'one';\n`,
  json: '{ "v": "one" }\n',
  js: `exports.v = 'one';\n`,
};
const textOf = (file: string) => END[file.split('.').at(-1) ?? ''] ?? '';

const resultOf = (value: string) =>
  `r json/1 sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;

/** A flow that does it in a task, and one that does it while its modules load. */
const PLACES: Readonly<Record<string, (way: Way) => Parameters<typeof session>>> = {
  'in a task': (way) => [
    `  r!: unknown; p!: number;\n  @step() async look() { this.r = await get(); }\n  @step() plain() { this.p = 1; }`,
    { ...filesOf(way), 'get.ts': `${head(way)}export const get = async () => ${way.load};\n` },
    `import { get } from './get.ts';`,
  ],
  'at load': (way) => [
    '  r!: unknown;\n  @step() look() { this.r = v; }',
    { ...filesOf(way), 'get.ts': `${head(way)}export const v = ${way.load};\n` },
    `import { v } from './get.ts';`,
  ],
};

const filesOf = (way: Way) => ({
  'package.json': '{ "type": "module" }\n',
  'parts/package.json': '{ "type": "commonjs" }\n',
  'lib/helper.cjs': '',
  'parts/other.cjs': `exports.v = 'other';\n`,
  [way.file]: textOf(way.file),
  ...way.with,
});
const nameOf = ({ file, given }: Way) => given ?? file.replace(/^parts\//, '').replace(/(\/index)?\.json$/, '');
const head = (way: Way) =>
  `${REQUIRE}import helper from './lib/helper.cjs';\nvoid helper;\nenum Names { A = './${way.file}' }\nvoid Names;\nconst name = [${JSON.stringify(nameOf(way))}].join('');\n`;

describe.each(Object.entries(PLACES))('a file of a computed name, %s', { timeout: 120_000 }, (_, open) => {
  it.each(WAYS)('counts when it was loaded, and no other does: $name', async (way) => {
    const { run, edit, fresh } = session(...open(way));
    const first = await run();
    expect(first.result.look).toBe(resultOf('one'));
    edit({
      'parts/other.cjs': `exports.v = 'changed';\n`,
      'parts/new.mjs': 'export const v = 1;\n',
      'lib/far.ts': 'export {};\n',
    });
    expect((await run()).status).toEqual(Object.fromEntries(Object.keys(first.status).map((task) => [task, CACHED])));
    for (const file of way.edits ?? [way.file]) {
      edit({ [file]: (way.with?.[file] ?? textOf(file)).replace('one', 'two') });
      const again = await run();
      expect(again.status.look).toBe(EXECUTED);
      expect(again.result.look).toBe(resultOf('two'));
      expectSameResults(again, await fresh());
    }
    if (way.before === undefined) return;
    edit({ [way.before]: `exports.v = 'three';\n` });
    const again = await run();
    expect(again.result.look).toBe(resultOf('three'));
    expectSameResults(again, await fresh());
  });
});

const MISSING = {
  'a computed require': 'require(name)',
  'a computed import': 'await import(name)',
  'an import in a folder': `await import('./parts/' + name.split('/').at(-1))`,
};

describe.each(Object.entries(MISSING))('a file that is missing, by %s', (_, load) => {
  const text = `${REQUIRE}const name = ['.', 'parts', 'late.cjs'].join('/');\n`;
  const tries = `try { found = (${load}).v ?? 'none'; } catch {}`;

  it('counts when it appears, in a task', async () => {
    const { run, edit } = session(
      '  r!: unknown;\n  @step() async look() { this.r = await get(); }',
      {
        'parts/other.ts': '',
        'get.ts': `${text}export async function get() { let found = 'missing'; ${tries} return found; }\n`,
      },
      `import { get } from './get.ts';`,
    );
    expect((await run()).result.look).toBe(resultOf('missing'));
    expect((await run()).status.look).toBe(CACHED);
    edit({ 'parts/late.cjs': `exports.v = 'late';\n` });
    expect((await run()).result.look).toBe(resultOf('late'));
  });

  it('counts when it appears, at load', async () => {
    const { run, edit } = session(
      '  r!: unknown;\n  @step() look() { this.r = found; }',
      {
        'parts/other.ts': '',
        'get.ts': `${text}let found = 'missing';\n${tries}\nexport { found };\n`,
      },
      `import { found } from './get.ts';`,
    );
    expect((await run()).result.look).toBe(resultOf('missing'));
    expect((await run()).status.look).toBe(CACHED);
    edit({ 'parts/late.cjs': `exports.v = 'late';\n` });
    expect((await run()).result.look).toBe(resultOf('late'));
  });
});

describe.each(['in a task', 'at load'])('require.resolve of a computed name, %s', (place) => {
  it('counts by what it finds, not by what that holds', async () => {
    const find = `export const find = () => { try { return require.resolve('./parts/' + name).split('/').at(-1); } catch { return 'none'; } };\n`;
    const code = `${REQUIRE}const name = ['a'].join('');\n${find}export const found = find();\n`;
    const use = place === 'at load' ? 'found' : 'find()';
    const { run, edit } = session(
      `  r!: unknown;\n  @step() look() { this.r = ${use}; }`,
      { 'get.ts': code },
      `import { find, found } from './get.ts';\nvoid [find, found];`,
    );
    const seen = async () => {
      const { result, status } = await run();
      expect((await run()).status.look).toBe(CACHED);
      return [result.look, status.look];
    };
    expect(await seen()).toEqual([resultOf('none'), EXECUTED]);
    edit({ 'parts/a.json': '{}\n' });
    expect(await seen()).toEqual([resultOf('a.json'), EXECUTED]);
    edit({ 'parts/a.json': '{ "n": 1 }\n' });
    expect(await seen()).toEqual([resultOf('a.json'), CACHED]);
    edit({ 'parts/a.js': '' });
    expect(await seen()).toEqual([resultOf('a.js'), EXECUTED]);
  });
});
