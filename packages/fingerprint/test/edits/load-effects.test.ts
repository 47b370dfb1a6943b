import { flow } from '../project.ts';
import { type Edit, edit, runScenario } from './scenario.ts';

const pkg = (name: string, code: string, more = '') => ({
  [`node_modules/${name}/package.json`]: `{ "name": "${name}", "version": "1.0.0", "main": "index.js"${more} }`,
  [`node_modules/${name}/index.js`]: code,
});

/** A flow with a step that reads an object of `box.ts`, and one that reads nothing. */
function readerOf(read: string, top: string) {
  return flow(
    top,
    `  rows!: unknown;
  @step() reads() { this.rows = ${read}; }
  @step({ after: 'reads' }) plain() { this.rows = 1; }`,
  );
}

/** Effects by how they are written: the code of `setup.ts` with the value 1, and the steps that an edit must affect. */
const WAYS: Readonly<Record<string, readonly [setup: string, must: Edit['must'], box?: string]>> = {
  'a static block': [`import { registry } from './box.ts';\nclass A { static { registry.set('a', 1); } }`, ['reads']],
  'a static field': [`import { registry } from './box.ts';\nclass A { static it = registry.set('a', 1); }`, ['reads']],
  'a decorator without a call': [
    `import { registry } from './box.ts';\nconst named = (type: unknown) => { registry.set('a', 1); };\n@named\nclass A {}`,
    ['reads'],
  ],
  'a decorator with a call': [
    `import { registry } from './box.ts';\nconst named = (n: number) => (type: unknown) => { registry.set('a', n); };\n@named(1)\nclass A {}`,
    ['reads'],
  ],
  'a setter': [`import { box } from './box.ts';\nbox.next = 1;`, 'all'],
  'a getter': [
    `import { registry } from './box.ts';\nconst source = { get it() { registry.set('a', 1); return 2; } };\nexport const made = source.it;`,
    'all',
  ],
  'a loop over Object.values': [
    `import { box, registry } from './box.ts';\nObject.values({ box, registry }).forEach((each) => { each.a = 1; });`,
    'all',
  ],
  'a generator': [
    `import { registry } from './box.ts';\nfunction* fill() { registry.set('a', 1); yield 1; }\nexport const made = [...fill()];`,
    'all',
  ],
  'a generator that another statement runs': [
    `import { registry } from './box.ts';\nfunction* fill() { registry.set('a', 1); yield 1; }\nconst later = fill();\nexport const made = [...later];`,
    'all',
  ],
  'a proxy': [`import { box } from './box.ts';\nnew Proxy(box, {}).a = 1;`, 'all'],
  'a handler of a proxy': [
    `import { registry } from './box.ts';\nconst watch = new Proxy({}, { get() { registry.set('a', 1); return 1; } });\nexport const made = watch.it;`,
    'all',
  ],
  'a pair of closures': [`import { set } from './box.ts';\nset(1);`, 'all'],
  'a third file': [`import { fill } from './third.ts';\nfill(1);`, ['reads']],
  'a namespace import': [`import * as all from './box.ts';\nall.registry.set('a', 1);`, ['reads']],
  'an awaited import': [`const { registry } = await import('./box.ts');\nregistry.set('a', 1);`, 'all'],
  'an import with then': [`import('./box.ts').then(({ registry }) => registry.set('a', 1));`, 'all'],
  'an immediately called function': [
    `import { registry } from './box.ts';\n(() => { registry.set('a', 1); })();`,
    ['reads'],
  ],
  'a tagged template': [
    `import { registry } from './box.ts';\nconst put = (parts: unknown, n: number) => { registry.set('a', n); };\nput\`\${1}\`;`,
    ['reads'],
  ],
  'a constructor': [
    `import { registry } from './box.ts';\nclass A { constructor() { registry.set('a', 1); } }\nexport const made = new A();`,
    ['reads'],
  ],
  'a callback of a package': [
    `import { each } from 'tool';\nimport { registry } from './box.ts';\neach([2], () => registry.set('a', 1));`,
    'all',
  ],
  'a callback of a package whose result is used': [
    `import { each } from 'tool';\nimport { registry } from './box.ts';\nexport const made = each([2], () => registry.set('a', 1));`,
    'all',
  ],
  'a conversion to text': [
    `import { registry } from './box.ts';\nconst name = { toString() { registry.set('a', 1); return ''; } };\nexport const made = \`\${name}\`;`,
    'all',
  ],
  'Object.assign': [
    `import { box } from './box.ts';\nObject.assign(box, { a: 1 });`,
    ['reads'],
    'Object.keys(box).length',
  ],
  'Reflect.set': [`import { box } from './box.ts';\nReflect.set(box, 'a', 1);`, ['reads'], 'Object.keys(box).length'],
  'a helper that is given Array': [
    `const add = (type: { prototype: object }) => Object.assign(type.prototype, { it: () => 1 });\nadd(Array);`,
    'all',
  ],
  'a loop over constructors': [
    `for (const type of [Array, Map]) Object.assign(type.prototype, { it: () => 1 });`,
    'all',
  ],
  'a decorator that patches a built-in': [
    `const patch = (type: unknown) => { (String.prototype as never as { it: unknown }).it = 1; };\n@patch\nclass A {}`,
    'all',
  ],
  'a patch in a function called at once': [`(() => { Reflect.set(Array.prototype, 'it', 1); })();`, 'all'],
  'a register function of a package': [`import { register } from 'tool';\nregister(1);`, 'all'],
  'Error.prepareStackTrace': [`Error.prepareStackTrace = () => 1;`, 'all'],
};

const BOX = `export const registry = new Map<string, number>();
export const box: { a?: number; set next(n: number) } & Record<string, unknown> = { set next(n: number) { registry.set('b', n); } };
const signal = (value: number) => [() => value, (n: number) => { value = n; }] as const;
export const [get, set] = signal(0);
`;

for (const [what, [setup, must, plainBox]] of Object.entries(WAYS)) {
  runScenario({
    name: `${what} belongs to ${must === 'all' ? 'every step' : 'the steps that read what it changes'}`,
    files: {
      'flow.ts': readerOf(
        plainBox ?? "[registry.get('a'), get(), box.a]",
        `import { registry, box, get } from './box.ts';\nimport './setup.ts';`,
      ),
      'box.ts': plainBox
        ? 'export const box: Record<string, number> = {};\nexport const [registry, get] = [1, 1];\n'
        : BOX,
      'third.ts': `import { registry } from './box.ts';\nexport const fill = (n: number) => { put(n); };\nconst put = (n: number) => registry.set('a', n);\n`,
      'setup.ts': `${setup}\n`,
      ...pkg('tool', 'exports.each = (list, run) => list.map(run); exports.register = () => {};'),
    },
    edits: [edit('the value', must, { 'setup.ts': setup.replace(/\b1(?!.*\b1\b)/s, '7') })],
  });
}

/** Calls that configure a package, and calls that only make a value. */
const CONFIGURED = [
  ["import Decimal from 'decimal';\nDecimal.set({ precision: 1 });", 'all'],
  ["import dayjs from 'dayjs';\ndayjs.locale('1');", 'all'],
  ["import dayjs from 'dayjs';\nimport { own } from './own.ts';\ndayjs.extend(own, 1);", 'all'],
  ["import { setDefaultOptions } from 'date-fns';\nsetDefaultOptions({ weekStartsOn: 1 });", 'all'],
  ["import { z } from 'zod';\nz.config({ jitless: 1 });", 'all'],
  ["import { z } from 'zod';\nconst prepare = () => z.config({ jitless: 1 });\nprepare();", 'all'],
  ["import { z } from 'zod';\nconst prepare = async () => z.config({ jitless: 1 });\nprepare();", 'all'],
  ["import { z } from 'zod';\nconst prepare = (on: boolean) => on && z.config({ jitless: 1 });\nprepare(true);", 'all'],
  [
    "import { z } from 'zod';\nconst inner = () => z.config({ jitless: 1 });\nconst prepare = () => inner();\nprepare();",
    'all',
  ],
  ["import { z } from 'zod';\n[1].forEach((n) => z.config({ jitless: n }));", 'all'],
  ["import { z } from 'zod';\nexport const before = z.config({ jitless: 1 });", []],
  ["import { z } from 'zod';\nexport const schema = z.object({ a: z.number().min(1) });", []],
  ["import { z } from 'zod';\nexport const schema = z.string().transform((text) => text + 1);", []],
  ["import { wrap } from 'tool';\nexport const wrapped = wrap(() => 1);", 'all'],
  ["import { wrap } from 'tool';\nimport { own } from './own.ts';\nexport const wrapped = wrap(own, 1);", 'all'],
  ["import { wrap } from 'tool';\nexport const wrapped = wrap({ deep: [1] });", []],
] as const;

for (const [setup, must] of CONFIGURED) {
  runScenario({
    name: `of a file that says ${JSON.stringify(setup.split('\n').at(-1))}, ${must === 'all' ? 'every' : 'no other'} step depends on it`,
    files: {
      'flow.ts': readerOf('use(1)', `import { use } from 'tool';\nimport './setup.ts';`),
      'setup.ts': `${setup}\n`,
      'own.ts': 'export const own = { name: "own" };\n',
      ...Object.assign({}, ...['decimal', 'dayjs', 'date-fns', 'zod', 'tool'].map((name) => pkg(name, ''))),
    },
    edits: [edit('the value', must === 'all' ? 'all' : [], { 'setup.ts': setup.replace(/1(?!.*1)/s, '7') })],
  });
}

runScenario({
  name: 'the order of imports belongs to the steps that can read a variable before its value is made',
  files: {
    'flow.ts': flow(
      `import { total } from './total.ts';\nimport { rate } from './rate.ts';\nimport { apart } from './apart.ts';`,
      `  rows!: unknown;
  @step() reads() { this.rows = [total, rate]; }
  @step({ after: 'reads' }) plain() { this.rows = apart; }`,
    ),
    'total.ts': `import { rate } from './rate.ts';\nexport const base = 2;\nexport const total = rate === undefined ? 0 : 1;\n`,
    'rate.ts': `import { base } from './total.ts';\nexport const rate = base === undefined ? 0 : 1;\n`,
    'apart.ts': 'export const apart = 1;\n',
  },
  edits: [
    edit('the order of imports', ['reads'], {
      'flow.ts': [
        ["import { total } from './total.ts';\n", ''],
        ['import { apart }', "import { total } from './total.ts';\nimport { apart }"],
      ],
    }),
  ],
});

runScenario({
  name: 'the order in which files are loaded belongs to the steps that read what they change',
  files: {
    'flow.ts': flow(
      `import { list } from './list.ts';\nimport './one.ts';\nimport './two.ts';\nimport { size } from './size.ts';`,
      `  rows!: unknown;
  @step() reads() { this.rows = [list.join(), size]; }
  @step({ after: 'reads' }) plain() { this.rows = 1; }`,
    ),
    'list.ts': 'export const list: number[] = [];\n',
    'one.ts': `import { list } from './list.ts';\nlist.push(1);\n`,
    'two.ts': `import { list } from './list.ts';\nlist.push(2);\n`,
    'size.ts': `import { list } from './list.ts';\nexport const size = list.length;\n`,
  },
  edits: [
    edit('the order of two effects', ['reads'], {
      'flow.ts': [["'./one.ts';\nimport './two.ts'", "'./two.ts';\nimport './one.ts'"]],
    }),
    edit('the place of a value that reads what they change', ['reads'], {
      'flow.ts': [
        ["import { size } from './size.ts';", ''],
        ["import './one.ts'", "import { size } from './size.ts';\nimport './one.ts'"],
      ],
    }),
  ],
});

const OPTIONS = (options: string) => `{ "compilerOptions": { ${options} } }`;

runScenario({
  name: 'a step depends on the compiler options of the files that it reaches',
  files: {
    'flow.ts': flow(
      `import { Box } from './part/box.ts';\nimport { view } from './view/view.tsx';`,
      `  rows!: unknown;
  @step() reads() { this.rows = new Box().n; }
  @step({ after: 'reads' }) views() { this.rows = view(); }
  @step({ after: 'views' }) plain() { this.rows = 1; }`,
    ),
    'tsconfig.json': OPTIONS('"target": "ES2022"'),
    'part/tsconfig.json': OPTIONS('"target": "ES2022"'),
    'part/box.ts': 'class Base { set n(n: number) {} }\nexport class Box extends Base { n = 1; }\n',
    'view/tsconfig.json': OPTIONS('"target": "ES2022", "jsx": "react", "jsxFactory": "h"'),
    'view/view.tsx': `const h = (tag: string) => tag;\nconst p = (tag: string) => tag + tag;\nvoid p;\nexport const view = () => <div />;\n`,
  },
  edits: [
    edit('how fields are made in a folder', ['reads'], {
      'part/tsconfig.json': OPTIONS('"target": "ES2022", "useDefineForClassFields": false'),
    }),
    edit('the function that makes elements in a folder', ['views'], {
      'view/tsconfig.json': OPTIONS('"target": "ES2022", "jsx": "react", "jsxFactory": "p"'),
    }),
    edit('the function that makes elements, in a comment of the file', ['views'], {
      'view/view.tsx': `/** @jsx p */\nconst h = (tag: string) => tag;\nconst p = (tag: string) => tag + tag;\nvoid p;\nexport const view = () => <div />;\n`,
    }),
    edit('an option that only the compiler sees', [], {
      'part/tsconfig.json': OPTIONS('"target": "ES2022", "strict": false'),
    }),
  ],
});
