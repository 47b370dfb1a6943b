import { expect, test } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const log = (name: string, more = '') => `(globalThis.seen ??= []).push('${name}'); ${more}`;
const PACKAGES = {
  'package.json': '{"name":"app","type":"module"}',
  'node_modules/p/package.json':
    '{"name":"p","version":"1.0.0","type":"module","exports":{".":"./p.js","./more":"./more.js"}}',
  'node_modules/p/p.js': log(
    'p',
    'export let n = 0; export const add = () => ++n; export const mode = process.env.ORDER; export default function () { return this; }',
  ),
  'node_modules/p/more.js': log('more', 'export const more = globalThis.seen.length;'),
  'node_modules/c/package.json': '{"name":"c","version":"1.0.0"}',
  'node_modules/c/index.js': log(
    'c',
    'exports.__esModule = true; exports.mode = process.env.ORDER; exports.default = 1;',
  ),
  'setup.ts': log('setup', `process.env.ORDER = 'set';`),
  'inert.ts': `export const one: number = 1; export class A { static b = -1; c() {} } export enum E { f = 'g' }`,
  'quiet.ts': `import type { X } from './x.ts'; export const one = 1, table = new Map<string, X>(); export default () => table;`,
};

/** Each prints what Node prints for the same modules. */
test.each([
  [
    'a package after a local module',
    `import './setup.ts'; import { mode } from 'p'; console.log(mode, seen.join());`,
    'set setup,p',
  ],
  [
    'a package before it',
    `import { mode } from 'p'; import './setup.ts'; console.log(mode, seen.join());`,
    'undefined p,setup',
  ],
  [
    'names that change, in every form of import',
    `import './setup.ts'; import self, { n, add, add as plus } from 'p'; import * as all from 'p';
add(); plus(); console.log(n, all.n, all.default === self, self(), Object.keys(all).join(), Object.prototype.toString.call(all), 'mode' in all);`,
    '2 2 true undefined add,default,mode,n [object Module] true',
  ],
  [
    'a package of CommonJS',
    `import './setup.ts'; import c, { mode } from 'c'; console.log(c.mode, c.default, mode);`,
    'set 1 set',
  ],
  [
    'what a local module exports of a package',
    `import './setup.ts'; import { mode, add, own, q } from './re.ts'; add(); import * as re from './re.ts'; console.log(mode, own, re.n, q.n, Object.keys(re).sort().join());`,
    'set 1 1 1 add,mode,n,own,q',
  ],
  [
    'packages between local modules',
    `import './a.ts'; import './b.ts'; import 'p'; import './last.cjs'; import 'c'; console.log(seen.join());`,
    'a,p,more,b,last,c',
  ],
  [
    'modules in a circle',
    `import { f } from './x.ts'; import 'c'; console.log(f(), seen.join());`,
    'set-set setup,p,y,x,c',
  ],
  [
    'a module that is also imported later',
    `import './setup.ts'; import { mode } from './lazy.ts'; console.log(mode, (await import('./lazy.ts')).mode, seen.join());`,
    'set set setup,p,lazy',
  ],
])('%s is evaluated where Node evaluates it', async (_, flow, expected) => {
  const { run } = tempProject({
    ...PACKAGES,
    'flow.ts': `${flow}\ndeclare global { var seen: string[] }`,
    're.ts': `export * from 'p'; export const own = 1; export * as q from 'p';`,
    'a.ts': log('a'),
    'b.ts': `import 'p'; ${log('b')} import './more.ts';`,
    'more.ts': `import { more } from 'p/more'; export default more;`,
    'last.cjs': log('last'),
    'x.ts': `import { g } from './y.ts'; import { mode } from 'p'; ${log('x')} export const f = () => mode + '-' + g();`,
    'y.ts': `import './setup.ts'; import { mode } from 'p'; import { f } from './x.ts'; ${log('y')} export const g = () => f && mode;`,
    'lazy.ts': `import { mode } from 'p'; ${log('lazy')} export { mode };`,
  });
  const { stdout, stderr } = await run('flow.ts');
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(expected);
});

test('a name that the package does not export is an error, as it is in Node', async () => {
  const { run } = tempProject({
    ...PACKAGES,
    'flow.ts': `import './setup.ts'; import { none } from 'p'; console.log(none);`,
  });
  const { stdout, stderr } = await run('flow.ts');
  expect(stdout).toBe('');
  expect(stderr).toMatch(/SyntaxError: .*p\.js does not provide an export named none/);
});

test.each([
  ['packages come first', `import { n } from 'p'; import { own } from './setup.ts'; console.log(n, own);`],
  ['local modules only declare', `import { one } from './quiet.ts'; import { n } from 'p'; console.log(n, one);`],
  ['it is varve', `import { own } from './setup.ts'; import { n } from 'varve'; console.log(n, own);`],
])('a package is imported as it is written when %s', async (_, flow) => {
  const { path } = tempProject({
    ...PACKAGES,
    'node_modules/varve/package.json': '{"name":"varve","version":"1.0.0","type":"module","exports":"./v.js"}',
    'node_modules/varve/v.js': 'export const n = 1;',
    'setup.ts': `${PACKAGES['setup.ts']} export const own = 1;`,
    'flow.ts': flow,
  });
  const { code } = await createLoader().compile(path('flow.ts'));
  expect(code).toMatch(/^import \{ n \} from "file:/m);
});

test('modules that cannot wait have their packages loaded before them', async () => {
  const { run } = tempProject({
    ...PACKAGES,
    'flow.ts': `import './setup.ts'; import old from './old.cjs'; import { mode } from 'p'; console.log(old, mode, seen.join());`,
    'old.cjs': `module.exports = require('./new.ts').mode;`,
    'new.ts': `export { mode } from 'p';`,
  });
  expect(await run('flow.ts')).toMatchObject({ stdout: 'undefined undefined p,setup\n', stderr: '' });
});

test('lines of errors after a package that comes later are those of the source', async () => {
  const { run } = tempProject({
    ...PACKAGES,
    'flow.ts': `import './setup.ts';\nimport { n } from 'p';\nthrow new Error('here' + n);`,
  });
  expect((await run('flow.ts')).stderr).toMatch(/flow\.ts:3:7/);
});
