import type { Random } from '@varve/test-support';

/** A flow of two steps and a value of the top scope that code may change. */
export interface StateProgram {
  readonly holder: string;
  readonly change: string;
  /** Way in which the code that changes the value, and the code that reads it, gets hold of it. */
  readonly changedBy: string;
  readonly readBy: string;
  /** Time of the change. `both`: each step changes the value, and reads it. */
  readonly when: 'load' | 'first' | 'both' | 'never';
}

/** `E` is the value, `N` a number. */
interface Holder {
  readonly text: string;
  readonly read: string;
  readonly changes: readonly string[];
  /** Without a name for the value: only its own functions reach it. */
  readonly isHidden?: boolean;
}

const PROPERTY = [
  'E.v = N',
  "E['v' + ''] = N",
  'E.v += N',
  'E.v++',
  'Object.assign(E, { v: N })',
  "Reflect.set(E, 'v', N)",
  'delete E.v',
  '({ v: E.v } = { v: N })',
  "Object.defineProperty(E, 'v', { value: N, writable: true, configurable: true })",
  'for (E.v of [N]);',
  'E.v ||= N',
];

const HOLDERS: Readonly<Record<string, Holder>> = {
  object: { text: 'export const H = { v: 0 };', read: 'E.v', changes: PROPERTY },
  nested: {
    text: 'export const H = { inner: { v: 0 }, list: [0] };',
    read: '[E.inner.v, E.list.join()].join()',
    changes: [
      'E.inner.v = N',
      'E.list.push(N)',
      'const { inner } = E; inner.v = N',
      'const copy = { ...E }; copy.inner.v = N',
      'for (const each of [E.inner]) each.v = N',
      'E.list[0] = N',
      '[E.inner].forEach((each) => { each.v = N; })',
      'Object.values(E).forEach((each) => { each.v = N; })',
    ],
  },
  copied: {
    text: 'export const H = { v: 0, list: [0] };',
    read: '[E.v, E.list.join()].join()',
    changes: [
      'const copy = { ...E }; copy.v = N',
      'const list = [...E.list]; list.push(N)',
      '[...E.list].sort()',
      'E.list.map((n) => n + N)',
    ],
  },
  methods: {
    text: 'export const H = { v: 0, put(n) { this.v = n; }, get() { return this.v; }, set w(n) { this.v = n; } };',
    read: 'E.get()',
    changes: ['E.put(N)', 'E.w = N', 'E.v = N', 'const { put } = E; put.call(E, N)'],
  },
  accessors: {
    text: 'let held = 0;\nexport const H = { get v() { return held; }, set v(n) { held = n; } };',
    read: 'E.v',
    changes: ['E.v = N', 'E.v++', 'Object.assign(E, { v: N })'],
  },
  map: {
    text: "export const H = new Map([['v', 0]]);",
    read: "E.get('v')",
    changes: [
      "E.set('v', N)",
      'E.clear()',
      "E.delete('v')",
      "Map.prototype.set.call(E, 'v', N)",
      "E['set']('v', N)",
      'const { set } = E; set.call(E, "v", N)',
    ],
  },
  set: { text: 'export const H = new Set([0]);', read: '[...E].join()', changes: ['E.add(N)', 'E.clear()'] },
  weak: {
    text: 'export const key = {};\nexport const H = { all: new WeakMap(), key };',
    read: 'E.all.get(E.key)',
    changes: ['E.all.set(E.key, N)'],
  },
  array: {
    text: 'export const H = [0];',
    read: 'E.join()',
    changes: [
      'E.push(N)',
      'E[0] = N',
      'E.length = 0',
      'E.splice(0, 1, N)',
      'E.unshift(N)',
      'E.fill(N)',
      '[].push.apply(E, [N])',
      'E.reverse().push(N)',
    ],
  },
  static: {
    text: 'export class H { static v = 0; static #n = 0; static put(n) { H.v = n; } static add(n) { this.v += n; } static hide(n) { H.#n = n; } static get all() { return [H.v, H.#n].join(); } }',
    read: 'E.all',
    changes: ['E.put(N)', 'E.add(N)', 'E.hide(N)', 'E.v = N', 'E.v ||= N'],
  },
  prototype: {
    text: 'export class H { m() { return 0; } }',
    read: 'new E().m()',
    changes: ['E.prototype.m = () => N', 'Object.assign(E.prototype, { m: () => N })'],
  },
  instance: {
    text: 'class Box { v = 0; #n = 0; list = []; put(n) { this.v = n; } hide(n) { this.#n = n; } push(n) { this.list.push(n); } get() { return [this.v, this.#n, this.list].join(); } }\nexport const H = new Box();',
    read: 'E.get()',
    changes: ['E.put(N)', 'E.hide(N)', 'E.push(N)', 'E.v = N', 'E.list.push(N)'],
  },
  derived: {
    text: 'class Base { v = 0; put(n) { this.v = n; } get() { return this.v; } }\nclass Box extends Base {}\nexport const H = new Box();',
    read: 'E.get()',
    changes: ['E.put(N)', 'E.v = N'],
  },
  pair: {
    text: 'const make = (v) => [() => v, (n) => { v = n; }];\nexport const [get, set] = make(0);\nexport const H = { get, set };',
    read: 'E.get()',
    changes: ['E.set(N)', 'const { set } = E; set(N)'],
  },
  maker: {
    text: 'const make = () => { const kept = { v: 0 }; return { get: () => kept.v, put: (n) => { kept.v = n; } }; };\nexport const H = make();',
    read: 'E.get()',
    changes: ['E.put(N)'],
  },
  scope: {
    text: 'export const H = (() => { let v = 0; return { get: () => v, put: (n) => { v = n; } }; })();',
    read: 'E.get()',
    changes: ['E.put(N)'],
  },
  counter: {
    text: 'let count = 0;\nexport const H = { next: () => ++count, peek: () => count };',
    read: 'E.peek()',
    changes: ['E.next()'],
  },
  variable: {
    text: 'let held = 0;\nexport const H = { get: () => held, put: (n) => { held = n; }, fill: (n) => { held ||= n; }, guard(n) { if (!held) held = n; } };',
    read: 'E.get()',
    changes: ['E.put(N)', 'E.fill(N)', 'E.guard(N)'],
  },
  functions: {
    text: 'let act = () => 0;\nexport const H = { run: () => act(), use: (f) => { act = f; } };',
    read: 'E.run()',
    changes: ['E.use(() => N)'],
  },
  property: {
    text: 'export function H() { return H.v; }\nH.v = 0;',
    read: 'E()',
    changes: ['E.v = N', 'Object.assign(E, { v: N })'],
  },
  memo: {
    text: 'let kept;\nconst parts = {};\nexport const H = { get: () => (kept ??= { n: 7 }).n, part: (k) => (parts[k] ??= k + 1), guard() { if (kept === undefined) kept = { n: 7 }; return kept.n; } };',
    read: "[E.get(), E.part('k')].join()",
    changes: ['E.get()', "E.part('k')", 'E.part(N)'],
  },
  partly: {
    text: 'const parts = {};\nexport const H = { get: (n) => (parts.x ??= n), keyed: (k, n) => (parts[k] ??= n) };',
    read: "[E.get(1), E.keyed('k', 1)].join()",
    changes: ['E.get(N)', "E.keyed('k', N)"],
  },
  date: { text: 'export const H = new Date(0);', read: 'E.getTime()', changes: ['E.setTime(N)', 'E.setFullYear(N)'] },
  bytes: {
    text: 'export const H = new Uint8Array(4);',
    read: 'E.join()',
    changes: ['E[0] = N', 'E.set([N])', 'E.fill(N)'],
  },
  buffer: {
    text: 'export const H = { inner: Buffer.alloc(2) };',
    read: 'E.inner.join()',
    changes: ['E.inner[0] = N', 'E.inner.fill(N)', 'E.inner.writeInt8(N, 0)'],
  },
  trap: {
    text: 'const inner = { v: 0 };\nexport const H = { it: new Proxy(inner, { getPrototypeOf() { throw new Error("asked"); }, ownKeys() { throw new Error("asked"); } }) };',
    read: 'E.it.v',
    changes: ['E.it.v = N'],
  },
  query: {
    text: "export const H = new URLSearchParams('v=0');",
    read: 'String(E)',
    changes: ["E.set('v', N)", "E.append('w', N)", "E.delete('v')"],
  },
  pattern: {
    text: 'export const H = /a/g;',
    read: 'E.lastIndex',
    changes: ['E.lastIndex = N', "E.test('aa')", "E.exec('aaa')"],
  },
  iterator: {
    text: 'function* count() { let n = 0; for (;;) yield n++; }\nexport const H = count();',
    read: 'E.next().value',
    changes: ['E.next()', 'for (const n of E) if (n >= 0) break'],
  },
  emitter: {
    text: "import { EventEmitter } from 'node:events';\nexport const H = new EventEmitter();",
    read: "E.listenerCount('v')",
    changes: ["E.on('v', () => 0)", "E.once('v', () => N)"],
  },
  proxy: {
    text: 'const inner = { v: 0 };\nexport const H = new Proxy(inner, { set(on, name, n) { on[name] = n; return true; } });',
    read: 'E.v',
    changes: ['E.v = N', 'Object.assign(E, { v: N })'],
  },
  named: { text: 'export const H = [0];', read: 'E.v', changes: ['E.v = N', 'Object.assign(E, { v: N })'] },
  holes: { text: 'export const H = [undefined, 0];', read: '0 in E', changes: ['delete E[0]'] },
  list: {
    text: 'class List extends Array { v = 0; #n = 0; put(n) { this.#n = n; } get n() { return this.#n; } }\nexport const H = new List();',
    read: '[E.v, E.n].join()',
    changes: ['E.v = N', 'E.put(N)'],
  },
  error: { text: "export const H = new Error('v');", read: 'E.message', changes: ['E.message = `${N}`'] },
  decorated: {
    text: 'export const H = [new Date(0), new Uint8Array(1), Promise.resolve(), (() => 0).bind(null)];',
    read: 'E.map((each) => each.v).join()',
    changes: ['E[0].v = N', 'E[1].v = N', 'E[2].v = N', 'E[3].v = N'],
  },
  frozen: {
    text: 'export const H = { inner: { v: 0 }, list: [0] };',
    read: '[Object.isFrozen(E.inner), Object.isExtensible(E.list)].join()',
    changes: ['Object.freeze(E.inner)', 'Object.preventExtensions(E.list)'],
  },
  iterators: {
    text: "export const H = [[0, 1].values(), new Map([[0, 1], [2, 3]]).keys(), 'ab'[Symbol.iterator](), 'ab'.matchAll(/./g)];",
    read: 'E.map((each) => [...each].length).join()',
    changes: ['E[0].next()', 'E[1].next()', 'E[2].next()', 'E[3].next()'],
  },
  places: {
    text: 'function* all() { yield 1; yield 2; yield 3; }\nexport const H = all();',
    read: 'E.next().value',
    changes: ['E.next()'],
  },
  abort: {
    text: 'export const H = new AbortController();',
    read: 'E.signal.aborted',
    changes: ['E.abort()', 'E.abort(N)'],
  },
  stream: {
    text: "import { PassThrough } from 'node:stream';\nexport const H = new PassThrough();",
    read: '[E.readableLength, E.writableEnded].join()',
    changes: ["E.write('v')", 'E.end()'],
  },
  hash: {
    text: "import { createHash } from 'node:crypto';\nexport const H = createHash('md5');",
    read: "E.copy().digest('hex')",
    changes: ['E.update(`${N}`)'],
  },
  shared: {
    text: 'export class H { m() { return H.prototype.m.v; } }\nH.prototype.list = [];',
    read: '[E.prototype.list.length, new E().m()].join()',
    changes: ['E.prototype.list.push(N)', 'E.prototype.m.v = N'],
  },
  plain: {
    text: 'export function H() {}\nH.prototype.list = [];',
    read: '[new E().list.length, new E().v].join()',
    changes: ['E.prototype.list.push(N)', 'E.prototype.v = N', 'E.prototype = { list: [], v: N }'],
  },
  privates: {
    text: `class Box {
  #big = 0n; #part = 0; #later = 0; #\u00fcber = 0;
  later;
  constructor() { this.later = () => { this.#later++; }; }
  big() { this.#big++; }
  part(n) { [this.#part] = [n]; }
  loop(n) { for (this.#part of [n]); }
  over() { this.#\u00fcber++; }
  get() { return [this.#big, this.#part, this.#later, this.#\u00fcber].join(); }
}
export const H = new Box();`,
    read: 'E.get()',
    changes: ['E.big()', 'E.part(N)', 'E.loop(N)', 'E.over()', 'E.later()'],
  },
  keyed: {
    text: "const key = Symbol('v');\nexport const H = { all: new WeakMap(), key };",
    read: '[E.all.get(globalThis), E.all.get(Array), E.all.get(E.key)].join()',
    changes: ['E.all.set(globalThis, N)', 'E.all.set(Array, N)', 'E.all.set(E.key, N)'],
  },
  listeners: {
    text: 'const hooks = [];\nexport const H = { add: (f) => { hooks.push(f); }, call: () => hooks.map((f) => f()).join() };',
    read: 'E.call()',
    changes: ['E.add(() => N)'],
  },
  registered: {
    text: "const all = new Map();\nexport const H = { v: 0 };\nall.set('h', H);\nexport const find = (name) => all.get(name);",
    read: 'E.v',
    changes: ['E.v = N', "find('h').v = N"],
  },
};

/** Ways to get hold of a value: text of `third.ts`, and a statement and an expression of the code that uses it. */
interface Way {
  readonly third?: string;
  readonly imports?: string;
  readonly before?: string;
  readonly value?: string;
  /** Wraps code, in which `E` becomes `inner`: its text in the third file, and the call in the step. */
  readonly inner?: string;
  readonly body?: string;
  readonly call?: string;
  readonly member?: string;
}

const FROM_STATE = "import { H } from './state.ts';";
const fromThird = (names: string) => `import { ${names} } from './third.ts';`;

const WAYS: Readonly<Record<string, Way>> = {
  direct: { imports: FROM_STATE, value: 'H' },
  namespace: { imports: "import * as S from './state.ts';", value: 'S.H' },
  'namespace by another name': { imports: "import * as S from './state.ts';", before: 'const s = S;', value: 's.H' },
  local: { imports: FROM_STATE, before: 'const h = H;', value: 'h' },
  'local of a local': { imports: FROM_STATE, before: 'const h = H; const [g] = [h];', value: 'g' },
  'another name': { third: 'export const G$ = H;', imports: fromThird('G$'), value: 'G$' },
  'an object': { third: 'export const box$ = { it: H };', imports: fromThird('box$'), value: 'box$.it' },
  'an array': { third: 'export const list$ = [H];', imports: fromThird('list$'), value: 'list$[0]' },
  'a Map': { third: "export const map$ = new Map([['k', H]]);", imports: fromThird('map$'), value: "map$.get('k')" },
  'an instance': {
    third: 'class Holder$ { it = H; }\nexport const holder$ = new Holder$();',
    imports: fromThird('holder$'),
    value: 'holder$.it',
  },
  'a static field': { third: 'export class Keep$ { static it = H; }', imports: fromThird('Keep$'), value: 'Keep$.it' },
  'a function': { third: 'export const give$ = () => H;', imports: fromThird('give$'), value: 'give$()' },
  'a function of a function': {
    third: 'const inner$ = () => H;\nexport function give$() { const it = inner$(); return it; }',
    imports: fromThird('give$'),
    value: 'give$()',
  },
  'a method that returns it': {
    third: 'export class Keep$ { static give() { return H; } }',
    imports: fromThird('Keep$'),
    value: 'Keep$.give()',
  },
  'export *': { third: "export * from './state.ts';", imports: fromThird('H'), value: 'H' },
  'export * as': { third: "export * as all$ from './state.ts';", imports: fromThird('all$'), value: 'all$.H' },
  'a default export': { third: 'export default H;', imports: "import D$ from './third.ts';", value: 'D$' },
  'import()': { before: "const { H: h } = await import('./state.ts');", value: 'h' },
  'import() of all': { before: "const s = await import('./state.ts');", value: 's.H' },
  'a condition': { imports: FROM_STATE, before: 'const h = this.on ? H : H;', value: 'h' },
  'a function of another file': {
    inner: 'H',
    third: 'export const act$ = () => { BODY };',
    imports: fromThird('act$'),
    call: 'act$()',
  },
  'an argument': {
    inner: 'it',
    third: 'export const act$ = (it) => { BODY };',
    imports: `${FROM_STATE}\n${fromThird('act$')}`,
    call: 'act$(H)',
  },
  'a second argument, through another function': {
    inner: 'it',
    third: 'const last$ = (n, it) => { BODY };\nexport const act$ = (it) => last$(1, it);',
    imports: `${FROM_STATE}\n${fromThird('act$')}`,
    call: 'act$(H)',
  },
  'an object as an argument': {
    inner: 'it',
    third: 'export function act$({ it }) { BODY }',
    imports: `${FROM_STATE}\n${fromThird('act$')}`,
    call: 'act$({ it: H })',
  },
  'a static method': {
    inner: 'H',
    third: 'export class Act$ { static run() { BODY } }',
    imports: fromThird('Act$'),
    call: 'Act$.run()',
  },
  'a method of an instance': {
    inner: 'H',
    third: 'class Act$ { run() { BODY } }\nexport const act$ = new Act$();',
    imports: fromThird('act$'),
    call: 'act$.run()',
  },
  'a method of an object': {
    inner: 'H',
    third: 'export const act$ = { run() { BODY } };',
    imports: fromThird('act$'),
    call: 'act$.run()',
  },
  'a field of an instance': {
    inner: 'this.it',
    third: 'class Act$ { constructor(it) { this.it = it; } run() { BODY } }\nexport const act$ = new Act$(H);',
    imports: fromThird('act$'),
    call: 'act$.run()',
  },
  'a new object': {
    inner: 'this.it',
    third: 'export class Act$ { constructor(it) { this.it = it; } run() { BODY } }',
    imports: `${FROM_STATE}\n${fromThird('Act$')}`,
    call: 'new Act$(H).run()',
  },
  'a made function': {
    inner: 'it',
    third: 'const make$ = (it) => () => { BODY };\nexport const act$ = make$(H);',
    imports: fromThird('act$'),
    call: 'act$()',
  },
  'a callback': { imports: FROM_STATE, inner: 'it', call: '[H].map((it) => { BODY })[0]' },
  'a function of the step': { imports: FROM_STATE, inner: 'it', call: '((it) => { BODY })(H)' },
  'a method of the flow': { imports: FROM_STATE, inner: 'H', member: 'act$() { BODY }', call: 'this.act$()' },
  'a method of the flow that is given it': {
    imports: FROM_STATE,
    inner: 'it',
    member: 'act$(it) { BODY }',
    call: 'this.act$(H)',
  },
  'a bound method': {
    inner: 'H',
    third: 'class Act$ { run() { BODY } }\nconst one$ = new Act$();\nexport const act$ = one$.run.bind(one$);',
    imports: fromThird('act$'),
    call: 'act$()',
  },
  'a registry': {
    inner: 'H',
    third:
      "const table$ = new Map();\ntable$.set('run', () => { BODY });\nexport const act$ = () => table$.get('run')();",
    imports: fromThird('act$'),
    call: 'act$()',
  },
};

type Files = Readonly<Record<string, string>>;

export function makeStateProgram(random: Random): StateProgram {
  const holder = random.pick(Object.keys(HOLDERS));
  const ways = Object.keys(WAYS);
  const change = random.pick(HOLDERS[holder]?.changes ?? []);
  // Half of all programs are simple on one side, so that each way is seen alone.
  const simple = random.below(3);
  const changedBy = simple === 1 ? 'direct' : random.pick(ways);
  const readBy = simple === 2 ? 'direct' : random.pick(ways);
  const when = random.pick(['load', 'first', 'first', 'first', 'both', 'never'] as const);
  return { holder, change, changedBy, readBy, when };
}

interface Code {
  readonly third: string;
  readonly imports: string;
  readonly member: string;
  readonly body: string;
}

/** Code that does something with the value; `result` is the expression of a read. */
function codeFor(way: Way, id: string, text: string, isRead: boolean): Code {
  const named = (each = '') => each.replaceAll('$', id);
  const use = (value: string) => text.replace(/\bE\b/g, value);
  if (way.inner) {
    const body = isRead ? `return ${use(way.inner)};` : `${use(way.inner)};`;
    const put = (each = '') => named(each).replaceAll('BODY', () => body);
    const call = put(way.call);
    return {
      third: put(way.third),
      imports: named(way.imports),
      member: put(way.member),
      body: isRead ? `out = ${call};` : `${call};`,
    };
  }
  const value = named(way.value);
  const body = isRead ? `out = ${use(value)};` : `${use(value)};`;
  return { third: named(way.third), imports: named(way.imports), member: '', body: `{ ${named(way.before)} ${body} }` };
}

export function printStateProgram({ holder, change, changedBy, readBy, when }: StateProgram): Files {
  const { text, read } = HOLDERS[holder] as Holder;
  const write = codeFor(WAYS[changedBy] as Way, 'A', change.replace(/\bN\b/g, when === 'both' ? 'this.n' : '5'), false);
  const writeIn = change.includes('find(') ? "import { find } from './state.ts';" : '';
  const look = codeFor(WAYS[readBy] as Way, 'B', read, true);
  const star = [write.third, look.third].includes("export * from './state.ts';");
  const third = [...new Set([write.third, look.third])].filter((each) => each !== '').join('\n');
  const imports = [...new Set(`${write.imports}\n${look.imports}\n${writeIn}`.split('\n'))];
  const clash = imports.includes(FROM_STATE) && imports.includes("import { H } from './third.ts';");
  const names = imports.filter((each) => !(clash && each === FROM_STATE)).join('\n');
  const task = when === 'first' || when === 'both';
  const isLoad = when === 'load';
  return {
    'state.ts': `${text}\n`,
    'third.ts': `import { H } from './state.ts';\n${writeIn}\n${third}\n${star ? '' : 'export const used = H;'}\n`,
    'flow.ts': `import { Flow, step } from 'varve';
${names}
${isLoad ? `const self = { on: true, n: 5 };\nawait (async function () { ${write.body} }).call(self);` : ''}
export default class Example extends Flow {
  ${isLoad ? '' : write.member}
  ${look.member}
  @step() async a() { ${task ? write.body : ''} this.outA = 1; ${when === 'both' ? `let out; ${look.body} this.outA = out;` : ''} }
  @step({ after: 'a' }) async b() { ${when === 'both' ? write.body : ''} let out; ${look.body} this.outB = out; }
}
`,
  };
}

/** True for programs that cannot be written that way. */
export function isOdd({ changedBy, when, change }: StateProgram): boolean {
  const { member, inner } = WAYS[changedBy] as Way;
  if (when === 'load' && member) return true;
  // `N` is a field of the flow then.
  return when === 'both' && inner !== undefined && /\bN\b/.test(change);
}
