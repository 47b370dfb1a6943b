import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const FLOW = flow(
  `import { normalize, type Row } from './lib/math.ts';
import { label } from './lib/text.ts';
const SCALE = 1000;
const OPTIONS = { 'scale': SCALE, mode: 'fast' };`,
  `  rows!: Row[]; names!: string[];
  @step() load() { if (SCALE > 1) this.rows = [normalize({ x: 1 })]; else this.rows = []; }
  @step({ after: 'load' }) name() { const list = this.rows.map((row) => label(row)); this.names = list; }
  @step({ after: 'name' }) tune() { this.rows = [{ x: OPTIONS.scale ? 2 : 3 }]; }`,
);
const MATH = `export interface Row { x: number }
/** Halves. */
export function normalize(row: Row): Row {
  const { x } = row;
  // a comment
  return { x: (x as number) / 2 };
}
export const unused = (a: number) => a + 1;
`;
const TEXT = `import type { Row } from './math.ts';
const PREFIX = "row";
const shorten = <T extends string>(text: T): string => text.slice(0, 9);
export const label = (row: Row) => shorten(\`\${PREFIX} \${row.x}\`);
`;

runScenario({
  name: 'spelling, comments and types are not part of a fingerprint, meaning is',
  files: { 'flow.ts': FLOW, 'lib/math.ts': MATH, 'lib/text.ts': TEXT },
  edits: [
    edit('comments and blank lines', [], {
      'flow.ts': [['const SCALE', '\n\n// why\n/* and how */ const SCALE']],
      'lib/math.ts': [['/** Halves. */', '\n\n']],
      'lib/text.ts': [['slice(0, 9)', 'slice(/* from */ 0, 9 // to\n )']],
    }),
    edit('restyled text', [], {
      'lib/text.ts': [
        ['"row"', "'row'"],
        ['text.slice(0, 9)', '(\n    text.slice(0, 9,)\n  )'],
      ],
      'lib/math.ts': [['  return { x: (x as number) / 2 };', 'return {\n"x": ((x as number)) / (2),\n}']],
    }),
    edit('type annotations', [], {
      'lib/math.ts': [
        ['(row: Row): Row', '<T extends Row>(row: T)'],
        ['x as number', 'x satisfies number'],
        [
          'export interface Row { x: number }',
          'export type Row = { readonly x: number; y?: string };\ndeclare const z: number;',
        ],
      ],
      'lib/text.ts': [['<T extends string>(text: T): string', '(text: string)']],
      'flow.ts': [['rows!: Row[]', 'declare rows: Row[]; protected extra?: unknown; [key: string]: unknown']],
    }),
    edit('non-null, overloads, this parameter', [], {
      'lib/math.ts': [
        ['export function normalize(', 'export function normalize(row: Row): Row;\nexport function normalize('],
        ['(x as number)', 'x!'],
      ],
      'flow.ts': [['load() {', 'load(this: Example) {']],
    }),
    edit('quotes, numbers, shorthand, braces', [], {
      'flow.ts': [
        ['= 1000', '= 1e3'],
        ["'scale': SCALE", 'scale: (SCALE)'],
        ["mode: 'fast'", '"mode": "fast"'],
        [
          'if (SCALE > 1) this.rows = [normalize({ x: 1 })]; else this.rows = [];',
          'if (SCALE > 1) { this.rows = [normalize({ "x": 1.0 })]; } else { ; this.rows = []; }',
        ],
      ],
      'lib/math.ts': [['const { x } = row', 'const { x: x } = row']],
    }),
    edit('local names', [], {
      'flow.ts': [
        [
          'const list = this.rows.map((row) => label(row)); this.names = list;',
          'const all = this.rows.map((r) => label(r)); this.names = all;',
        ],
      ],
      'lib/math.ts': [
        ['(row: Row)', '(it: Row)'],
        ['const { x } = row', 'const { x: value } = it'],
        ['(x as number)', '(value as number)'],
      ],
    }),
    edit('top-level names', [], {
      'lib/text.ts': [
        ['const PREFIX', 'const START'],
        ['${PREFIX}', '${START}'],
      ],
    }),
    edit('declarations and imports reordered', [], {
      'flow.ts': [
        [
          "import { normalize, type Row } from './lib/math.ts';\nimport { label } from './lib/text.ts';",
          "import { label } from './lib/text.ts';\nimport { normalize, type Row } from './lib/math.ts';",
        ],
        ['const SCALE = 1000;\nconst OPTIONS', 'const FRESH = 1;\nconst SCALE = 1000;\nconst OPTIONS'],
      ],
      'lib/text.ts': `import type { Row } from './math.ts';
export const label = (row: Row) => shorten(\`\${PREFIX} \${row.x}\`);
const shorten = <T extends string>(text: T): string => text.slice(0, 9);
const PREFIX = "row";
`,
    }),
    edit('a helper moved to another file', [], {
      'lib/text.ts': `import type { Row } from './math.ts';\nimport { shorten } from './short.ts';\nconst PREFIX = "row";\nexport const label = (row: Row) => shorten(\`\${PREFIX} \${row.x}\`);\n`,
      'lib/short.ts': 'export const shorten = <T extends string>(text: T): string => text.slice(0, 9);\n',
    }),
    edit('an import alias', [], {
      'flow.ts': [
        ['import { label }', 'import { label as show }'],
        ['label(row)', 'show(row)'],
      ],
    }),
    edit('a constant', ['load', 'tune'], { 'flow.ts': [['= 1000', '= 1001']] }),
    edit('a string', ['name'], { 'lib/text.ts': [['"row"', '"rows"']] }),
    edit('an operator', ['load'], { 'lib/math.ts': [['/ 2', '* 2']] }),
    edit('a template', ['name'], { 'lib/text.ts': [['} ${', '}: ${']] }),
    edit('two locals swapped', ['load'], {
      'lib/math.ts': [['const { x } = row;', 'const { x } = { x: row as never };']],
    }),
    edit('const to let with another value', ['tune', 'load'], {
      'flow.ts': [['const SCALE = 1000', 'let SCALE = 1002']],
    }),
  ],
});
