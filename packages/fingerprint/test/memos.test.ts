import { expect, it } from 'vitest';
import { flow, makeProject } from './project.ts';

/** Memos and module state of steps `a` and `b`, which call functions of `lib/memo.ts`. */
async function foundIn(memo: string, a = 'all.get("k")', b = a) {
  const project = makeProject({
    'flow.ts': flow(
      `import * as all from './lib/memo.ts';`,
      `  x!: unknown; y!: unknown;\n  @step() a() { this.x = ${a}; }\n  @step({ after: 'a' }) b() { this.y = ${b}; }`,
    ),
    'lib/memo.ts': `import { readFileSync } from 'node:fs';\nimport { memoize, once } from 'tool';\nconst read = (name = 'in.txt') => readFileSync(name, 'utf8');\n${memo}\nexport const other = [memoize, once, read].length;\n`,
    'node_modules/tool/package.json':
      '{ "name": "tool", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'node_modules/tool/index.js': 'export const once = (f) => f;\nexport const memoize = (f) => f;\n',
  });
  const found = await project.fingerprint(['a', 'b']);
  return found.map(({ memos, moduleState }) => ({ memos, moduleState }));
}

it.each([
  ['??=', 'let kept: any;\nexport const get = (_: string) => (kept ??= read());'],
  ['||=', 'let kept: any;\nexport const get = (_: string) => (kept ||= read());'],
  ['a guard', 'let kept: any;\nexport function get(_: string) { if (!kept) kept = read(); return kept; }'],
  [
    'a guard for null',
    'let kept: any = null;\nexport function get(_: string) { if (kept === null) { kept = read(); } return kept; }',
  ],
  [
    'await',
    'let kept: any;\nexport async function get(_: string) { return (kept ??= await Promise.resolve(read())); }',
  ],
  ['an export', 'export let kept: any;\nexport const get = (_: string) => (kept ??= read());'],
])('a variable filled by %s is a memo of each step that reads it', async (_, memo) => {
  const memos = { memos: ['lib/memo.ts#kept'], moduleState: [] };
  expect(await foundIn(memo)).toEqual([memos, memos]);
});

it.each([
  ['a property', 'const kept: any = {};\nexport const get = (_: string) => (kept.x ??= read());'],
  ['a computed property', 'const kept: any = {};\nexport const get = (name: string) => (kept[name] ??= read(name));'],
  [
    'a local name',
    'const kept: any = {};\nexport function get(name: string) { const c = kept; return (c[name] ??= read(name)); }',
  ],
  ['a pattern', 'let [kept]: any = [];\nexport const get = (_: string) => (kept ??= read());'],
  [
    'memoize of a package',
    'const kept = memoize((name: string) => read(name));\nexport const get = (name: string) => kept(name);',
  ],
  ['once of a package', 'const kept = once(read);\nexport const get = (_: string) => kept();'],
])('a part that is filled by %s is a memo that cannot be watched', async (_, memo) => {
  const memos = { memos: ['lib/memo.ts#kept[]'], moduleState: [] };
  expect(await foundIn(memo)).toEqual([memos, memos]);
});

it.each([
  [
    'a Map',
    'const kept = new Map();\nexport function get(name: string) { if (!kept.has(name)) kept.set(name, read(name)); return kept.get(name); }',
  ],
  [
    'an object of a class',
    'class Config { #text?: string; get(): string { return (this.#text ??= read()); } }\nconst kept = new Config();\nexport const get = (_: string) => kept.get();',
  ],
  [
    'a static field',
    'class kept { static text?: string; }\nexport const get = (_: string) => { kept.text = kept.text ?? read(); return kept.text; };',
  ],
  [
    'a closure',
    'const make = () => { let text: any; return () => (text ??= read()); };\nconst kept = make();\nexport const get = (_: string) => kept();',
  ],
])('what fills %s is state, and a memo for a step that is cached all the same', async (_, memo) => {
  for (const { memos, moduleState } of await foundIn(memo)) {
    expect(moduleState).toContain('lib/memo.ts#kept');
    expect(memos).toContain('lib/memo.ts#kept[]');
  }
});

it('a static field that is filled is a memo', async () => {
  const memo =
    'class Kept { static text?: string; static get() { return (Kept.text ??= read()); } }\nexport const get = (_: string) => Kept.get();';
  for (const { memos } of await foundIn(memo)) expect(memos).toContain('lib/memo.ts#Kept[]');
});

it('a variable that is filled while the file is loaded is no memo', async () => {
  const memo = 'let kept: any;\nkept ??= read();\nexport const get = (_: string) => kept;';
  expect(await foundIn(memo)).toEqual([
    { memos: undefined, moduleState: [] },
    { memos: undefined, moduleState: [] },
  ]);
});

it('a variable that only another step fills is state', async () => {
  const memo = 'let kept: any;\nexport const get = (_: string) => (kept ??= read());\nexport const peek = () => kept;';
  const [, b] = await foundIn(memo, 'all.get("k")', 'all.peek()');
  expect(b?.moduleState).toEqual(['lib/memo.ts#kept']);
});
