import type { Effect } from '../harness/effect.ts';

const REG = `export const reg: any[] = [];\n`;

const fill = (way: string, text: string, more: Partial<Effect> = {}): Effect => ({
  ...{ kind: 'code without a call', way, use: 'reg.join()', edit: 'fill.ts', options: '{ cache: {} }' },
  top: `import { reg } from './reg.ts';\nimport './fill.ts';`,
  ...more,
  files: { 'reg.ts': REG, 'fill.ts': `import { reg } from './reg.ts';\n${text}\n`, ...more.files },
});

const LEGACY = { 'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }\n' };
const legacy = (way: string, text: string) => fill(`${way}, as in TypeScript before 5`, text, { files: LEGACY });

/** What decorators return, and runs when an object is made, a member is used or the class itself is. */
const DECORATORS: readonly Effect[] = [
  fill(
    'a function that initialises a field',
    `const column = (_: any, __: any) => (v: any) => { reg.push('one'); return v; };\nclass Row { @column id = 1; }\nnew Row();`,
  ),
  fill(
    'a function that initialises a field, of a factory with the word',
    `const column = (type: string) => (_: any, c: any) => function (v: any) { reg.push(String(c.name) + type); return v; };\nclass Row { @column('one') id = 1; }\nexport const sample = new Row();`,
  ),
  fill(
    'a function that initialises a field, in another file',
    `import { column } from './column.ts';\nclass Row { @column id = 1; }\nnew Row();`,
    {
      edit: 'column.ts',
      files: {
        'column.ts': `import { reg } from './reg.ts';\nexport const column = (_: any, __: any): any => (v: any) => { reg.push('one'); return v; };\n`,
      },
    },
  ),
  fill(
    'a function that initialises a static field',
    `const column = (_: any, __: any) => (v: any) => { reg.push('one'); return v; };\nclass Row { @column static id = 1; }\nvoid Row;`,
  ),
  fill(
    'the initialiser of an accessor',
    `const column = (_: any, __: any): any => ({ init(v: any) { reg.push('one'); return v; } });\nclass Row { @column accessor id = 1; }\nnew Row();`,
  ),
  fill(
    'the setter of an accessor',
    `const column = (_: any, __: any): any => ({ set() { reg.push('one'); } });\nclass Row { @column accessor id = 1; }\nnew Row().id = 2;`,
  ),
  fill(
    'the getter of an accessor',
    `const column = (_: any, __: any): any => ({ get() { reg.push('one'); return 1; } });\nclass Row { @column accessor id = 1; }\nvoid new Row().id;`,
  ),
  fill(
    'a method in the place of a static one',
    `const run = (_: any, __: any): any => () => { reg.push('one'); };\nclass Row { @run static all() {} }\nRow.all();`,
  ),
  fill(
    'a method in the place of another',
    `const run = (_: any, __: any): any => () => { reg.push('one'); };\nclass Row { @run all() {} }\nnew Row().all();`,
  ),
  fill(
    'a method around another',
    `const run = (method: any, _: any): any => function (this: any) { reg.push('one'); return method.call(this); };\nclass Row { @run all() { return 1; } }\nexport const made = new Row().all();`,
  ),
  fill(
    'a getter in the place of another',
    `const run = (_: any, __: any): any => () => { reg.push('one'); return 1; };\nclass Row { @run get id() { return 1; } }\nvoid new Row().id;`,
  ),
  fill(
    'a conversion in the place of another',
    `const run = (_: any, __: any): any => () => { reg.push('one'); return ''; };\nclass Row { @run toString() { return ''; } }\nexport const text = String(new Row());`,
  ),
  fill(
    'a class in the place of another',
    `const wrap = (type: any, _: any): any => class extends type { constructor() { super(); reg.push('one'); } };\n@wrap class Row {}\nnew Row();`,
  ),
  fill(
    'a class in the place of a base class',
    `const wrap = (type: any, _: any): any => class extends type { constructor() { super(); reg.push('one'); } };\n@wrap class Base {}\nclass Row extends Base {}\nnew Row();`,
  ),
  fill(
    'a static method of a class in the place of another',
    `const wrap = (type: any, _: any): any => class extends type { static all() { reg.push('one'); } };\n@wrap class Row { static all() {} }\nRow.all();`,
  ),
  fill(
    'a method that a class decorator replaces',
    `const patch = (type: any, _: any) => { type.prototype.all = () => { reg.push('one'); }; };\n@patch class Row { all() {} }\nnew Row().all();`,
  ),
  fill('a field with a computed name', `const key = 'id';\nclass Row { [key] = reg.push('one'); }\nnew Row();`),
  fill(
    'a function that initialises a field with a computed name',
    `const key = 'id';\nconst column = (_: any, __: any) => (v: any) => { reg.push('one'); return v; };\nclass Row { @column [key] = 1; }\nnew Row();`,
  ),
  legacy(
    'a method in the place of a static one',
    `const run = (_: any, __: any, ___: any): any => ({ value() { reg.push('one'); } });\nclass Row { @run static all() {} }\nRow.all();`,
  ),
  legacy(
    'a descriptor that is changed',
    `const run = (_: any, __: any, it: any) => { it.value = () => { reg.push('one'); }; };\nclass Row { @run static all() {} }\nRow.all();`,
  ),
  legacy(
    'a class in the place of another',
    `const wrap = (type: any): any => class extends type { constructor() { super(); reg.push('one'); } };\n@wrap class Row {}\nnew Row();`,
  ),
  legacy(
    'a decorator of a parameter',
    `const inject = (_: any, __: any, ___: any) => { reg.push('one'); };\nclass Row { constructor(@inject _: number) {} }\nvoid Row;`,
  ),
];

/** Built-ins that call what code gives them. */
const CALLED: readonly Effect[] = [
  fill(
    'set of a Map for the entries that its constructor is given',
    `class M extends Map<number, number> { override set(k: number, v: number) { reg.push('one'); return super.set(k, v); } }\nnew M([[1, 2]]);`,
  ),
  fill(
    'add of a Set for the entries that its constructor is given',
    `class S extends Set<number> { override add(v: number) { reg.push('one'); return super.add(v); } }\nexport const all = new S([1]);`,
  ),
  fill(
    'set of a WeakMap for the entries that its constructor is given',
    `class M extends WeakMap<object, number> { override set(k: object, v: number) { reg.push('one'); return super.set(k, v); } }\nnew M([[{}, 2]]);`,
  ),
  fill(
    'return of an iterator that a pattern closes',
    `const it: any = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => { reg.push('one'); return {}; } }) };\nconst [q] = it;\nvoid q;`,
  ),
  fill(
    'return of an iterator that a loop closes',
    `const it: any = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return() { reg.push('one'); return {}; } }) };\nfor (const q of it) { void q; break; }`,
  ),
  ...[
    '[1].slice(o)',
    '[1, 2].at(o)',
    '[1].includes(1, o)',
    '[1].fill(0, o)',
    '[1].splice(o, 1)',
    '[1].flat(o)',
    '[1].with(o, 2)',
    '[1].join(o)',
    "'abc'.slice(o)",
    "'abc'.padEnd(o)",
    'new Uint8Array([o])',
    'Uint8Array.from([o])',
    'Uint8Array.of(o)',
    'new Date(0).setTime(o)',
    'new Date(o)',
    'new Date(2000, o)',
    'Date.UTC(2000, o)',
    'new Array(2).length = o',
    'Math.max(1, o)',
    'Number(o)',
    'new RegExp(o)',
    '/a/.test(o)',
    'new Error(o)',
    'new URL(o, "http://a")',
    '[o].join()',
    '[o, o].sort()',
    '[[o]].toString()',
    'Math.max(...[1, o])',
    'Object.fromEntries([[o, 1]])',
    '[1].concat(1).slice(o)',
    'Symbol(o)',
    'Object.defineProperty({}, o, { value: 1 })',
    'encodeURIComponent(o)',
    'new Intl.NumberFormat().format(o)',
    'Atomics.load(new Int32Array(1), o)',
    'parseInt(o)',
    'isNaN(o)',
    'structuredClone({ get a() { return String(o); } })',
    'String.fromCharCode(o)',
    'String.raw({ raw: ["a", "b"] } as any, o)',
    "'abc'.replace('a', o)",
    'Array.from({ length: o })',
  ].map((call) =>
    fill(
      `a conversion by ${call}`,
      `const o: any = { valueOf() { reg.push('one'); return 1; }, toString() { reg.push('one'); return '1'; } };\ntry { void (${call}); } catch {}`,
    ),
  ),
];

/** Code that runs while modules load although no call of it is written. */
export const IMPLICIT: readonly Effect[] = [...DECORATORS, ...CALLED];
