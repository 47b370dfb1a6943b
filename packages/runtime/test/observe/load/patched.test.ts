import { expect, test } from 'vitest';
import { json, moduleProject } from './module-project.ts';

const PACKAGES = {
  'package.json': json({ name: 'app', type: 'module' }),
  'node_modules/patcher/package.json': json({ name: 'patcher', version: '1.0.0', type: 'module', main: 'index.js' }),
  'node_modules/patcher/index.js': 'Array.prototype.last = function () { return this.at(-1); };',
};

test('tells what packages have patched from what the own modules have patched', async () => {
  const project = moduleProject(PACKAGES);
  const { patched } = await project.run(`
    import ${JSON.stringify(project.url('node_modules/patcher/index.js'))};
    Date.now = () => 5;
  `);
  expect(patched).toEqual({ packages: ['Array.prototype.last added'], modules: ['Date.now replaced'] });
});

const WAYS: Readonly<Record<string, readonly [code: string, ...names: string[]]>> = {
  'an assignment': ['Math.max = () => 0;', 'Math.max replaced'],
  'a helper that is handed Array': ['((It) => { It.prototype.first = 1; })(Array);', 'Array.prototype.first added'],
  'a loop over constructors': [
    'for (const It of [Map, Set]) It.prototype.one = 1;',
    'Map.prototype.one added',
    'Set.prototype.one added',
  ],
  'a class decorator': [
    'const mark = (It) => { Object.getPrototypeOf(It).at = 1; }; class A extends Number {} mark(A);',
    'Number.at added',
  ],
  'Reflect.defineProperty': [
    'Reflect.defineProperty(String.prototype, "size", { get() { return 1; }, configurable: true });',
    'String.prototype.size added',
  ],
  'a getter in the place of a method': [
    'Object.defineProperty(JSON, "parse", { get: () => () => 1 });',
    'JSON.parse replaced',
  ],
  delete: ['delete Array.prototype.at;', 'Array.prototype.at removed'],
  'another prototype': ['Object.setPrototypeOf(Set, null);', 'the prototype of Set replaced'],
  'Error.prepareStackTrace': [
    'delete Error.prepareStackTrace; Error.prepareStackTrace = () => "";',
    // Some versions of Node have defined it, as undefined.
    `Error.prepareStackTrace ${'prepareStackTrace' in Error ? 'replaced' : 'added'}`,
  ],
  'a global': ['globalThis.answer = 42;', 'answer added'],
  'a global that Node makes when it is read': ['globalThis.fetch = () => 1;', 'fetch replaced'],
  'a function of fs': [
    'process.getBuiltinModule("fs").statSync = () => 1; process.getBuiltinModule("module").syncBuiltinESMExports();',
    'fs.statSync replaced',
  ],
  'what no global leads to': [
    'Object.getPrototypeOf([][Symbol.iterator]()).more = 1; Object.getPrototypeOf(async () => {}).more = 1;',
    'ArrayIterator.prototype.more added',
    'AsyncFunction.prototype.more added',
  ],
  'methods of typed arrays': [
    'Object.getPrototypeOf(Uint8Array).prototype.sum = 1;',
    'the prototype of Uint8Array.prototype.sum added',
  ],
  events: ['process.getBuiltinModule("events").prototype.emit = () => 1;', 'events.prototype.emit replaced'],
  console: ['console.log = () => 1;', 'console.log replaced'],
};

test.each(Object.entries(WAYS))('sees a built-in that is patched by %s', async (_, [code, ...names]) => {
  const project = moduleProject(PACKAGES);
  const { patched } = await project.run(code);
  expect(patched).toEqual({ packages: [], modules: names });
});

test('takes it for no patch when a package keeps something under a global name of its own', async () => {
  const project = moduleProject({
    ...PACKAGES,
    'node_modules/patcher/index.js': `globalThis.__zod_globalRegistry = {}; globalThis[Symbol.for('a')] = 1;
      globalThis['effect/GlobalValue'] = 1; process.getBuiltinModule('fs')[Symbol.for('graceful-fs.queue')] = [];
      Reflect.getOwnMetadataKeys = Reflect.metadata = () => {}; globalThis.regeneratorRuntime = {};`,
  });
  const { patched } = await project.run(`import ${JSON.stringify(project.url('node_modules/patcher/index.js'))};`);
  expect(patched).toEqual({ packages: ['regeneratorRuntime added'], modules: [] });
});

test('takes globals that Node makes when they are read for no patch', async () => {
  const project = moduleProject(PACKAGES);
  const { patched } = await project.run(`
    export const used = [Response, new Blob([]).size, typeof crypto.subtle, typeof navigator, typeof fetch, structuredClone(1)];
    process.on('exit', () => {}); process.exitCode = 0; process.title; console.log; setTimeout(() => {}, 1);
    await import('node:http'); await import('node:stream/web'); await import('node:test').catch(() => {});
    process.emitWarning('x'); new Error('x').stack; new Intl.NumberFormat('de').format(1);
    process.stdout.columns; process.stderr.isTTY;
  `);
  expect(patched).toEqual({ packages: [], modules: [] });
});

test('finds after a task that it has patched a built-in', async () => {
  const project = moduleProject(PACKAGES);
  const { tasks } = await project.run(
    'export const good = () => [3, 1].sort(); export const bad = () => { Array.prototype.sort = () => []; };',
    ['good', 'bad'],
  );
  expect(tasks.map(({ isThreadIntact }) => isThreadIntact)).toEqual([true, false]);
});
