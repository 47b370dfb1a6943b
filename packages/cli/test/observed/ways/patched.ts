import type { Effect } from '../harness/effect.ts';

const patch = (way: string, text: string, use: string, more: Partial<Effect> = {}): Effect => ({
  ...{ kind: 'patched built-in', way, top: `import './patch.ts';`, use, files: { 'patch.ts': text }, edit: 'patch.ts' },
  ...more,
});

const helper = (text: string, call: string) => ({
  top: `import { install } from './lib.ts';\n${call}`,
  files: { 'lib.ts': text },
  edit: 'lib.ts',
});

/** Built-ins that a module patches while it loads, in many ways. */
export const PATCHED: readonly Effect[] = [
  patch(
    'assigned to a prototype',
    `(Array.prototype as any).last = function () { return 'one'; };`,
    '([] as any).last()',
  ),
  patch(
    'by a helper that is handed Array',
    '',
    '([] as any).last()',
    helper(`export function install(on: any) { on.prototype.last = () => 'one'; }`, 'install(Array);'),
  ),
  patch(
    'in a loop over constructors',
    `for (const on of [Array, String, Map] as any[]) on.prototype.tag = () => 'one';`,
    '([] as any).tag()',
  ),
  patch(
    'by a class decorator',
    `function patching(_: any, __?: any) { (String.prototype as any).shout = () => 'one'; }\n@patching class Any {}\nvoid Any;`,
    `('' as any).shout()`,
  ),
  patch(
    'in an immediately called function',
    `((on) => { on.prototype.last = () => 'one'; })(Array as any);`,
    '([] as any).last()',
  ),
  patch('by Object.assign', `Object.assign(Number.prototype, { half() { return 'one'; } });`, '(1 as any).half()'),
  patch(
    'by Object.defineProperty',
    `Object.defineProperty(Array.prototype, 'last', { get: () => 'one', configurable: true });`,
    '([] as any).last',
  ),
  patch('by Reflect.set', `Reflect.set(Array.prototype, 'last', () => 'one');`, '([] as any).last()'),
  patch(
    'by a computed name',
    `(globalThis as any)[['Ar', 'ray'].join('')].prototype.last = () => 'one';`,
    '([] as any).last()',
  ),
  patch(
    'by Object.setPrototypeOf',
    `Object.setPrototypeOf(Map.prototype, { tag: () => 'one' });`,
    '(new Map() as any).tag()',
  ),
  patch('a function of Math replaced', `Math.hypot = () => 'one' as any;`, 'Math.hypot(1)'),
  patch(
    'JSON.stringify wrapped',
    `const plain = JSON.stringify;\nJSON.stringify = ((...given: any[]) => (given[0]?.mine ? 'one' : (plain as any)(...given))) as any;`,
    'JSON.stringify({ mine: 1 })',
  ),
  patch('Error.prepareStackTrace', `Error.prepareStackTrace = () => 'one';`, 'new Error().stack'),
  patch('toJSON of Map', `(Map.prototype as any).toJSON = () => 'one';`, 'JSON.stringify(new Map())'),
  patch(
    'an iterator',
    `(Number.prototype as any)[Symbol.iterator] = function* () { yield 'one'; };`,
    '[...(1 as any)].join()',
  ),
  patch('a new global', `(globalThis as any).setting = 'one';`, '(globalThis as any).setting'),
  patch(
    'a new global by defineProperty',
    `Object.defineProperty(globalThis, 'setting', { value: 'one' });`,
    '(globalThis as any).setting',
  ),
  patch(
    'a global under a symbol',
    `(globalThis as any)[Symbol.for('setting')] = { it: 'one' };`,
    `(globalThis as any)[Symbol.for('setting')].it`,
  ),
  patch(
    'a function of Node replaced',
    `import path from 'node:path';\npath.basename = () => 'one';`,
    `path.basename('x')`,
    { top: `import path from 'node:path';\nimport './patch.ts';` },
  ),
  patch(
    'options of util.inspect',
    `import { inspect } from 'node:util';\ninspect.defaultOptions.depth = 'one' === ['o', 'ne'].join('') ? 0 : 3;`,
    'inspect({ a: { b: { c: 1 } } })',
    { top: `import { inspect } from 'node:util';\nimport './patch.ts';` },
  ),
  patch(
    'an event emitter of Node',
    `process.on('asked' as any, (done: any) => done('one'));`,
    `(() => { let got = 'nothing'; process.emit('asked' as any, ((x: string) => { got = x; }) as any); return got; })()`,
  ),
  patch('an environment variable', `process.env.SET_BY_CODE = 'one';`, 'process.env.SET_BY_CODE'),
  patch('by a package that is handed it', '', '([] as any).last()', {
    top: `import { register } from 'reg-$ID';\nregister(() => 'one');`,
    files: {
      'node_modules/reg-$ID/package.json':
        '{ "name": "reg-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
      'node_modules/reg-$ID/index.js': 'export function register(fn) { Array.prototype.last = fn; }\n',
    },
    edit: 'flow.ts',
  }),
  patch('by the register() of a package', '', '([] as any).last()', {
    top: `import 'reg-$ID/register';`,
    files: {
      'node_modules/reg-$ID/package.json':
        '{ "name": "reg-$ID", "version": "1.0.0", "type": "module", "exports": { "./register": "./register.js" } }\n',
      'node_modules/reg-$ID/register.js': `Array.prototype.last = () => 'one';\n`,
    },
    edit: 'node_modules/reg-$ID/register.js',
  }),
  patch('in CommonJS', '', '([] as any).last()', {
    top: `import './patch.cjs';`,
    files: { 'patch.cjs': `module.exports = 1;\n[Array].forEach((on) => { on.prototype.last = () => 'one'; });\n` },
    edit: 'patch.cjs',
  }),
  patch(
    'by a Proxy around a global',
    `(globalThis as any).settings = new Proxy({}, { get: () => 'one' });`,
    '(globalThis as any).settings.any',
  ),
];
