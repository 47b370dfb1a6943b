import { createLoader } from '@varve/loader';
import { expect, test } from 'vitest';
import { createFingerprinter } from '../../src/index.ts';
import { type Files, flow, makeProject } from '../project.ts';

/** A flow whose steps depend on other files in every way in which they may notice an edit. */
const FILES: Files = {
  'flow.ts': `import { step, transient } from 'varve';
import { Base } from './base.ts';
import * as barrel from './barrel.ts';
import * as all from './all.ts';
import { kept } from './kept.ts';
import { passed } from './passes.ts';
export default class Example extends Base {
  @transient size = 1;
  #own = barrel.one;
  @step() byName() { this.out = [barrel.one, barrel.late ?? 0, passed]; }
  @step() byAll() { this.out = Object.keys(all); }
  @step() byKept() { this.out = kept(); }
  @step() byMember() { this.out = [this.size, this.made, this.helper(), this.#own]; }
  helper() { return 1; }
}
`,
  'base.ts': `import { Flow, transient } from 'varve';
import { wrap } from './again.ts';
import { registry } from './registry.ts';
export class Base extends Flow {
  @transient made = 1;
  constructor() { super(); this.other = registry.size; }
  fill() { this.made = 2; }
  wrapped() { return wrap(() => 1); }
}
`,
  'registry.ts': 'export const registry = new Map();\nexport const note = (x) => registry.set(x, 1);\n',
  'barrel.ts': `export * from './one.ts';\nexport * from './two.ts';\n`,
  'one.ts': 'export const one = 1;\nfunction inner() { return one; }\nexport const other = () => inner();\n',
  'two.ts': 'export function two() { return 2; }\n',
  'again.ts': `export { wrap } from './wrap.ts';\n`,
  'all.ts': `export * from './two.ts';\nexport const three = 3;\n`,
  'wrap.ts': 'export function wrap(f) { return () => f(); }\nexport const touch = () => 1;\n',
  'kept.ts': `import { wrap } from './wrap.ts';\nimport { note } from './registry.ts';\nexport const kept = wrap(() => note(1));\n`,
  'passes.ts': `export { passed } from './lacks.ts';\n`,
  'lacks.ts': `import { type Tool } from 'tool';\nexport const here = 1;\n`,
  'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
  'node_modules/tool/index.js': 'exports.tool = 1;\n',
};
const STEPS = ['byName', 'byAll', 'byKept', 'byMember'];

/** Edits that other files may notice, each a replacement in one file. */
const EDITS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  ['a wrapper is assigned another function', 'wrap.ts', '() => 1;', '() => { wrap = (f) => f(); };'],
  ['a wrapper calls its argument', 'wrap.ts', 'return () => f();', 'f(); return () => f();'],
  ['a constructor runs a method', 'base.ts', 'super(); this.', 'super(); this.fill(); this.'],
  ['a constructor assigns a field that a step reads', 'base.ts', 'this.other =', 'this.size ='],
  ['a constructor lets `this` escape', 'base.ts', 'registry.size;', 'registry.set(this, 1);'],
  ['a method of a base class reads more', 'base.ts', 'this.made = 2;', 'this.made = registry.size;'],
  ['a class gets a member', 'base.ts', '  fill() {', '  helper2() { return registry; }\n  fill() {'],
  [
    'a base class gets a method that the flow overrides',
    'base.ts',
    '  fill() {',
    '  helper() { return registry; }\n  fill() {',
  ],
  ['a base class extends another one', 'base.ts', 'Base extends Flow', 'Base extends Object'],
  ['a missing export appears', 'one.ts', 'function inner', 'export const late = 7;\nfunction inner'],
  ['an export appears in two files', 'two.ts', 'export', 'export const one = 8;\nexport'],
  ['an export of a barrel hides one of its star exports', 'barrel.ts', 'export *', 'export const one = 9;\nexport *'],
  ['an export is added to a re-exported file', 'two.ts', 'export', 'export const extra = 4;\nexport'],
  [
    'an export is added to a file that is used as a namespace',
    'all.ts',
    'export const',
    'export const extra = 4;\nexport const',
  ],
  [
    'a missing export appears that another file re-exports',
    'lacks.ts',
    'export const here',
    'export const passed = 5;\nexport const here',
  ],
  ['a declaration is merged with a namespace', 'two.ts', '2; }', '2; }\nexport namespace two { export const q = 3; }'],
  ['an import for side effects is added', 'one.ts', 'function inner', `import './registry.ts';\nfunction inner`],
  [
    'a statement is added before a declaration',
    'registry.ts',
    'export const note',
    'registry.set(0, 0);\nexport const note',
  ],
  [
    'an export means something else',
    'one.ts',
    'export const one = 1;',
    'const a = 1;\nconst b = 2;\nexport { a as one };',
  ],
  ['a constant becomes a container', 'one.ts', 'const one = 1', 'const one = [1]'],
  ['a step uses more members', 'flow.ts', 'this.out = kept()', 'this.out = [kept(), this.helper(), this.fill()]'],
  ['a step is added', 'flow.ts', '  helper()', '  @step() more() { return 1; }\n  helper()'],
  ['the flow extends nothing', 'flow.ts', 'extends Base', 'extends Object'],
  ['an import leads to another file', 'kept.ts', './wrap.ts', './again.ts'],
  [
    'a package of which only types were imported is imported dynamically',
    'lacks.ts',
    'export const here',
    `export const more = () => import('tool');\nexport const here`,
  ],
  [
    'a function uses a new import',
    'two.ts',
    'export function two() { return',
    `import { one } from './one.ts';\nexport function two() { return one +`,
  ],
];

const loader = createLoader();

test.each(EDITS)('cached links give the same fingerprints as new ones when %s', async (_what, file, from, to) => {
  const project = makeProject(FILES);
  const cacheDir = project.path('.varve/cache');
  const text = FILES[file] ?? '';
  expect(text).toContain(from);
  const edited = text.replace(from, to);
  // The edit, its reversal, and the edit together with one of the flow's file.
  for (const version of [text, edited, text, `${edited}// moved\n`]) {
    const mark = version.endsWith('// moved\n') ? '// moved\n' : '';
    project.write({ 'flow.ts': `${mark}${FILES['flow.ts']}`, [file]: version });
    const { graph } = await loader.compile(project.path('flow.ts'));
    const made = await createFingerprinter().fingerprint(graph, 'Example', STEPS);
    expect(await createFingerprinter({ cacheDir }).fingerprint(graph, 'Example', STEPS)).toEqual(made);
  }
});

test('cached links are not used when the flow becomes another class', async () => {
  const project = makeProject({
    'flow.ts': flow(`import { a } from './a.ts';`, '  rows!: unknown;\n  @step() load() { this.rows = a; }'),
    'a.ts': 'export const a = 1;\n',
  });
  const cacheDir = project.path('.varve/cache');
  await project.fingerprint(['load'], { cacheDir });
  const other = `class Other extends Flow { rows!: unknown; @step() load() { this.rows = a + 1; } }\n`;
  project.write({
    'flow.ts': `import { Flow, step } from 'varve';\nimport { a } from './a.ts';\n${other}export { Other as Example };\n`,
  });
  const made = await project.fingerprint(['load']);
  expect(await project.fingerprint(['load'], { cacheDir })).toEqual(made);
});

test('cached links keep the options of a step apart from those of a static method of the same name', async () => {
  const project = makeProject({});
  const codes = new Set<string>();
  for (const n of [1, 2, 3]) {
    project.write({
      'base.ts': `import { Flow } from 'varve';\nexport class Base extends Flow { again() { return this.load(${n}); } }\n`,
      'flow.ts': `import { step } from 'varve';
import { Base } from './base.ts';
const added = [${n}];
export default class Example extends Base {
  @step({ a: 1 }) static load() {}
  @step({ cache: { version: ${n} } }) load() { this.rows = 1; }
}
`,
    });
    const made = await project.fingerprint(['load']);
    expect(await project.fingerprint(['load'], { cacheDir: project.path('.varve/cache') })).toEqual(made);
    for (const { code } of made) codes.add(code);
  }
  expect(codes.size).toBe(3);
});

test('a package installed under another name is the same whether it is imported or looked up at run time', async () => {
  const project = makeProject({
    'node_modules/alias/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
    'node_modules/alias/index.js': 'exports.tool = 1;\n',
    'flow.ts': flow(
      `import { b } from './b.ts';\nimport { a } from './a.ts';`,
      '  rows!: unknown;\n  @step() load() { this.rows = [a, b]; }',
    ),
    'a.ts': `import { createRequire } from 'node:module';\nexport const a = createRequire(import.meta.url)('alias');\n`,
  });
  const cacheDir = project.path('.varve/cache');
  for (const value of ['1', `() => import('alias')`]) {
    project.write({ 'b.ts': `export const b = [${value}];\n` });
    const made = await project.fingerprint(['load']);
    expect(await project.fingerprint(['load'], { cacheDir })).toEqual(made);
    expect(made[0]?.packages.map(({ name }) => name)).toEqual(['tool']);
  }
});
