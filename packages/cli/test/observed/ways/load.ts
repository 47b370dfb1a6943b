import { type NamedRow, nameRows, type Row } from '../harness/row.ts';
import { sample } from '../harness/sample.ts';
import { type Change, withEnv, withFiles } from '../harness/world.ts';
import { filled } from './files.ts';

/** Reads of `$DIR/a.txt`, or of the variable `$VAR`, while modules load. */
const fromFile = (way: string, module: string, more?: Partial<Row>): Row => ({
  ...more,
  ...{ input: 'file', way, reads: ['load $ID'], may: ['load'], module },
});
const fromEnv = (way: string, module: string, more?: Partial<Row>): Row => ({
  ...more,
  ...{ input: 'env', way, reads: ['load $ID'], may: ['load'], module },
});

const LOOK = 'export const look = () => text;';
const FS = `import * as fs from 'node:fs';`;
const READ = `fs.readFileSync('$DIR/a.txt', 'utf8')`;
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;
const PACKAGE = (text: string) => ({
  'node_modules/pkg-$ID/package.json':
    '{ "name": "pkg-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  'node_modules/pkg-$ID/index.js': text,
});

const FILES: readonly Row[] = [
  fromFile('a constant of an imported module', `${FS}\nconst text = ${READ};\n${LOOK}`),
  fromFile(
    'a computed name',
    `${FS}\nconst dir = ['in', '$ID'].join('/');\nconst text = fs.readFileSync(dir + '/a.txt', 'utf8');\n${LOOK}`,
  ),
  fromFile(
    'import.meta.url',
    `${FS}\nconst text = fs.readFileSync(new URL('../$DIR/a.txt', import.meta.url), 'utf8');\n${LOOK}`,
  ),
  fromFile(
    'top-level await',
    `import { readFile } from 'node:fs/promises';\nconst text = await readFile('$DIR/a.txt', 'utf8');\n${LOOK}`,
  ),
  fromFile(
    'a static block',
    `${FS}\nclass Box { static text: string; static { Box.text = ${READ}; } }\nexport const look = () => Box.text;`,
  ),
  fromFile('a static field', `${FS}\nclass Box { static text = ${READ}; }\nexport const look = () => Box.text;`),
  fromFile('an immediately called function', `${FS}\nlet text = '';\n(() => { text = ${READ}; })();\n${LOOK}`),
  fromFile(
    'a class that is made at load',
    `${FS}\nclass Box { text = ${READ}; }\nconst box = new Box();\nexport const look = () => box.text;`,
  ),
  fromFile('a module two imports away', `import { text } from '../lib/$ID-a.ts';\n${LOOK}`, {
    files: {
      'lib/$ID-a.ts': `export * from './$ID-b.ts';\n`,
      'lib/$ID-b.ts': `${FS}\nexport const text = ${READ};\n`,
    },
  }),
  fromFile(
    'a module imported for its effect, through a global',
    `import '../lib/$ID.ts';\nexport const look = () => (globalThis as any).text_$ID;`,
    {
      files: { 'lib/$ID.ts': `${FS}\n(globalThis as any).text_$ID = ${READ};\n` },
    },
  ),
  fromFile(
    'a module imported for its effect, through a shared object',
    `import '../lib/$ID.ts';\nimport { box } from '../lib/$ID-box.ts';\nexport const look = () => box.text;`,
    {
      files: {
        'lib/$ID-box.ts': `export const box = { text: '' };\n`,
        'lib/$ID.ts': `${FS}\nimport { box } from './$ID-box.ts';\nbox.text = ${READ};\n`,
      },
    },
  ),
  fromFile('a helper in CommonJS', `import found from '../lib/$ID.cjs';\nexport const look = () => found.text;`, {
    files: { 'lib/$ID.cjs': `exports.text = require('fs').readFileSync('$DIR/a.txt', 'utf8');\n` },
  }),
  fromFile(
    'a helper in CommonJS, by createRequire',
    `${REQUIRE}\nconst { text } = require('../lib/$ID.cjs');\n${LOOK}`,
    {
      files: { 'lib/$ID.cjs': `exports.text = require('fs').readFileSync('$DIR/a.txt', 'utf8');\n` },
    },
  ),
  fromFile('a package', `import { text } from 'pkg-$ID';\n${LOOK}`, {
    files: PACKAGE(`${FS}\nexport const text = ${READ};\n`),
  }),
  fromFile(
    'a wrapper of the flow, called at load',
    `import { load } from '../lib/$ID.ts';\nconst text = load('a');\n${LOOK}`,
    {
      files: {
        'lib/$ID.ts': `${FS}\nexport const load = (name: string) => fs.readFileSync('$DIR/' + name + '.txt', 'utf8');\n`,
      },
    },
  ),
  fromFile('JSON by createRequire', `${REQUIRE}\nconst text = require('../$DIR/c.json').n;\n${LOOK}`),
  fromFile(
    'JSON by a computed require in CommonJS',
    `import found from '../lib/$ID.cjs';\nexport const look = () => found.text;`,
    {
      files: {
        'lib/$ID.cjs': `const name = ['c', 'json'].join('.');\nexports.text = require('../$DIR/json/' + name).n;\n`,
      },
    },
  ),
  fromFile(
    'a module by a computed import()',
    `const name = ['..', 'lib', '$ID-late.mjs'].join('/');\nconst { text } = await import(name);\n${LOOK}`,
    {
      files: { 'lib/$ID-late.mjs': `import fs from 'node:fs';\nexport const text = ${READ};\n` },
    },
  ),
  fromFile(
    'a list of a folder',
    `${FS}\nconst dir = ['in', '$ID'].join('/');\nconst text = fs.readdirSync(dir).sort().join();\n${LOOK}`,
  ),
  fromFile('whether a file is there', `${FS}\nconst text = fs.existsSync('$DIR/late.txt');\n${LOOK}`),
  fromFile(
    'a default when a file is missing',
    `${FS}\nlet text = 'default';\ntry { text = fs.readFileSync('$DIR/late.txt', 'utf8'); } catch {}\n${LOOK}`,
  ),
  fromFile(
    'an object whose getter reads once',
    `${FS}\nconst lazy = { get text() { return ${READ}; } };\nconst { text } = lazy;\n${LOOK}`,
  ),
  fromFile('in the file of the flow', LOOK.replace('text', "'unused'"), {
    top: `import { readFileSync as read_$ID } from 'node:fs';\nconst text_$ID = read_$ID('$DIR/a.txt', 'utf8');`,
    members: '  r_$ID!: unknown;\n  @step() $ID() { this.r_$ID = text_$ID; }',
  }),
  fromFile('a static field of the flow', LOOK.replace('text', "'unused'"), {
    top: `import { readFileSync as read_$ID } from 'node:fs';`,
    members: `  static text_$ID = read_$ID('$DIR/a.txt', 'utf8');\n  r_$ID!: unknown;\n  @step() $ID() { this.r_$ID = Table.text_$ID; }`,
  }),
];

const ENV: readonly Row[] = [
  fromEnv('process.env at the top of a module', `const text = process.env.$VAR;\n${LOOK}`),
  fromEnv('env destructured', `const { $VAR: text } = process.env;\n${LOOK}`),
  fromEnv('imported env', `import { env } from 'node:process';\nconst text = env.$VAR;\n${LOOK}`),
  fromEnv('a copy of all variables', `const all = { ...process.env };\nexport const look = () => all.$VAR;`),
  fromEnv(
    'a settings object',
    `const settings = { level: process.env.$VAR ?? 'none' };\nexport const look = () => settings.level;`,
  ),
  fromEnv(
    'an imported env.ts that checks all',
    `import { settings } from '../lib/$ID.ts';\nexport const look = () => settings.$VAR;`,
    {
      files: {
        'lib/$ID.ts': `const get = (name: string) => { const value = process.env[name]; if (!value) throw new Error(name); return value; };\nexport const settings = Object.fromEntries(['$VAR'].map((name) => [name, get(name)]));\n`,
      },
    },
  ),
  fromEnv('a helper in CommonJS', `import found from '../lib/$ID.cjs';\nexport const look = () => found.text;`, {
    files: { 'lib/$ID.cjs': `exports.text = require('process').env.$VAR;\n` },
  }),
  fromEnv('a package', `import { text } from 'pkg-$ID';\n${LOOK}`, {
    files: PACKAGE('export const text = process.env.$VAR;\n'),
  }),
  fromFile(
    'a file of variables, by a package',
    `import { config } from 'pkg-$ID';\nconfig('$DIR/settings.env');\nexport const look = () => process.env.DOT_$ID;`,
    {
      files: PACKAGE(
        `${FS}\nexport function config(path) { for (const line of fs.readFileSync(path, 'utf8').split('\\n')) { const [name, value] = line.split('='); if (name && !(name in process.env)) process.env[name] = value; } }\n`,
      ),
    },
  ),
  fromFile(
    'a file of variables, in an imported env.ts',
    `import '../lib/$ID.ts';\nexport const look = () => process.env.DOT_$ID;`,
    {
      files: { 'lib/$ID.ts': `(process as any).loadEnvFile('$DIR/settings.env');\n` },
    },
  ),
  fromFile(
    'a file of variables, at the top of the module',
    `(process as any).loadEnvFile('$DIR/settings.env');\nconst text = process.env.DOT_$ID;\n${LOOK}`,
  ),
];

export const LOAD_ROWS: readonly NamedRow[] = nameRows(sample([...FILES, ...ENV], 2)).map((row) => ({
  ...row,
  reads: row.reads.map((part) => part.replace('$ID', row.id)),
}));

/** What a row's folder holds before the change of the row, and after it. */
export const BEFORE = {
  '$DIR/a.txt': 'one\n',
  '$DIR/c.json': '{ "n": 1 }\n',
  '$DIR/json/c.json': '{ "n": 1 }\n',
  '$DIR/settings.env': 'DOT_$ID=one\n',
};
const AFTER = {
  '$DIR/a.txt': 'two\n',
  '$DIR/c.json': '{ "n": 2 }\n',
  '$DIR/json/c.json': '{ "n": 2 }\n',
  '$DIR/settings.env': 'DOT_$ID=two\n',
  '$DIR/late.txt': 'late\n',
};

/** One change for each row: everything it could read. */
export const LOAD_CHANGES: readonly Change[] = LOAD_ROWS.map(({ id, input }) => ({
  name: input === 'env' ? 'its variable changed' : 'its file changed',
  touches: [`load ${id}`, 'load'],
  apply: (world) => (input === 'env' ? withEnv(world, { [`V_${id}`]: 'two' }) : withFiles(world, filledFor(id, AFTER))),
}));

export function filledFor(id: string, files: Readonly<Record<string, string>>): Record<string, string> {
  const all = filled(files, `in/${id}`);
  return Object.fromEntries(Object.entries(all).map(([path, text]) => [path, text.replaceAll('$ID', id)]));
}
