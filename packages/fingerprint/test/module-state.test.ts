import { expect, it } from 'vitest';
import { type Files, flow, makeProject } from './project.ts';

/** Labels of the module state of a step, for code of `setup.ts` and code of the step. */
async function stateOf(setup: string, body = "this.rows = [registry.get('a'), box.a];", more: Files = {}) {
  const project = makeProject({
    'flow.ts': flow(
      `import { registry, box } from './box.ts';\nimport './setup.ts';\nimport * as setup from './setup.ts';`,
      `  rows!: unknown;\n  @step() load() { ${body} }`,
    ),
    'box.ts':
      'export const registry = new Map<string, unknown>();\nexport const box: Record<string, any> = {};\nexport const fill = (n: number) => { registry.set("a", n); };\n',
    'setup.ts': `import { registry, box, fill } from './box.ts';\n${setup}\nexport {};\n`,
    ...more,
  });
  const [found] = await project.fingerprint(['load']);
  return found?.moduleState;
}

it.each([
  ['a statement', "registry.set('a', 1);"],
  ['a called function', 'fill(1);'],
  ['a function called in an initialiser', 'export const made = fill(1);'],
  ['a static block', "class A { static { registry.set('a', 1); } }"],
  ['a decorator', "const named = (type: unknown) => { registry.set('a', type); };\n@named\nclass A {}"],
  [
    'a decorator with a call',
    "const named = (n: string) => (type: unknown) => { registry.set(n, type); };\n@named('a')\nclass A {}",
  ],
  [
    'a decorator that assigns',
    'const named = (n: string) => (type: unknown) => { box[n] = type; };\n@named("a")\nclass A {}',
  ],
  ['a constructor', "class A { constructor() { registry.set('a', 1); } }\nexport const made = new A();"],
  ['a tagged template', "const put = (p: unknown, n: number) => { registry.set('a', n); };\nput`${1}`;"],
  ['a function called at once', "(() => { registry.set('a', 1); })();"],
  ['a callback', "[1, 2].forEach((n) => { registry.set('a', n); });"],
  ['a setter', "const o = { set a(n: number) { registry.set('a', n); } };\no.a = 1;"],
  ['a generator', "function* run() { registry.set('a', 1); yield 1; }\nexport const made = [...run()];"],
])('is not what %s changes while files are loaded', async (_, setup) => {
  expect(await stateOf(setup)).toEqual([]);
});

it.each([
  ['a function that both call', 'export const put = fill;\nfill(1);', "setup.put(2); this.rows = registry.get('a');"],
  [
    'a function in a registry',
    "registry.set('f', () => { box.a = (box.a ?? 0) + 1; });",
    "(registry.get('f') as any)(); this.rows = box.a;",
  ],
  [
    'a function that is stored',
    'const run = () => { box.a = (box.a ?? 0) + 1; };\nrun();\nregistry.set("f", run);',
    "(registry.get('f') as any)(); this.rows = box.a;",
  ],
  [
    'a function that is assigned',
    'const run = () => { box.a = (box.a ?? 0) + 1; };\nrun();\nbox.f = run;',
    'box.f(); this.rows = box.a;',
  ],
  [
    'a made function',
    'const make = () => () => { box.a = (box.a ?? 0) + 1; };\nexport const next = make();',
    'setup.next(); this.rows = box.a;',
  ],
  [
    'a made function in a registry',
    'const make = () => () => { box.a = (box.a ?? 0) + 1; };\nregistry.set("f", make());',
    "(registry.get('f') as any)(); this.rows = box.a;",
  ],
  [
    'a method of a registered class',
    'const named = (type: unknown) => { registry.set("f", type); };\n@named\nclass A { run() { box.a = (box.a ?? 0) + 1; } }',
    "new (registry.get('f') as any)().run(); this.rows = box.a;",
  ],
  [
    'a method of a made object',
    'class A { run() { box.a = (box.a ?? 0) + 1; } }\nexport const made = new A();',
    'setup.made.run(); this.rows = box.a;',
  ],
  [
    'a callback that is kept',
    'const on: (() => void)[] = [];\nconst listen = (f: () => void) => { on.push(f); };\nlisten(() => { box.a = (box.a ?? 0) + 1; });\nexport const emit = () => { for (const f of on) f(); };',
    'setup.emit(); this.rows = box.a;',
  ],
])('is what %s changes in a task', async (_, setup, body) => {
  expect(await stateOf(setup, body)).toEqual(expect.arrayContaining([expect.stringMatching(/#(box|registry)$/)]));
});
