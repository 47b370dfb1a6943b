import type { Row } from '../harness/row.ts';
import { looks } from './files.ts';

const READ = (name: string) => `return fs.readFileSync(${name}, 'utf8');`;
const named = (way: string, name: string, more?: Partial<Row>) =>
  looks('file', `name from ${way}`, ['content'], READ(name), more);

/** The same file, whose name comes from somewhere. */
export const NAME_ROWS: readonly Row[] = [
  named('a literal', `'$DIR/a.txt'`),
  named('a sum', `'$DIR/' + 'a' + '.txt'`),
  named('a template', '`$DIR/${one}.txt`', { module: `const one = 'a';` }),
  named('a constant of another module', 'FOLDER + "/a.txt"', {
    module: `import { FOLDER } from '../lib/$ID.ts';`,
    files: { 'lib/$ID.ts': `export const FOLDER = '$DIR';\n` },
  }),
  named('an argument', 'given', { given: `'$DIR/a.txt'` }),
  named('an artifact', 'given', {
    given: 'this.name_$ID',
    members: `  name_$ID = '$DIR/a.txt';\n  r_$ID!: unknown;\n  @step() async $ID() { this.r_$ID = await look_$ID($GIVEN); }`,
  }),
  named('a parameter', 'given', {
    given: 'this.name_$ID',
    members: `  name_$ID = param.string('$DIR/a.txt');\n  r_$ID!: unknown;\n  @step() async $ID() { this.r_$ID = await look_$ID($GIVEN); }`,
  }),
  named('an object of settings', 'settings.paths[0]', {
    module: `const settings = JSON.parse('{ "paths": ["$DIR/a.txt"] }');`,
  }),
  named('process.cwd()', `process.cwd() + '/$DIR/a.txt'`),
  named('path.join', `path.join('in', '$ID', 'a.txt')`),
  named('path.resolve', `path.resolve('$DIR', '..', '$ID', 'a.txt')`),
  named('import.meta.url', `new URL('../$DIR/a.txt', import.meta.url)`),
  named('fileURLToPath', `fileURLToPath(new URL('../$DIR/a.txt', import.meta.url))`, {
    module: `import { fileURLToPath } from 'node:url';`,
  }),
  named('import.meta.dirname', `path.join(import.meta.dirname, '..', '$DIR', 'a.txt')`),
  named('import.meta.filename', `path.join(path.dirname(import.meta.filename), '../$DIR/a.txt')`),
  named('__dirname of a helper', 'found.file', {
    module: `import found from '../lib/$ID.cjs';`,
    files: { 'lib/$ID.cjs': `exports.file = require('path').join(__dirname, '..', '$DIR', 'a.txt');\n` },
  }),
  named('a Buffer', `Buffer.from('$DIR/a.txt')`),
  named(
    'text read backwards',
    `[...'txt.a/$ID/ni'].join('').split('/').reverse().map((part) => part === 'ni' ? 'in' : part === 'txt.a' ? 'a.txt' : part).join('/')`,
  ),
  named(
    'a path that leaves the project and comes back',
    `path.join('..', path.basename(process.cwd()), '$DIR', 'a.txt')`,
  ),
  named('Object.values', `Object.values({ file: '$DIR/a.txt' })[0] as string`),
];

export const LISTED_ROW: Row = looks(
  'file',
  'name from a folder that is listed',
  ['content', 'names'],
  `return fs.readdirSync('$DIR').filter((n) => /^(a|late)/.test(n)).map((n) => { try { return fs.readFileSync(path.join('$DIR', n), 'utf8'); } catch (e: any) { return e.code; } }).join();`,
);
