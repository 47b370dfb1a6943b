import type { Effect } from '../harness/effect.ts';

/** A package with state: what the real ones do, in a few lines. */
const STATEFUL = {
  'node_modules/lib-$ID/package.json':
    '{ "name": "lib-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  'node_modules/lib-$ID/index.js': `let locale = 'none';
const plugins = [];
const options = {};
export const set = (given) => { Object.assign(options, given); };
export const setDefaultOptions = set;
export const locale_ = (name) => { locale = name; };
export const extend = (plugin) => { plugins.push(plugin); };
export const show = () => [locale, JSON.stringify(options), ...plugins.map((plugin) => plugin())].join();
export class Decimal { static set(given) { Object.assign(options, given); return Decimal; } }
export default Object.assign(() => show(), { locale: locale_, extend });
`,
};
const setup = (way: string, text: string): Effect => ({
  ...{ kind: 'configured package', way, use: 'show()', edit: 'setup.ts' },
  top: `import { show } from 'lib-$ID';\nimport './setup.ts';`,
  files: { ...STATEFUL, 'setup.ts': text },
});

const TSCONFIG = (options: string) => `{ "compilerOptions": { ${options} } }\n`;
const compiled = (way: string, top: string, use: string, files: Effect['files'], edit: Effect['edit']): Effect => ({
  ...{ kind: 'compiler', way, top, use, files, edit },
});

const OWN_JSX = `export const h = (tag: string) => 'h ' + tag;\nexport const g = (tag: string) => 'g ' + tag;\n`;

/** Packages told something once, and options of the compiler. */
export const CONFIGURED: readonly Effect[] = [
  setup('set(options), as decimal.js', `import { Decimal } from 'lib-$ID';\nDecimal.set({ precision: 'one' });\n`),
  setup('locale(name), as dayjs', `import lib from 'lib-$ID';\nlib.locale('one');\n`),
  setup('extend(own plugin), as dayjs', `import lib from 'lib-$ID';\nlib.extend(() => 'one');\n`),
  setup(
    'setDefaultOptions, as date-fns',
    `import { setDefaultOptions } from 'lib-$ID';\nsetDefaultOptions({ weekStartsOn: 'one' });\n`,
  ),
  setup('a namespace import, as zod', `import * as z from 'lib-$ID';\nz.set({ message: () => 0, name: 'one' });\n`),
  setup(
    'a result that is kept',
    `import { Decimal } from 'lib-$ID';\nexport const Big = Decimal.set({ precision: 'one' });\n`,
  ),
  setup(
    'in a function that is called',
    `import { set } from 'lib-$ID';\nconst prepare = () => set({ precision: 'one' });\nprepare();\n`,
  ),
  setup(
    'through createRequire',
    `import { createRequire } from 'node:module';\nconst set = (await import('lib-$ID')).set;\nvoid createRequire;\nset({ precision: 'one' });\n`,
  ),
  {
    ...{ kind: 'configured package', way: 'a package that changes the state of its own dependency', use: 'show()' },
    top: `import { show } from 'lib-$ID';\nimport 'over-$ID';`,
    files: {
      ...STATEFUL,
      'node_modules/over-$ID/package.json':
        '{ "name": "over-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js", "dependencies": { "lib-$ID": "1.0.0" } }\n',
      'node_modules/over-$ID/index.js': `import { set } from 'lib-$ID';\nset({ precision: 'one' });\n`,
    },
    edit: {
      'node_modules/over-$ID/package.json':
        '{ "name": "over-$ID", "version": "1.0.1", "type": "module", "exports": "./index.js", "dependencies": { "lib-$ID": "1.0.0" } }\n',
      'node_modules/over-$ID/index.js': `import { set } from 'lib-$ID';\nset({ precision: 'two' });\n`,
    },
  },
  compiled(
    'the @jsx pragma of a file',
    `import { look } from './view.tsx';`,
    'look()',
    {
      'jsx.ts': OWN_JSX,
      'view.tsx': `/** @jsx h */\nimport { g, h } from './jsx.ts';\nexport const look = () => <p/> as any;\nvoid [g, h];\n`,
    },
    {
      'view.tsx': `/** @jsx g */\nimport { g, h } from './jsx.ts';\nexport const look = () => <p/> as any;\nvoid [g, h];\n`,
    },
  ),
  compiled(
    'jsxFactory of a tsconfig.json in a subfolder',
    `import { look } from './sub/view.tsx';`,
    'look()',
    {
      'jsx.ts': OWN_JSX,
      'sub/tsconfig.json': TSCONFIG('"jsx": "react", "jsxFactory": "h"'),
      'sub/view.tsx': `import { g, h } from '../jsx.ts';\nexport const look = () => <p/> as any;\nvoid [g, h];\n`,
    },
    { 'sub/tsconfig.json': TSCONFIG('"jsx": "react", "jsxFactory": "g"') },
  ),
  compiled(
    'useDefineForClassFields of a tsconfig.json in a subfolder',
    `import { look } from './sub/box.ts';`,
    'look()',
    {
      'sub/tsconfig.json': TSCONFIG('"target": "ES2022", "useDefineForClassFields": true'),
      'sub/box.ts': `class Base { set v(x: string) { (this as any).got = 'set ' + x; } }\nclass Box extends Base { v = 'x'; }\nexport const look = () => (new Box() as any).got ?? 'defined';\n`,
    },
    { 'sub/tsconfig.json': TSCONFIG('"target": "ES2022", "useDefineForClassFields": false') },
  ),
  compiled(
    'a base of the tsconfig.json in a subfolder',
    `import { look } from './sub/view.tsx';`,
    'look()',
    {
      'jsx.ts': OWN_JSX,
      'base.json': TSCONFIG('"jsx": "react", "jsxFactory": "h"'),
      'sub/tsconfig.json': `{ "extends": "../base.json" }\n`,
      'sub/view.tsx': `import { g, h } from '../jsx.ts';\nexport const look = () => <p/> as any;\nvoid [g, h];\n`,
    },
    { 'base.json': TSCONFIG('"jsx": "react", "jsxFactory": "g"') },
  ),
  compiled(
    'paths of the tsconfig.json',
    `import { look } from './sub/use.ts';`,
    'look()',
    {
      'sub/tsconfig.json': TSCONFIG('"paths": { "#it": ["./a.ts"] }').replace('#it', '@it'),
      'sub/a.ts': `export const it = 'a';\n`,
      'sub/b.ts': `export const it = 'b';\n`,
      'sub/use.ts': `import { it } from '@it';\nexport const look = () => it;\n`,
    },
    { 'sub/tsconfig.json': TSCONFIG('"paths": { "@it": ["./b.ts"] }') },
  ),
  compiled(
    'imports of a package.json',
    `import { look } from './sub/use.ts';`,
    'look()',
    {
      'sub/package.json': '{ "type": "module", "imports": { "#it": "./a.ts" } }\n',
      'sub/a.ts': `export const it = 'a';\n`,
      'sub/b.ts': `export const it = 'b';\n`,
      'sub/use.ts': `import { it } from '#it';\nexport const look = () => it;\n`,
    },
    { 'sub/package.json': '{ "type": "module", "imports": { "#it": "./b.ts" } }\n' },
  ),
];
