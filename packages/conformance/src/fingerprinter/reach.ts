import assert from 'node:assert/strict';
import type { Fingerprinter } from '@varve/core/contract';
import type { Case } from '../case.ts';
import { type Files, fingerprintOf, flowOf } from './graph.ts';

type Change = readonly [string, Files | string, Files | string];

const calling = (top: string, load = 'this.rows = work();') => flowOf({ top, load });
const importing = (line: string, call: string, lib: string): Files => ({
  'flow.ts': calling(line, `this.rows = ${call};`),
  'lib.ts': lib,
});

const CHANGES: readonly Change[] = [
  ['the step itself', flowOf({ load: 'this.rows = 1;' }), flowOf({ load: 'this.rows = 3;' })],
  ['a function', calling('function work() { return 1; }'), calling('function work() { return 2; }')],
  ['an arrow function', calling('const work = () => 1;'), calling('const work = () => 2;')],
  [
    'a function behind a function',
    calling('const inner = () => 1; const work = () => inner();'),
    calling('const inner = () => 2; const work = () => inner();'),
  ],
  ['a constant', calling('const SIZE = 1;', 'this.rows = SIZE;'), calling('const SIZE = 2;', 'this.rows = SIZE;')],
  [
    'a class',
    calling('class Model { fit() { return 1; } }', 'this.rows = new Model().fit();'),
    calling('class Model { fit() { return 2; } }', 'this.rows = new Model().fit();'),
  ],
  [
    'a method of the flow',
    flowOf({ load: 'this.rows = this.work();', members: 'work() { return 1; }' }),
    flowOf({ load: 'this.rows = this.work();', members: 'work() { return 2; }' }),
  ],
  [
    'a getter of the flow',
    flowOf({ load: 'this.rows = this.size;', members: 'get size() { return 1; }' }),
    flowOf({ load: 'this.rows = this.size;', members: 'get size() { return 2; }' }),
  ],
  [
    'which of two functions it calls',
    calling('const work = () => 1; const other = () => 2;'),
    calling('const work = () => 2; const other = () => 1;'),
  ],
];

const IMPORTED: readonly Change[] = (
  [
    ['an import by name', `import { work } from './lib.ts';`, 'work()', 'export function work() { return #; }'],
    [
      'an import by another name',
      `import { work as job } from './lib.ts';`,
      'job()',
      'export function work() { return #; }',
    ],
    ['the default import', `import job from './lib.ts';`, 'job()', 'export default function () { return #; }'],
    ['a member of a namespace', `import * as lib from './lib.ts';`, 'lib.work()', 'export const work = () => #;'],
    [
      'a computed member of a namespace',
      `import * as lib from './lib.ts';`,
      `lib['wo' + 'rk']()`,
      'export const work = () => #;',
    ],
    [
      'a whole namespace',
      `import * as lib from './lib.ts';`,
      'Object.values(lib).length',
      'export const work = () => #;',
    ],
    ['an import for its effects', `import './lib.ts';`, '1', 'globalThis.size = #;'],
    ['an import when it is needed', '', `(await import('./lib.ts')).work()`, 'export const work = () => #;'],
    ['a value that is set later', `import { size } from './lib.ts';`, 'size', 'export let size = 0; size = #;'],
  ] as const
).map(([what, line, call, lib]) => [
  what,
  importing(line, call, lib.replace('#', '1')),
  importing(line, call, lib.replace('#', '2')),
]);

const THROUGH = (body: string): Files => ({
  'flow.ts': calling(`import { work } from './barrel.ts';`),
  'barrel.ts': `export * from './lib.ts';`,
  'lib.ts': `import { deep } from './deep.ts'; export const work = () => deep();`,
  'deep.ts': `export const deep = () => ${body};`,
});

const UNREACHED: readonly Change[] = [
  ['another step', flowOf({ report: 'this.rows = 2;' }), flowOf({ report: 'this.rows = 9;' })],
  [
    'a function that nobody calls',
    calling('const work = () => 1; function idle() { return 1; }'),
    calling('const work = () => 1; function idle() { return 2; }'),
  ],
  [
    'an export that it does not import',
    importing(
      `import { work } from './lib.ts';`,
      'work()',
      'export const work = () => 1; export const idle = () => 1;',
    ),
    importing(
      `import { work } from './lib.ts';`,
      'work()',
      'export const work = () => 1; export const idle = () => 2;',
    ),
  ],
  [
    'a method that it does not call',
    flowOf({ members: 'idle() { return 1; }' }),
    flowOf({ members: 'idle() { return 2; }' }),
  ],
];

const code = async (fingerprinter: Fingerprinter, files: Files | string) =>
  (await fingerprintOf(fingerprinter, files)).code;

async function changes(fingerprinter: Fingerprinter, list: readonly Change[], expected: boolean): Promise<void> {
  for (const [what, before, after] of list) {
    const differs = (await code(fingerprinter, before)) !== (await code(fingerprinter, after));
    assert.equal(differs, expected, `${what} changed, and the fingerprint ${differs ? 'did too' : 'did not'}`);
  }
}

/** Cases about the code that a fingerprint depends on, and the code that it does not. */
export const reachCases: readonly Case<Fingerprinter>[] = [
  {
    name: 'changes with everything the step reaches in its file',
    run: (fingerprinter) => changes(fingerprinter, CHANGES, true),
  },
  {
    name: 'changes with what the step imports, however it is imported',
    run: (fingerprinter) => changes(fingerprinter, IMPORTED, true),
  },
  {
    name: 'changes with what is reached through files between',
    run: (fingerprinter) => changes(fingerprinter, [['a file three imports away', THROUGH('1'), THROUGH('2')]], true),
  },
  {
    name: 'changes with a method of a base class',
    async run(fingerprinter) {
      const files = (result: number): Files => ({
        'flow.ts': `import { Base } from './base.ts'; import { step } from 'varve';
export default class Penguins extends Base { rows!: unknown; @step() load() { this.rows = this.work(); } }`,
        'base.ts': `import { Flow } from 'varve'; export class Base extends Flow { work() { return ${result}; } }`,
      });
      await changes(fingerprinter, [['a method of the base class', files(1), files(2)]], true);
    },
  },
  {
    name: 'does not change with what the step does not reach',
    run: (fingerprinter) => changes(fingerprinter, UNREACHED, false),
  },
  {
    name: 'does not change with comments and layout',
    async run(fingerprinter) {
      const plain = calling('const work = () => 1;');
      const spaced = calling(
        '\n\n/** Does the work. */\nconst work = () =>\n    1; // done\n',
        '\n  /* now */ this.rows = work();\n',
      );
      await changes(fingerprinter, [['the layout', plain, spaced]], false);
    },
  },
];
