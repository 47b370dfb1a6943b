import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const FLOW = flow(
  `import { far, LIMIT, unused } from './lib/a.ts';
import { first } from './lib/index.ts';
import { Base } from './base.ts';
const USED = 1; const IDLE = 2;
@tag class Model { static size = 3; static { Model.size = 4; } fit() { return this.inner(); } inner() { return 1; } }
function tag(target: unknown) { return target as never; }
console.log(unused === undefined);`.replace('extends Flow', ''),
  `  rows!: number[]; 'quoted'!: number;
  @step() load() { this.rows = [this.helper()]; }
  @step({ after: 'load' }) limit() { this.rows = [LIMIT, USED]; }
  @step({ after: 'limit' }) deep() { this.rows = [far(1)]; }
  @step({ after: 'deep' }) barrel() { this.rows = [first()]; }
  @step({ after: 'barrel' }) getter() { this.rows = [this.size]; }
  @step({ after: 'getter' }) base() { this.rows = [this.fromBase()]; }
  @step({ after: 'base' }) parent() { this.rows = [super.greet()]; }
  @step({ after: 'parent' }) model() { this.rows = [new Model().fit()]; }
  @step({ after: 'model' }) picks() { const { helper, twice: two } = this; this.rows = [two(), helper.length]; }
  @step({ after: 'picks' }) fixed() { this.rows = [Example.table().length]; }
  @step({ after: 'fixed' }) hidden() { this.rows = [this.#secret()]; }
  helper() { return 1; }
  twice() { return 2; }
  idle() { return IDLE; }
  get size() { return 5; }
  greet() { return 6; }
  #secret() { return 7; }
  static table() { return [8]; }
  overridden() { return 9; }`,
).replace('class Example extends Flow', 'class Example extends Base');
const BASE = `import { Flow } from 'varve';
export abstract class Base extends Flow {
  fromBase() { return this.overridden(); }
  overridden() { return 0; }
  greet() { return 10; }
  baseIdle() { return 11; }
  abstract shape(): void;
}
`;
const A = `import { further } from './b.ts';
export const LIMIT = 10;
export const unused = 1;
export const far = (x: number) => further(x) + 1;
export const sibling = () => 1;
`;
const B = 'const STEP = 3;\nexport function further(x: number): number { return x > 0 ? further(x - STEP) : x; }\n';

runScenario({
  name: 'a step depends on exactly the members and names that it reaches',
  files: {
    'flow.ts': FLOW,
    'base.ts': BASE,
    'lib/a.ts': A,
    'lib/b.ts': B,
    'lib/index.ts': `export { first } from './first.ts';\nexport { second } from './second.ts';\n`,
    'lib/first.ts': 'export const first = () => 1;\n',
    'lib/second.ts': 'export const second = () => 2;\n',
  },
  edits: [
    edit('a helper method', ['load', 'picks'], { 'flow.ts': [['helper() { return 1; }', 'helper() { return 2; }']] }),
    edit('the body of a step', ['limit'], { 'flow.ts': [['[LIMIT, USED]', '[USED, LIMIT]']] }),
    edit('a constant that is read', ['limit'], { 'flow.ts': [['USED = 1', 'USED = 7']] }),
    edit('a constant that is not read', [], { 'flow.ts': [['IDLE = 2', 'IDLE = 7']] }),
    edit('a method that is not called', [], { 'flow.ts': [['return IDLE', 'return -IDLE']] }),
    edit('a function two files away', ['deep'], { 'lib/b.ts': [['x - STEP', 'x + STEP']] }),
    edit('a constant two files away', ['deep'], { 'lib/b.ts': [['STEP = 3', 'STEP = 4']] }),
    edit('another export of the same file', [], { 'lib/a.ts': [['sibling = () => 1', 'sibling = () => 2']] }),
    edit('another export that is imported', ['limit'], { 'lib/a.ts': [['LIMIT = 10', 'LIMIT = 11']] }),
    edit('a new export of a barrel', [], {
      'lib/index.ts': `export { second } from './second.ts';\nexport { first } from './first.ts';\nexport const third = 3;\n`,
    }),
    edit('an export behind a barrel', ['barrel'], { 'lib/first.ts': [['=> 1', '=> 3']] }),
    edit('another export behind a barrel', [], { 'lib/second.ts': [['=> 2', '=> 3']] }),
    edit('the target of a barrel export', ['barrel'], {
      'lib/index.ts': [
        ['{ first }', '{ first as zero, first as other }'],
        ['{ second }', '{ second as first }'],
      ],
    }),
    edit('a getter', ['getter'], { 'flow.ts': [['return 5', 'return 55']] }),
    edit('a method of the base class', ['base'], {
      'base.ts': [['return this.overridden()', 'return -this.overridden()']],
    }),
    edit('a method that overrides one it calls', ['base'], { 'flow.ts': [['return 9', 'return 99']] }),
    edit('a method that is overridden', [], { 'base.ts': [['return 0', 'return 1']] }),
    edit('an override that is taken away', ['base'], { 'flow.ts': [['overridden() { return 9; }', '']] }),
    edit('a method of the base class that is not called', [], { 'base.ts': [['return 11', 'return 12']] }),
    edit('the target of super', ['parent'], { 'base.ts': [['return 10', 'return 100']] }),
    edit('a method that super skips', [], { 'flow.ts': [['return 6', 'return 66']] }),
    edit('a call of a member that does not exist', ['base'], {
      'base.ts': [['return this.overridden()', 'return this.later?.() ?? 1']],
    }),
    edit('a method of another class', ['model'], { 'flow.ts': [['inner() { return 1; }', 'inner() { return 2; }']] }),
    edit('a static block of another class', ['model'], { 'flow.ts': [['Model.size = 4', 'Model.size = 5']] }),
    edit('a decorator of another class', ['model'], {
      'flow.ts': [['return target as never', 'return null as never']],
    }),
    edit('a method that is destructured from this', ['picks'], {
      'flow.ts': [['return 2; }\n  idle', 'return 22; }\n  idle']],
    }),
    edit('a static method', ['fixed'], { 'flow.ts': [['[8]', '[88]']] }),
    edit('a private method', ['hidden'], { 'flow.ts': [['return 7', 'return 77']] }),
    edit('the base class', 'all', { 'flow.ts': [['extends Base', 'extends Flow']] }),
  ],
});

runScenario({
  name: 'a step that uses `this` by a computed name depends on every method',
  files: {
    'flow.ts': flow(
      `const peek = (value: object) => value;`,
      `  rows!: unknown;
  @step() computed() { const name = 'help' + 'er'; this.rows = (this as never)[name](); }
  @step({ after: 'computed' }) handed() { this.rows = peek(this); }
  @step({ after: 'handed' }) spread() { this.rows = { ...this }; }
  @step({ after: 'spread' }) keys() { this.rows = Object.keys(this); }
  @step({ after: 'keys' }) plain() { this.rows = [1].map(() => this.helper()); }
  @step({ after: 'plain' }) nested() { this.rows = [1].map(function (this: unknown) { return this; }); }
  helper() { return 1; }
  other() { return 2; }`,
    ),
  },
  edits: [
    edit('a method that may be called', ['computed', 'handed'], { 'flow.ts': [['return 2', 'return 3']] }),
    edit('a method that is called by name', ['computed', 'handed', 'plain'], {
      'flow.ts': [['return 1;', 'return 4;']],
    }),
    edit('an added method', ['computed', 'handed'], { 'flow.ts': [['other()', 'fresh() { return 9; }\n  other()']] }),
  ],
});

runScenario({
  name: 'every step depends on the code that runs when the class of the flow is made',
  files: {
    'flow.ts': flow(
      'const registry = new Map<string, number>(); function mark<T>(target: T): T { return target; }',
      `  static size = 1;
  static { registry.set('a', 1); }
  ['computed' + 1]() { return 1; }
  rows!: number;
  @step() one() { this.rows = 1; }
  @step({ after: 'one' }) two() { this.rows = 2; }`,
    ).replace('export default class', '@mark export default class'),
  },
  edits: [
    edit('a static field', 'all', { 'flow.ts': [['size = 1', 'size = 2']] }),
    edit('a static block', 'all', { 'flow.ts': [["set('a', 1)", "set('a', 2)"]] }),
    edit('a class decorator', 'all', { 'flow.ts': [['return target', 'return Object.freeze(target)']] }),
    edit('a member with a computed name', 'all', { 'flow.ts': [['return 1;', 'return 2;']] }),
    edit('the body of a step', ['two'], { 'flow.ts': [['this.rows = 2', 'this.rows = 3']] }),
  ],
});
