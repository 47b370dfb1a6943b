import type { Random } from '@varve/test-support';

export type Texts = Readonly<Record<string, string>>;

/** Globals that a file may shadow. */
const GLOBALS = ['Math', 'Date', 'process', 'console'];

/** Files beside the program: a package, a CommonJS file and a data file. */
export const OUTSIDE: Texts = {
  'data.txt': 'one\n',
  'side.cjs': 'exports.side = 1;\n',
  'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
  'node_modules/tool/index.js': 'exports.tool = (value) => value;\n',
};

/** New content for one of the files beside the program. */
export function outsideFile(random: Random): readonly [name: string, text: string] {
  const n = random.below(9);
  return random.pick([
    ['data.txt', `${n}\n`],
    ['side.cjs', `exports.side = ${n};\n`],
    ['node_modules/tool/package.json', `{ "name": "tool", "version": "1.${n}.0", "main": "index.js" }`],
    ['node_modules/tool/index.js', `exports.tool = (value) => [value, ${n}];\n`],
  ] as const);
}

/** A declaration, statement or import of one or two lines. Another `n` gives other names. */
export function extraLine(random: Random, n: number): string {
  return random.pick([plainLines, classLines, outsideLines])(n, random.below(99), random.below(24));
}

type Lines = (n: number, value: number, other: number) => string;

function pickBy(lines: readonly string[], value: number): string {
  return lines[value % lines.length] ?? '';
}

const plainLines: Lines = (n, value, other) =>
  pickBy(
    [
      `export const extra${n} = ${value};`,
      `export function extra${n}() { return local${n}; }\nconst local${n} = ${value};`,
      `export const extra${n} = () => ${value};`,
      `export let extra${n} = ${value};\nexport const write${n} = () => { extra${n} = 1; };`,
      `console.assert(${value} >= 0);`,
      `globalThis.shared_${value % 2 ? 'a' : 'b'} ??= ${value};`,
      `import { join as join${n} } from 'node:path';\nexport const extra${n} = join${n}('a', '${value}');`,
      // Another file may export this name too.
      `export const n${other} = ${value};`,
      // Shadows a global.
      `const ${GLOBALS[n]} = { env: {}, log() {}, assert() {}, now: () => ${value}, random: () => ${value} };`,
      `Array.prototype.extra${n} = ${value};`,
    ],
    value + other,
  );

const classLines: Lines = (n, value, other) =>
  `export class extra${n} { ${pickBy(
    [
      `kept = ${value};`,
      `static kept = ${value};`,
      `#kept = ${value}; get kept() { return this.#kept; }`,
      `['kept'] = ${value}; other() {}`,
      `other() {} kept() { return ${value}; }`,
      `static { globalThis.shared_a = ${value}; }`,
    ],
    other,
  )} }`;

const outsideLines: Lines = (n, value, other) =>
  pickBy(
    [
      `import { type Tool as T${n} } from 'tool';`,
      `export const extra${n} = () => import('tool');`,
      `import { tool as tool${n} } from 'tool';\nexport const extra${n} = tool${n}(${value});`,
      `import { side as side${n} } from './side.cjs';\nexport const extra${n} = side${n} + ${value};`,
      `import { readFileSync as read${n} } from 'node:fs';\nexport const extra${n} = read${n}('data.txt');`,
      `export const extra${n} = () => [process.env.EXTRA${other % 3}, Date.now()];`,
      `export const extra${n} = new URL('./data.txt', import.meta.url);`,
    ],
    value,
  );
