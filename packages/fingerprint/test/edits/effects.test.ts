import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const STEPS = `  rows!: unknown;
  @step() plain() { this.rows = add(1); }
  @step({ after: 'plain' }) reads() { this.rows = lookup('double'); }
  @step({ after: 'reads' }) lists() { this.rows = plugins.length; }`;

runScenario({
  name: 'a statement that runs while files are loaded belongs to the steps that read what it changes',
  files: {
    'flow.ts': flow(
      `import './plugins/double.ts';
import './plugins/list.ts';
import { settings } from './settings.ts';
import { add } from './add.ts';
import { lookup } from './registry.ts';
import { plugins } from './plugins.ts';
settings.depth = 2;`,
      `${STEPS}
  @step({ after: 'lists' }) sets() { this.rows = settings.depth; }
  @step({ after: 'sets' }) tags() { this.rows = new Date(0).getTime() + [].length; }`,
    ),
    'node_modules/polyfill/package.json': '{ "name": "polyfill", "version": "1.0.0", "main": "index.js" }',
    'node_modules/polyfill/index.js': 'globalThis.polyfilled = true;',
    'add.ts': 'export const add = (x: number) => x + 1;\n',
    'settings.ts': 'export const settings = { depth: 1 };\n',
    'registry.ts': `const registry = new Map<string, (x: number) => number>();
const mark = (name: string) => name.toUpperCase();
export function register(name: string, f: (x: number) => number) { registry.set(mark(name), f); }
export const lookup = (name: string) => registry.get(mark(name))?.(2);
`,
    'plugins.ts': 'export const plugins: string[] = [];\nexport const getPlugins = () => plugins;\n',
    'plugins/double.ts': `import { register } from '../registry.ts';\nimport { twice } from './twice.ts';\nregister('double', (x) => twice(x));\n`,
    'plugins/twice.ts': 'export const twice = (x: number) => x * 2;\n',
    'plugins/list.ts': `import { getPlugins } from '../plugins.ts';\nconst NAME = 'list';\ngetPlugins().push(NAME);\n`,
  },
  edits: [
    edit('the function that a plugin registers', ['reads'], { 'plugins/twice.ts': [['x * 2', 'x * 3']] }),
    edit('the call that registers it', ['reads'], { 'plugins/double.ts': [["'double'", "'triple'"]] }),
    edit('a value that is pushed to a list returned by a function', ['lists'], {
      'plugins/list.ts': [["'list'", "'other'"]],
    }),
    edit('an assignment to a part of an object', ['sets'], {
      'flow.ts': [['settings.depth = 2', 'settings.depth = 3']],
    }),
    edit('a statement that changes nothing shared', [], {
      'flow.ts': [['settings.depth = 2;', "settings.depth = 2;\nconsole.log('ready');"]],
    }),
    edit('an assigned global', 'all', {
      'add.ts': 'globalThis.speed = 2;\nexport const add = (x: number) => x + 1;\n',
    }),
    edit('a patched built-in prototype', 'all', {
      'plugins/list.ts': `Array.prototype.toString = () => 'x';\nimport { getPlugins } from '../plugins.ts';\nconst NAME = 'list';\ngetPlugins().push(NAME);\n`,
    }),
    edit('an assigned environment variable', 'all', {
      'settings.ts': `process.env.MODE = 'x';\nexport const settings = { depth: 1 };\n`,
    }),
    edit('a global assigned by a function that is called', 'all', {
      'add.ts':
        'function setup() { Object.assign(globalThis, { a: 1 }); }\nsetup();\nexport const add = (x: number) => x + 1;\n',
    }),
    edit('a global assigned by a function that is not called', [], {
      'add.ts':
        'export function setup() { Object.assign(globalThis, { a: 1 }); }\nexport const add = (x: number) => x + 1;\n',
    }),
    edit('a package imported for its side effects', 'all', {
      'add.ts': "import 'polyfill';\nexport const add = (x: number) => x + 1;\n",
    }),
    edit('an added plugin', ['reads'], {
      'plugins/list.ts': [
        [
          'import { getPlugins }',
          "import { register } from '../registry.ts';\nregister('half', (x) => x / 2);\nimport { getPlugins }",
        ],
      ],
    }),
    edit('a removed plugin', ['reads'], { 'plugins/double.ts': 'export {};\n' }),
  ],
});

runScenario({
  name: 'a step depends on assignments, aliases and patches of the variables it reads',
  files: {
    'flow.ts': flow(
      `import { count, level } from './state.ts';
import { Shape } from './shape.ts';
import { alias } from './alias.ts';
import './patch.ts';
const add = (x: number) => x;
const plugins: number[] = [];
const lookup = (x: string) => x;
for (const plugin of [(list: number[]) => list.push(1)]) plugin(plugins);`,
      `${STEPS}
  @step({ after: 'lists' }) counts() { this.rows = count; }
  @step({ after: 'counts' }) levels() { this.rows = level; }
  @step({ after: 'levels' }) shapes() { this.rows = new Shape().area(); }
  @step({ after: 'shapes' }) aliased() { this.rows = alias.get('a'); }
  @step({ after: 'aliased' }) original() { this.rows = table.get('a'); }`,
    ).replace('import { alias }', "import { table } from './table.ts';\nimport { alias }"),
    'state.ts':
      'export let count = 0;\nexport let level = 1;\ncount = 5;\nfunction raise() { level += 1; }\nraise();\n',
    'shape.ts': 'export class Shape { area() { return 1; } }\n',
    'table.ts': `export const table = new Map<string, number>();\n`,
    'alias.ts': `import { table } from './table.ts';\nexport const alias = table;\n`,
    'patch.ts': `import { Shape } from './shape.ts';\nimport { alias } from './alias.ts';\nShape.prototype.area = () => 2;\nalias.set('a', 1);\n`,
  },
  edits: [
    edit('an assignment to a variable', ['counts'], { 'state.ts': [['count = 5', 'count = 6']] }),
    edit('an assignment inside a function that is called', ['levels'], { 'state.ts': [['level += 1', 'level += 2']] }),
    edit('a patched method', ['shapes'], { 'patch.ts': [['() => 2', '() => 3']] }),
    edit('a change through another name', ['aliased', 'original'], { 'patch.ts': [["'a', 1", "'a', 2"]] }),
    edit('a plugin called in a loop', 'all', { 'flow.ts': [['list.push(1)', 'list.push(2)']] }),
  ],
});

runScenario({
  name: 'a function inside a statement belongs to steps only if loading the file calls it',
  files: {
    'flow.ts': flow(
      `import { list, table, untouched } from './table.ts';
(() => { const put = () => table.set('a', 1); put(); })();
{ function push() { list.push(1); } push(); }
const api = { add() { untouched.add(1); } };
console.log(api === undefined);`,
      `  rows!: unknown;
  @step() tables() { this.rows = table.get('a'); }
  @step({ after: 'tables' }) lists() { this.rows = list.length; }
  @step({ after: 'lists' }) sets() { this.rows = untouched.size; }`,
    ),
    'table.ts':
      'export const table = new Map<string, number>();\nexport const list: number[] = [];\nexport const untouched = new Set<number>();\n',
  },
  edits: [
    edit('a local function that is called', ['tables'], { 'flow.ts': [["'a', 1", "'a', 2"]] }),
    edit('a function of a block that is called', ['lists'], { 'flow.ts': [['list.push(1)', 'list.push(2)']] }),
    edit('a function that is only held', [], { 'flow.ts': [['untouched.add(1)', 'untouched.add(2)']] }),
  ],
});

runScenario({
  name: 'with strict effects, a change that cannot be followed belongs to every step as well',
  options: { effects: 'strict' },
  files: {
    'flow.ts': flow(
      `import { box } from './box.ts';
const keep = { box };
const change = (it: { box: { n: number } }) => { it.box.n = 2; };
const changed = (() => { change(keep); return 1; })();`,
      `  rows!: unknown;
  @step() reads() { this.rows = box.n; }
  @step({ after: 'reads' }) other() { this.rows = 1; }`,
    ),
    'box.ts': 'export const box = { n: 1 };\n',
  },
  edits: [edit('a change through an alias inside a callee', 'all', { 'flow.ts': [['it.box.n = 2', 'it.box.n = 3']] })],
});

runScenario({
  name: 'with effects per file, every step depends on all code',
  options: { effects: 'file' },
  files: {
    'flow.ts': flow(
      `import { idle } from './idle.ts';\nconsole.log(idle);`,
      `  @step() one() {}\n  @step({ after: 'one' }) two() {}`,
    ),
    'idle.ts': 'export const idle = 1;\n',
  },
  edits: [edit('a file that no step uses', 'all', { 'idle.ts': [['1', '2']] })],
});
