import type { Effect } from '../harness/effect.ts';

const BOX = `export const box: any = { v: 'none', list: [], map: new Map() };\n`;
const registry = (
  way: string,
  files: Readonly<Record<string, string>>,
  use: string,
  more: Partial<Effect> = {},
): Effect => ({
  ...{ kind: 'load-time effect', way, use, edit: 'fill.ts' },
  top: `import { box } from './box.ts';\nimport './fill.ts';`,
  ...more,
  files: { 'box.ts': BOX, ...files },
});
const fill = (way: string, text: string, use: string, more?: Partial<Effect>) =>
  registry(way, { 'fill.ts': `import { box } from './box.ts';\n${text}\n` }, use, more);
const own = (way: string, box: string, text: string, imports: string, use: string) =>
  registry(way, { 'box.ts': box, 'fill.ts': `import { ${imports} } from './box.ts';\n${text}\n` }, use, {
    top: `import * as all from './box.ts';\nimport './fill.ts';`,
  });

/** Objects that code changes while modules load: who holds them, how they are reached, how they are changed. */
export const REGISTRIES: readonly Effect[] = [
  fill('a property of a shared object', `box.v = 'one';`, 'box.v'),
  fill('push', `box.list.push('one');`, 'box.list.join()'),
  fill('unshift and splice', `box.list.unshift('x'); box.list.splice(0, 1, 'one');`, 'box.list.join()'),
  fill('Map.set', `box.map.set('k', 'one');`, `box.map.get('k')`),
  fill('Object.assign', `Object.assign(box, { v: 'one' });`, 'box.v'),
  fill('Object.defineProperty', `Object.defineProperty(box, 'v', { value: 'one' });`, 'box.v'),
  fill('Reflect.set', `Reflect.set(box, 'v', 'one');`, 'box.v'),
  fill(
    'delete',
    `delete box[(() => (['v', 'list'] as any)['one' === ['o', 'ne'].join('') ? 0 : 1])()];`,
    'Object.keys(box).join()',
  ),
  fill('a static block', `class Any { static { box.v = 'one'; } }\nvoid Any;`, 'box.v'),
  fill('a static field', `class Any { static it = (box.v = 'one'); }\nvoid Any;`, 'box.v'),
  fill(
    'a decorator without a call',
    `const register = (it: any, _?: any) => { box.list.push(it.label); };\n@register class Any { static label = 'one'; }\nvoid Any;`,
    'box.list.join()',
  ),
  fill(
    'a decorator with a call',
    `const register = (name: string) => (_: any, __?: any) => { box.list.push(name); };\n@register('one') class Any {}\nvoid Any;`,
    'box.list.join()',
  ),
  fill(
    'a decorator of a method',
    `const register = (_: any, __?: any) => { box.v = 'one'; };\nclass Any { @register run() {} }\nvoid Any;`,
    'box.v',
  ),
  fill('an immediately called function', `(() => { box.v = 'one'; })();`, 'box.v'),
  fill('a constructor', `class Any { constructor() { box.v = 'one'; } }\nnew Any();`, 'box.v'),
  fill(
    'a constructor in an initialiser',
    `class Any { constructor() { box.v = 'one'; } }\nexport const any = new Any();`,
    'box.v',
  ),
  fill('a call in an initialiser', `const put = (v: string) => (box.v = v);\nexport const any = put('one');`, 'box.v'),
  fill('a tagged template', `const put = (parts: any) => { box.v = parts[0] + 'one'; };\nput\`x\`;`, 'box.v'),
  fill('a generator', `function* put() { box.v = 'one'; yield 1; }\nfor (const _ of put());`, 'box.v'),
  fill(
    'destructuring with a default that calls',
    `const put = () => (box.v = 'one');\nexport const { a = put() } = {} as any;`,
    'box.v',
  ),
  fill('a getter that is read', `const lazy = { get it() { box.v = 'one'; return 1; } };\nlazy.it;`, 'box.v'),
  fill(
    'valueOf in a sum',
    `const it: any = { valueOf() { box.v = 'one'; return 1; } };\nexport const sum = it + 1;`,
    'box.v',
  ),
  fill('a condition', `if (box) box.v = 'one';`, 'box.v'),
  fill(
    'a loop over Object.values',
    `const models = { a: box };\nObject.values(models).forEach((m) => { m.v = 'one'; });`,
    'box.v',
  ),
  fill('an alias through an array', `const [it] = [box];\nit.v = 'one';`, 'box.v'),
  fill(
    'an alias through an argument',
    `const change = (on: any, v: string) => { on.v = v; };\nchange(box, 'one');`,
    'box.v',
  ),
  fill('an alias through a Map', `const held = new Map([['b', box]]);\nheld.get('b').v = 'one';`, 'box.v'),
  fill('a comma', `(0, box.list.push)?.call(box.list, 'one');`, 'box.list.join()'),
  fill('top-level await', `await Promise.resolve();\nbox.v = 'one';`, 'box.v'),
  fill('a promise that is not awaited', `Promise.resolve().then(() => { box.v = 'one'; });`, 'box.v'),
  own(
    'a setter',
    `let held = 'none';\nexport const box: any = { get v() { return held; }, set v(x) { held = x; } };\n`,
    `box.v = 'one';`,
    'box',
    'all.box.v',
  ),
  own(
    'a Proxy with a set trap',
    `let held = 'none';\nexport const box: any = new Proxy({}, { set(_, __, x) { held = x; return true; }, get: () => held });\n`,
    `box.v = 'one';`,
    'box',
    'all.box.v',
  ),
  own(
    'closures handed out in pairs',
    `const signal = (v: any) => [() => v, (x: any) => { v = x; }] as const;\nexport const [get, set] = signal('none');\n`,
    `set('one');`,
    'set',
    'all.get()',
  ),
  own(
    'closures of a class',
    `export class Box { #v = 'none'; get = () => this.#v; set = (x: string) => { this.#v = x; }; }\nexport const it = new Box();\n`,
    `it.set('one');`,
    'it',
    'all.it.get()',
  ),
  own(
    'an exported variable and its setter',
    `export let level = 'none';\nexport const setLevel = (x: string) => { level = x; };\n`,
    `setLevel('one');`,
    'setLevel',
    'all.level',
  ),
  own(
    'a static property of a class',
    `export class Model { static rate = 'none'; }\n`,
    `Model.rate = 'one';`,
    'Model',
    'all.Model.rate',
  ),
  own(
    'a method added to a class',
    `export class Model {}\n`,
    `(Model.prototype as any).area = () => 'one';`,
    'Model',
    '(new all.Model() as any).area()',
  ),
  own(
    'a static method that registers',
    `export class Models { static #all: string[] = []; static add(x: string) { Models.#all.push(x); } static get all() { return Models.#all.join(); } }\n`,
    `Models.add('one');`,
    'Models',
    'all.Models.all',
  ),
  own(
    'a base class that registers in its static method',
    `const names: string[] = [];\nexport class Base { static add(x: string) { names.push(x); return this; } static list() { return names.join(); } }\n`,
    `class Any extends Base { static kept = Any.add('one'); }\nvoid Any;`,
    'Base',
    'all.Base.list()',
  ),
  own(
    'a listener of an emitter',
    `import { EventEmitter } from 'node:events';\nexport const bell = new EventEmitter();\n`,
    `bell.on('ask', (box) => { box.v = 'one'; });`,
    'bell',
    `(() => { const got = { v: 'none' }; all.bell.emit('ask', got); return got.v; })()`,
  ),
  own(
    'a hook that is kept',
    `const hooks: any[] = [];\nexport const addHook = (fn: any) => hooks.push(fn);\nexport const call = () => hooks.map((fn) => fn()).join();\n`,
    `addHook(() => 'one');`,
    'addHook',
    'all.call()',
  ),
  own(
    'a WeakMap',
    `const notes = new WeakMap();\nexport const key = {};\nexport const note = (k: object, x: string) => notes.set(k, x);\nexport const read = (k: object) => notes.get(k);\n`,
    `note(key, 'one');`,
    'key, note',
    'all.read(all.key)',
  ),
  registry(
    'a namespace import',
    { 'fill.ts': `import * as all from './box.ts';\nall.box.list.push('one');\n` },
    'box.list.join()',
  ),
  registry('an await import()', { 'fill.ts': `const { box } = await import('./box.ts');\nbox.v = 'one';\n` }, 'box.v'),
  registry(
    'a third file',
    {
      'fill.ts': `import { put } from './put.ts';\nput('one');\n`,
      'put.ts': `import { box } from './box.ts';\nexport const put = (v: string) => { box.v = v; };\n`,
    },
    'box.v',
  ),
  registry(
    'a third file, whose function is edited',
    {
      'fill.ts': `import { put } from './put.ts';\nput();\n`,
      'put.ts': `import { box } from './box.ts';\nexport const put = () => { box.v = 'one'; };\n`,
    },
    'box.v',
    { edit: 'put.ts' },
  ),
  registry(
    'a re-exported object',
    {
      'again.ts': `export * from './box.ts';\n`,
      'fill.ts': `import { box as it } from './again.ts';\nit.v = 'one';\n`,
    },
    'box.v',
  ),
  registry(
    'CommonJS',
    {
      'box.cjs': `module.exports = { v: 'none' };\n`,
      'fill.cjs': `const held = require('./box.cjs');\nheld.v = 'one';\n`,
    },
    'held.v',
    { top: `import held from './box.cjs';\nimport './fill.cjs';`, edit: 'fill.cjs' },
  ),
  registry(
    'the order of imports',
    {
      'a.ts': `import { box } from './box.ts';\nbox.list.push('a');\n`,
      'b.ts': `import { box } from './box.ts';\nbox.list.push('b');\n`,
      'fill.ts': `import './a.ts';\nimport './b.ts';\n`,
    },
    'box.list.join()',
    { edit: { 'fill.ts': `import './b.ts';\nimport './a.ts';\n` } },
  ),
  registry(
    'a constant read before it is made, after an edit of the order of imports',
    {
      'fill.ts': `import './first.ts';\nimport './second.ts';\n`,
      'first.ts': `import { box } from './box.ts';\nbox.v = 'made';\n`,
      'second.ts': `import { box } from './box.ts';\nexport const seen = box.v;\nbox.map.set('seen', seen);\n`,
    },
    `box.map.get('seen')`,
    { edit: { 'fill.ts': `import './second.ts';\nimport './first.ts';\n` } },
  ),
  registry('in the file of the flow', { 'fill.ts': '' }, 'box.v', {
    top: `import { box } from './box.ts';\n['one'].forEach((v) => { box.v = v; });`,
    edit: 'flow.ts',
  }),
];
