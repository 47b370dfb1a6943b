import { describe, expect, it } from 'vitest';
import { EXECUTED, expectSameResults, session } from '../harness/session.ts';

/** Places in a file where a variable `S` may be declared. */
const LAYOUTS: Readonly<Record<string, (value: string) => string>> = {
  'on its own line': (value) => `import { z } from './z.ts';\nexport const S: any = ${value};\n`,
  'on the line of an import': (value) => `import { z } from './z.ts'; export const S: any = ${value};`,
  'on one line with everything': (value) => `"use strict";import{z}from"./z.ts";const S=${value};export{S};`,
  indented: (value) => `  import { z } from './z.ts';\n  export const S: any = ${value};\n`,
  'after another variable': (value) => `const pad = [1, 2].map((n) => n), S: any = ${value};\nexport { S };\n`,
  'after one of many lines': (value) => `const pad = {\n  v: 1,\n}, S: any = ${value};\nexport { S };\n`,
  'behind a comment': (value) => `/* text\n*/ export const S: any = ${value};\n`,
  'behind a function': (value) => `function pad() {\n  return 1;\n} export const S: any = ${value};\n`,
  'on more than one line': (value) => `export const\n  S: any\n    = ${value};\n`,
  'in a pattern': (value) => `const pad = 1, { S, ...rest }: any = { S: ${value} };\nexport { S };\n`,
  'in a block': (value) => `{ var S: any = ${value}; }\nexport { S };\n`,
  'beside import.meta': (value) => `export const at = import.meta.url, S: any = ${value};\n`,
  'by another name': (value) => `const inner: any = ${value}; export { inner as S };`,
};

/** Values that the first step changes and the second looks at. */
const STATES: readonly (readonly [value: string, change: string, look: string])[] = [
  ['/x/g', `S.test('xxxx')`, 'S.lastIndex'],
  ['[0]', 'S.push(1)', 'S.length'],
  ['new Map()', 'S.set(S.size, 1)', 'S.size'],
  ['{ v: { n: 0 } }', 'S.v.n++', 'S.v.n'],
  ['class { static n = 0; }', 'S.n++', 'S.n'],
];

const cases = Object.entries(LAYOUTS).flatMap(([layout, write]) =>
  STATES.map(([value, change, look]) => ({ layout, text: write(value), change, look })),
);

const changing = (times: number) =>
  Object.fromEntries(
    cases.map(({ change }, at) => [
      `a${at}.ts`,
      `import { S } from './s${at}.ts';\nexport const run = (): any => { ${`${change}; `.repeat(times)}return 1; };\n`,
    ]),
  );

describe('a variable that a step changes', () => {
  it('is seen to have changed wherever its file declares it', async () => {
    const files = Object.fromEntries(
      cases.flatMap(({ text, look }, at) => [
        [`s${at}.ts`, text],
        [`b${at}.ts`, `import { S } from './s${at}.ts';\nexport const run = (): any => ${look};\n`],
      ]),
    );
    const names = cases.map((_, at) => at);
    const { run, fresh, edit } = session(
      names
        .map(
          (n) => `x${n}!: any; v${n}!: any; @step() a${n}() { this.x${n} = a${n}(); }
  @step({ after: 'a${n}' }) b${n}() { this.v${n} = b${n}(); }`,
        )
        .join('\n'),
      { ...files, 'z.ts': 'export const z = 1;\n', ...changing(1) },
      names
        .map((n) => `import { run as a${n} } from './a${n}.ts'; import { run as b${n} } from './b${n}.ts';`)
        .join('\n'),
    );
    const one = ['--workers', '1'];
    const first = await run(one);
    expect(Object.values(first.status)).toEqual(Object.values(first.status).map(() => EXECUTED));
    edit(changing(2));
    expectSameResults(await run(one), await fresh(one));
  });
});
