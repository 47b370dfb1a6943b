import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

runScenario({
  name: 'a step reaches exactly the exports that it uses, through cycles, namespaces and dynamic imports',
  files: {
    'flow.ts': flow(
      `import { impl } from './a.ts';
import data from './data.json';
import { Color, Shape } from './enums.ts';
import * as whole from './whole.ts';
import * as picked from './picked.ts';
import fallback, { named as renamed } from './mixed.ts';
import { ns } from './ns.ts';
const key = 'o' + 'ne';`,
      `  rows!: unknown; shape!: Shape.Kind;
  @step() cycle() { this.rows = impl(); }
  @step({ after: 'cycle' }) json() { this.rows = data; }
  @step({ after: 'json' }) enums() { this.rows = Color.Red; }
  @step({ after: 'enums' }) all() { this.rows = whole[key as never]; }
  @step({ after: 'all' }) picks() { this.rows = picked.one; }
  @step({ after: 'picks' }) late() { this.rows = import('./late.ts'); }
  @step({ after: 'late' }) async narrow() { const { used } = await import('./late.ts'); this.rows = used; }
  @step({ after: 'narrow' }) async member() { this.rows = (await import('./late.ts')).used; }
  @step({ after: 'member' }) async chained() { this.rows = await import('./late.ts').then((m) => m.used); }
  @step({ after: 'chained' }) mixed() { this.rows = [fallback, renamed]; }
  @step({ after: 'mixed' }) nested() { this.rows = ns.inner; }`,
    ),
    'a.ts': `export * from './b.ts';\nexport * from './impl.ts';\nexport const other = 1;\n`,
    'b.ts': `export * from './a.ts';\nexport const another = 2;\n`,
    'impl.ts': 'export const impl = () => 1;\n',
    'data.json': '{ "a": 1, "b": [1, 2] }',
    'enums.ts': `export enum Color { Red = 1, Blue = Red << 1 }\nexport namespace Shape { export type Kind = 'round'; export interface Size { a: number } }\n`,
    'whole.ts': 'export const one = 1;\nexport const two = 2;\nconst inside = 3;\n',
    'picked.ts': 'export const one = 1;\nexport const two = 2;\n',
    'late.ts': 'export const used = 1;\nexport const other = 2;\n',
    'mixed.ts': 'export default function () { return 1; }\nconst original = 2;\nexport { original as named };\n',
    'ns.ts': `export * as ns from './inner.ts';\n`,
    'inner.ts': 'export const inner = 1;\n',
  },
  edits: [
    edit('an export behind a cycle of star exports', ['cycle'], { 'impl.ts': [['=> 1', '=> 2']] }),
    edit('other exports of the cycle', [], { 'a.ts': [['= 1', '= 3']], 'b.ts': [['= 2', '= 3']] }),
    edit('a star export that hides the other', ['cycle'], {
      'a.ts': [['export const other = 1', 'export const impl = () => 5; const other = 1']],
    }),
    edit('a value of JSON', ['json'], { 'data.json': '{ "a": 2, "b": [1, 2] }' }),
    edit('the layout of JSON', [], { 'data.json': '{"a":1,\n  "b":[1,2]}\n' }),
    edit('a member of an enum', ['enums'], { 'enums.ts': [['Red = 1', 'Red = 2']] }),
    edit('a namespace of types', [], { 'enums.ts': [["'round'", "'square'"]] }),
    edit('an export of a namespace that is read by a computed name', ['all'], {
      'whole.ts': [['two = 2', 'two = 4']],
    }),
    edit('an added export of that namespace', ['all'], {
      'whole.ts': [['const inside', 'export const three = 3;\nconst inside']],
    }),
    edit('a variable that it does not export', [], { 'whole.ts': [['inside = 3', 'inside = 4']] }),
    edit('the export that a namespace is read for', ['picks'], { 'picked.ts': [['one = 1', 'one = 3']] }),
    edit('another export of that namespace', [], { 'picked.ts': [['two = 2', 'two = 3']] }),
    edit('an export that dynamic imports use', ['late', 'narrow', 'member', 'chained'], {
      'late.ts': [['used = 1', 'used = 3']],
    }),
    edit('an export that only the whole import sees', ['late'], { 'late.ts': [['other = 2', 'other = 3']] }),
    edit('a default export', ['mixed'], { 'mixed.ts': [['return 1', 'return 2']] }),
    edit('an export by another name', ['mixed'], { 'mixed.ts': [['original = 2', 'original = 3']] }),
    edit('which of two bindings is exported', ['mixed'], {
      'mixed.ts': [
        ['const original = 2', 'const original = 2, second = 3'],
        ['original as named', 'second as named'],
      ],
    }),
    edit('a namespace inside a module', ['nested'], { 'inner.ts': [['= 1', '= 2']] }),
  ],
});

runScenario({
  name: 'a step depends on the one binding of a declaration that it names, and on merged and recursive ones as a whole',
  files: {
    'flow.ts': flow(
      `import { first, second, merged, even } from './pair.ts';`,
      `  rows!: unknown;
  @step() one() { this.rows = first; }
  @step({ after: 'one' }) two() { this.rows = second; }
  @step({ after: 'two' }) three() { this.rows = merged(); }
  @step({ after: 'three' }) four() { this.rows = even(3); }`,
    ),
    'pair.ts': `export const [first, second] = [1, 2];
export function merged() { return merged.size; }
export namespace merged { export const size = 3; }
export const even = (n: number): boolean => n === 0 || odd(n - 1);
const odd = (n: number): boolean => n !== 0 && even(n - 1);
`,
  },
  edits: [
    edit('a pattern with its names swapped', ['one', 'two'], {
      'pair.ts': [['[first, second]', '[second, first]']],
    }),
    edit('the name that a step uses', ['one'], { 'flow.ts': [['this.rows = first', 'this.rows = second']] }),
    edit('the namespace half of a merged name', ['three'], { 'pair.ts': [['size = 3', 'size = 4']] }),
    edit('the other half of two functions that call each other', ['four'], { 'pair.ts': [['n !== 0', 'n > 0']] }),
  ],
});

runScenario({
  name: 'code made of text makes its step depend on all files; what an import of a computed name loads is observed',
  observed: ['parts/a.ts#a:1'],
  files: {
    'flow.ts': flow(
      `import { old } from './old.cjs';
import { add } from './add.ts';`,
      `  rows!: unknown;
  @step() one() { this.rows = old(); }
  @step({ after: 'one' }) two() { this.rows = add(1); }
  @step({ after: 'two' }) three() { this.rows = eval('1'); }
  @step({ after: 'three' }) async four() { const name = 'a'; this.rows = await import('./parts/' + name + '.ts'); }
  @step({ after: 'four' }) async five() { const name = './x' + Math.abs(1); this.rows = await import(name); }`,
    ),
    'old.cjs': `const inner = require('./inner.cjs');\nexports.old = () => inner();\nexports.other = 1;\n`,
    'inner.cjs': 'module.exports = () => 1;\n',
    'add.ts': 'export const add = (x: number) => x + 1;\n',
    'parts/a.ts': 'export const a = 1;\n',
    'tools/far.ts': 'export const far = 1;\n',
    'notes.md': 'text',
  },
  edits: [
    edit('a CommonJS file', 'all', { 'old.cjs': [['other = 1', 'other = 2']] }),
    edit('a file that it requires', 'all', { 'inner.cjs': [['=> 1', '=> 2']] }),
    edit('a file in a folder of which any file may be imported', ['three'], {
      'parts/a.ts': [['= 1', '= 2']],
    }),
    edit('a file of the project that nobody imports', ['three'], { 'tools/far.ts': [['= 1', '= 2']] }),
    edit('a file that is not source code', [], { 'notes.md': 'other' }),
    edit('a function', ['two', 'three'], { 'add.ts': [['x + 1', 'x + 2']] }),
  ],
});

runScenario({
  name: 'a member whose name is empty is resolved like any other',
  files: {
    'flow.ts': flow(
      `import * as all from './all.ts';`,
      `  rows!: unknown;\n  @step() one() { this.rows = [all[''], all]; }`,
    ),
    'all.ts': `const nothing = 0;\nexport { nothing as '' };\nexport const some = 1;\n`,
  },
  edits: [
    edit('the member with the empty name', ['one'], { 'all.ts': [['= 0', '= 2']] }),
    edit('another member of the namespace, which is passed on', ['one'], { 'all.ts': [['= 1', '= 2']] }),
  ],
});
