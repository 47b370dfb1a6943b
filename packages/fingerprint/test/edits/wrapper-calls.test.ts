import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

/**
 * Wrappers by what they do with a function argument: their code, and whether the argument runs while the file is
 * loaded; `open` if that cannot be followed.
 */
const WRAPPERS: Readonly<Record<string, readonly [code: string, runs: boolean | 'open']>> = {
  'keeps it': ['function wrap(n, body) { return (x) => body(x); }', false],
  'keeps it, by an arrow': ['const wrap = (n, body) => (x) => body(x);', false],
  'only inspects it': [
    `function wrap(n, body) {
  if (typeof body !== 'function' || body === undefined) throw new TypeError(\`no function: \${body}\`);
  switch (n) { case 0: throw new RangeError('none'); case 1: return function (x) { return body(x); }; }
  return function (...all) { return body.apply(this, all); };
}`,
    false,
  ],
  'runs it': ['function wrap(n, body) { body(n); return (x) => body(x); }', true],
  'runs it by a method': ['function wrap(n, body) { body.call(null, n); return (x) => body(x); }', true],
  'runs it by another name': ['function wrap(n, body) { const again = body; again(n); return (x) => body(x); }', true],
  'runs it as an argument': ['function wrap(...all) { all[1](1); return (x) => x; }', 'open'],
  'runs it as one of its arguments': ['function wrap(n, body) { arguments[1](n); return (x) => body(x); }', 'open'],
  'runs it as a default': ['function wrap(n, body, first = body(n)) { return (x) => body(x); }', true],
  'runs it in a function of its own': [
    'function wrap(n, body) { const run = () => body(n); run(); return (x) => body(x); }',
    true,
  ],
  'passes it to another call': [
    'const go = (f) => f(1);\nfunction wrap(n, body) { go(body); return (x) => body(x); }',
    true,
  ],
  'returns its result': ['function wrap(n, body) { return body(n); }', true],
  'takes it apart': ['function wrap(n, { apply } = n) { apply(); return (x) => x; }', 'open'],
  'is assigned another function': [
    'function wrap(n, body) { return (x) => body(x); }\nwrap = (n, body) => { body(n); return (x) => body(x); };',
    'open',
  ],
  'is not a plain function': ['const wrap = [(n, body) => { body(n); return (x) => body(x); }][0];', 'open'],
};

const BELONGS: Readonly<Record<string, string>> = {
  true: 'to every step that reads what it changes',
  false: 'only to steps that call the wrapped function',
  open: 'to every step, as it cannot be followed',
};

for (const [what, [wrapper, runs]] of Object.entries(WRAPPERS)) {
  runScenario({
    name: `an argument of a wrapper that ${what} belongs ${BELONGS[String(runs)]}`,
    files: {
      'flow.ts': flow(
        `import { table } from './table.ts';\nimport { fill } from './fill.ts';`,
        `  rows!: unknown;
  @step() reads() { this.rows = table.get('a'); }
  @step({ after: 'reads' }) fills() { this.rows = fill(2); }
  @step({ after: 'fills' }) plain() { this.rows = 1; }`,
      ),
      'table.ts': 'export const table = new Map<string, number>();\n',
      'wrap.js': `${wrapper}\nexport { wrap };\n`,
      'fill.ts': `import { table } from './table.ts';
import { wrap } from './wrap.js';
export const fill = wrap(2, (x: number) => { table.set('a', x + 1); return 1; });
`,
    },
    edits: [
      edit('the effect of the argument', runs === 'open' ? 'all' : runs ? ['reads', 'fills'] : ['fills'], {
        'fill.ts': [['x + 1', 'x + 2']],
      }),
      edit('an assignment of a global in the argument', runs ? 'all' : ['fills'], {
        'fill.ts': [['return 1;', 'globalThis.filled = 1; return 1;']],
      }),
    ],
  });
}

runScenario({
  name: 'a wrapped function belongs to the code that calls it',
  files: {
    'flow.ts': flow(
      `import { table, list } from './table.ts';
import * as lib from './lib.ts';
lib.fill(1);
const own = { push: lib.push };
own.push();
lib.getList().push(3);
lib.named(2);`,
      `  rows!: unknown;
  @step() tables() { this.rows = table.get('a'); }
  @step({ after: 'tables' }) lists() { this.rows = list.length; }
  @step({ after: 'lists' }) names() { this.rows = lib.names.size; }
  @step({ after: 'names' }) plain() { this.rows = 1; }`,
    ),
    'table.ts': 'export const table = new Map<string, number>();\nexport const list: number[] = [];\n',
    'wrap.ts': 'export const wrap = <T>(n: number, body: T): T => ((...all: unknown[]) => body(...all)) as T;\n',
    'lib.ts': `import { table, list } from './table.ts';
import * as tools from './wrap.ts';
export const names = new Set<string>();
function note() { names.add('a'); }
export const fill = tools.wrap(1, (x: number) => table.set('a', x * 2));
export const push = tools.wrap(0, () => list.push(1));
export const getList = tools.wrap(0, () => list);
export const named = tools.wrap(1, note);
export const itself = tools.wrap(0, () => itself);
`,
  },
  edits: [
    edit('a wrapped function that is called while files are loaded', 'all', { 'lib.ts': [['x * 2', 'x * 3']] }),
    edit('one that is called by an alias', 'all', { 'lib.ts': [['list.push(1)', 'list.push(2)']] }),
    edit('a change of the result of one', 'all', { 'flow.ts': [['push(3)', 'push(4)']] }),
    edit('a function that is wrapped by name', 'all', { 'lib.ts': [["add('a')", "add('b')"]] }),
    edit('the removal of all calls', 'all', {
      'flow.ts': [
        ['lib.fill(1);\nconst own = { push: lib.push };\nown.push();\nlib.getList().push(3);\nlib.named(2);', ''],
      ],
    }),
  ],
});

runScenario({
  name: 'an object made while files are loaded runs the constructors of its base classes',
  files: {
    'flow.ts': flow(
      `import { table } from './table.ts';
class Base { constructor() { table.set('a', 1); } }
class Middle extends Base {}
new Middle();
class Listed { constructor() { list.push(1); } }
{ class Local extends Listed {} new Local(); }
class Named { constructor() { names.add('a'); } }
const make = () => new (class extends Named {})();
make();`.replace('{ table }', '{ list, names, table }'),
      `  rows!: unknown;
  @step() reads() { this.rows = table.get('a'); }
  @step({ after: 'reads' }) lists() { this.rows = list.length; }
  @step({ after: 'lists' }) named() { this.rows = names.size; }
  @step({ after: 'named' }) plain() { this.rows = 1; }`,
    ),
    'table.ts':
      'export const table = new Map<string, number>();\nexport const list: number[] = [];\nexport const names = new Set<string>();\n',
  },
  edits: [
    edit('the constructor of the base class', ['reads'], { 'flow.ts': [["'a', 1", "'a', 2"]] }),
    edit('the base constructor of a class in a block, which is not followed', 'all', {
      'flow.ts': [['list.push(1)', 'list.push(2)']],
    }),
    edit('the base constructor of a class in a function', 'all', { 'flow.ts': [["add('a')", "add('b')"]] }),
  ],
});
