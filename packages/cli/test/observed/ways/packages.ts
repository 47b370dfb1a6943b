import type { Effect } from '../harness/effect.ts';

const manifest = (more = '') => `{ "name": "pkg-$ID", "version": "1.0.0"${more} }\n`;
const ESM = manifest(', "type": "module", "exports": { ".": "./index.js", "./data.json": "./data.json" }');
const CJS = manifest();
const at = (path: string) => `node_modules/pkg-$ID/${path}`;
const REQUIRE = `import { createRequire } from 'node:module';\nconst need = createRequire(import.meta.url);`;

function inPlace(way: string, top: string, use: string, files: Readonly<Record<string, string>>, edit: string): Effect {
  const placed = Object.entries(files).map(([path, text]) => [
    path.startsWith('node_modules/') || path.startsWith('./') ? path.replace(/^\.\//, '') : at(path),
    text,
  ]);
  return { kind: 'package edited in place', way, top, use, files: Object.fromEntries(placed), edit };
}

/** Packages whose files change while name, version and integrity stay; the edited files keep their size. */
export const PACKAGES: readonly Effect[] = [
  inPlace(
    'an ES module',
    `import { v } from 'pkg-$ID';`,
    'v',
    { 'package.json': ESM, 'index.js': `export const v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'CommonJS',
    `import pkg from 'pkg-$ID';`,
    'pkg.v',
    { 'package.json': CJS, 'index.js': `exports.v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'a file deep inside',
    `import { v } from 'pkg-$ID';`,
    'v',
    {
      'package.json': ESM,
      'index.js': `export * from './lib/deep/a.js';\n`,
      'lib/deep/a.js': `export const v = 'one';\n`,
    },
    at('lib/deep/a.js'),
  ),
  inPlace(
    'a file that is required when it is called',
    `import pkg from 'pkg-$ID';`,
    'pkg.v()',
    {
      'package.json': CJS,
      'index.js': `exports.v = () => require('./lazy.js');\n`,
      'lazy.js': `module.exports = 'one';\n`,
    },
    at('lazy.js'),
  ),
  inPlace(
    'a file that is imported when it is called',
    `import { v } from 'pkg-$ID';`,
    'await v()',
    {
      'package.json': ESM,
      'index.js': `export const v = async () => (await import('./lazy.js')).v;\n`,
      'lazy.js': `export const v = 'one';\n`,
    },
    at('lazy.js'),
  ),
  {
    ...inPlace(
      'JSON of a package',
      `import pkg from 'pkg-$ID';`,
      'pkg.v',
      { 'package.json': CJS, 'index.js': `exports.v = require('./data.json').v;\n`, 'data.json': '{ "v": "one" }' },
      at('data.json'),
    ),
    edit: { 'node_modules/pkg-$ID/data.json': '{ "v": "two" }' },
  },
  inPlace(
    'a declared dependency of it',
    `import pkg from 'pkg-$ID';`,
    'pkg.v',
    {
      'package.json': manifest(', "dependencies": { "dep-$ID": "1.0.0" }'),
      'index.js': `exports.v = require('dep-$ID');\n`,
      'node_modules/dep-$ID/package.json': '{ "name": "dep-$ID", "version": "1.0.0" }\n',
      'node_modules/dep-$ID/index.js': `module.exports = 'one';\n`,
    },
    'node_modules/dep-$ID/index.js',
  ),
  inPlace(
    'a dependency that it forgot to declare',
    `import pkg from 'pkg-$ID';`,
    'pkg.v',
    {
      'package.json': CJS,
      'index.js': `exports.v = require('dep-$ID');\n`,
      'node_modules/dep-$ID/package.json': '{ "name": "dep-$ID", "version": "1.0.0" }\n',
      'node_modules/dep-$ID/index.js': `module.exports = 'one';\n`,
    },
    'node_modules/dep-$ID/index.js',
  ),
  inPlace(
    'reached by createRequire',
    REQUIRE,
    `need('pkg-$ID').v`,
    { 'package.json': CJS, 'index.js': `exports.v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'reached by createRequire of a computed name',
    REQUIRE,
    `need(['pkg', '$ID'].join('-')).v`,
    { 'package.json': CJS, 'index.js': `exports.v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'reached by import(name)',
    '',
    `(await import(['pkg', '$ID'].join('-'))).v`,
    { 'package.json': ESM, 'index.js': `export const v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'reached by import() of a literal',
    '',
    `(await import('pkg-$ID')).v`,
    { 'package.json': ESM, 'index.js': `export const v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'reached by a helper in CommonJS',
    `import helper from './helper.cjs';`,
    'helper.v()',
    {
      './helper.cjs': `exports.v = () => require('pkg-$ID').v;\n`,
      'package.json': CJS,
      'index.js': `exports.v = 'one';\n`,
    },
    at('index.js'),
  ),
  inPlace(
    'a client that is generated below node_modules',
    `import { v } from 'pkg-$ID';`,
    'v',
    {
      'package.json': ESM,
      'index.js': `export * from '../.client-$ID/index.js';\n`,
      'node_modules/.client-$ID/package.json': '{ "type": "module" }\n',
      'node_modules/.client-$ID/index.js': `export const v = 'one';\n`,
    },
    'node_modules/.client-$ID/index.js',
  ),
  inPlace(
    'a client generated beside it, in CommonJS',
    `import pkg from 'pkg-$ID';`,
    'pkg.v',
    {
      'package.json': CJS,
      'index.js': `module.exports = require('.client-$ID');\n`,
      'node_modules/.client-$ID/index.js': `exports.v = 'one';\n`,
    },
    'node_modules/.client-$ID/index.js',
  ),
  inPlace(
    'its default export',
    `import make from 'pkg-$ID';`,
    'make()',
    { 'package.json': ESM, 'index.js': `export default () => 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    're-exported by a module of the flow',
    `import { v } from './again.ts';`,
    'v',
    { './again.ts': `export { v } from 'pkg-$ID';\n`, 'package.json': ESM, 'index.js': `export const v = 'one';\n` },
    at('index.js'),
  ),
  inPlace(
    'its main entry points to another file',
    `import pkg from 'pkg-$ID';`,
    'pkg.v',
    { 'package.json': manifest(`, "main": "a.js"`), 'a.js': `exports.v = 'one';\n`, 'b.js': `exports.v = 'other';\n` },
    at('a.js'),
  ),
  {
    ...inPlace(
      'package.json names another entry',
      `import pkg from 'pkg-$ID';`,
      'pkg.v',
      {
        'package.json': manifest(`, "main": "a.js"`),
        'a.js': `exports.v = 'one';\n`,
        'b.js': `exports.v = 'other';\n`,
      },
      at('a.js'),
    ),
    edit: { 'node_modules/pkg-$ID/package.json': manifest(`, "main": "b.js"`) },
  },
  {
    ...inPlace(
      'another version of it',
      `import pkg from 'pkg-$ID';`,
      'pkg.v',
      { 'package.json': CJS, 'index.js': `exports.v = 'one';\n` },
      at('index.js'),
    ),
    edit: {
      'node_modules/pkg-$ID/package.json': '{ "name": "pkg-$ID", "version": "2.0.0" }\n',
      'node_modules/pkg-$ID/index.js': `exports.v = 'two';\n`,
    },
  },
];
