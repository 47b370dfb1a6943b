import type { Random } from '@varve/test-support';

/** A program of which one file changes an object while it is loaded. */
export interface LoadEffect {
  readonly holder: Holder;
  /** Index of the way in which the code gets hold of the object. */
  readonly reach: string;
  readonly change: string;
  readonly run: string;
  readonly place: 'same' | 'other' | 'third';
  /** The effect's file is imported before that of the object. */
  readonly isFirst: boolean;
  readonly value: number;
  readonly isRemoved: boolean;
  /** Number that selects how a step uses the object besides reading it. */
  readonly touch: number;
}

type Files = Readonly<Record<string, string>>;

/** The object that is changed: its declaration, an expression that reads it, and ways to change it. */
interface Kind {
  readonly text: string;
  /** Reads it, as `H`. */
  readonly read: string;
  readonly changes: Readonly<Record<string, string>>;
  /** Names that code imports from its file; `H` if left out. */
  readonly names?: string;
  /** Other things that a step does with it, as the body of a function. Some of them cannot notice what it holds. */
  readonly touches?: readonly string[];
}

/** `H` is the object, `N` the number. */
const OBJECT_CHANGES = {
  assign: 'H.v = N',
  computed: "H['v' + ''] = N",
  update: 'H.v += N',
  'Object.assign': 'Object.assign(H, { v: N })',
  'Reflect.set': "Reflect.set(H, 'v', N)",
  define: "Object.defineProperty(H, 'v', { value: N, configurable: true, writable: true })",
  delete: 'N % 2 ? delete H.v : (H.v = N)',
  spread: '({ v: H.v } = { v: N })',
};

const KINDS = {
  object: {
    text: 'export const H = { v: 0, put(n) { this.v = n; }, set w(n) { H.v = n; } };',
    read: 'H.v',
    changes: { ...OBJECT_CHANGES, method: 'H.put(N)', setter: 'H.w = N' },
  },
  plain: { text: 'export const H = { v: 0 };', read: 'H.v', changes: OBJECT_CHANGES },
  static: {
    text: 'export class H { static v = 0; static put(n) { this.v = n; } static set w(n) { this.v = n; } }',
    read: 'H.v',
    changes: { ...OBJECT_CHANGES, method: 'H.put(N)', setter: 'H.w = N' },
  },
  prototype: {
    text: 'export class H { m() { return 0; } }',
    read: 'new H().m()',
    changes: { assign: 'H.prototype.m = () => N', 'Object.assign': 'Object.assign(H.prototype, { m: () => N })' },
  },
  instance: {
    text: 'class Box { v = 0; #n = 0; put(n) { this.v = n; } set w(n) { this.v = n; } }\nexport const H = new Box();',
    read: 'H.v',
    changes: { ...OBJECT_CHANGES, method: 'H.put(N)', setter: 'H.w = N' },
  },
  map: {
    text: "export const H = new Map([['v', 0]]);",
    read: "H.get('v')",
    changes: {
      set: "H.set('v', N)",
      computed: "H['s' + 'et']('v', N)",
      borrowed: "Map.prototype.set.call(H, 'v', N)",
      delete: "N % 2 ? H.delete('v') : H.set('v', N)",
    },
    touches: [
      'H.set("z", 1); return 1;',
      'H?.set("z", 1); (H.delete("v")); return 1;',
      'return [...H.set("z", 1).values()].join();',
      'return H.delete("v");',
      'H.delete("z"); return H.get("v") ?? "none";',
      'H.set("z", 1); const it = H; return it.get("v") ?? "none";',
      'return H.clear() ?? [...H].length;',
      'H.set("z", 1).forEach((each) => { globalThis.seen_v = each; }); return globalThis.seen_v;',
    ],
  },
  array: {
    text: 'export const H = [0];',
    read: 'H.join()',
    changes: {
      push: 'H.push(N)',
      index: 'H[0] = N',
      length: 'H.length = N',
      splice: 'H.splice(0, 1, N)',
      borrowed: 'Array.prototype.push.apply(H, [N])',
      closed: 'N % 2 ? Object.freeze(H) : H',
    },
    touches: [
      'H.push(9); return 1;',
      'H?.push(9); (H.unshift(8)); return 1;',
      'return H.push(9);',
      'const put = () => H.push(9); return put();',
      'H.push(9); return H.length;',
      'return (H.push(9), H).join();',
      'const it = H; H.push(9); return it[0];',
      'return H.push(9) > 2 ? "many" : "few";',
      'if (H.push(9) > 2) return "many"; return "few";',
      'return `${H.unshift(9)}`;',
      'try { H.push(9); return "open"; } catch { return "closed"; }',
      'const { push } = H; return push.call(H, 9);',
    ],
  },
  emitter: {
    text: "import { EventEmitter } from 'node:events';\nexport const H = new EventEmitter();",
    read: '(() => { const got = { v: 0 }; H.emit("ask", got); return got.v; })()',
    changes: {
      on: 'H.on("ask", (got) => { got.v += N; })',
      once: 'H.once("ask", (got) => { got.v = N; })',
      chained: 'H.on("other", () => {}).addListener("ask", (got) => { got.v = N; })',
      computed: 'H.on(["ask"].join(), (got) => { got.v = N; })',
      every: 'H.on("newListener", (name) => { H["v" + name] = N; }).on("ask", (got) => { got.v = H.vask ?? 0; })',
      removed: 'H.on("ask", (got) => { got.v = N; }); if (N % 2) H.removeAllListeners()',
      rung: 'H.on("ask", (got) => { got.v += N; }); H.emit("ask", { v: 1 })',
    },
    touches: ['return H.listenerCount("ask");', 'H.on("ask", () => {}); return 1;', 'return typeof H.vask;'],
  },
  bus: {
    text: "import EventEmitter from 'node:events';\nclass Bus extends EventEmitter { v = 0; put(n) { this.v = n; } }\nexport const H = new Bus();",
    read: 'H.v',
    changes: { put: 'H.put(N)', assign: 'H.v = N', on: 'H.on("newListener", () => { H.v = N; }).on("ask", () => {})' },
  },
  closure: {
    text: 'const signal = (v) => [() => v, (n) => { v = n; }];\nconst [get, set] = signal(0);\nexport const H = { get, set };',
    read: 'H.get()',
    changes: { set: 'H.set(N)', taken: '(({ set }) => set(N))(H)' },
  },
  maker: {
    text: 'const make = () => { const kept = { v: 0 }; return { get: () => kept.v, put: (n) => { kept.v = n; } }; };\nexport const H = make();',
    read: 'H.get()',
    changes: { put: 'H.put(N)' },
  },
  nested: {
    text: 'export const H = { inner: { v: 0 }, list: [0] };',
    read: '[H.inner.v, H.list.length].join()',
    changes: { assign: 'H.inner.v = N', push: 'H.list.push(N)', taken: '(({ inner }) => { inner.v = N; })(H)' },
  },
  shared: {
    text: 'const table = new Map();\nconst make = () => { const one = []; table.set("k", one); return one; };\nexport const H = make();\nexport const G = table;',
    read: 'H.length',
    changes: { push: 'H.push(N, ...Array(N).fill(0))' },
  },
  package: {
    text: "export { box as H } from 'tool';",
    read: 'H.v',
    changes: { ...OBJECT_CHANGES, method: 'H.put(N)' },
  },
  configured: {
    text: "export * as H from 'tool';",
    read: 'H.make(1)',
    changes: { configure: 'H.configure({ factor: N })', used: 'globalThis.last_v = H.configure({ factor: N })' },
  },
  global: {
    text: 'globalThis.shared_a = { v: 0 };\nexport const H = globalThis.shared_a;',
    read: 'globalThis.shared_a.v',
    changes: { ...OBJECT_CHANGES, direct: 'globalThis.shared_a.v = N', replaced: 'globalThis.shared_a = { v: N }' },
  },
  variable: {
    text: 'export let H = 0;\nexport const put = (n) => { H = n; };\nexport const bump = (n) => { H += n; };',
    read: 'H',
    names: 'H, put, bump',
    changes: {
      put: 'put(N)',
      bump: 'bump(N)',
      list: '[N].forEach(put)',
      call: 'put.call(null, N)',
      apply: 'Reflect.apply(put, null, [N])',
    },
  },
  hooked: hook('Hook.run = (n) => { H.v = n; };'),
  hookedByName: hook("Hook['r' + 'un'] = (n) => { H.v = n; };"),
  hookedByAlias: hook('const swap = (it) => { it.run = (n) => { H.v = n; }; };\nswap(Hook);'),
  hookedBySource: hook('Object.assign(Hook, { run: (n) => { H.v = n; } });'),
  hookedInList: hook('[Hook].forEach((it) => { it.run = (n) => { H.v = n; }; });'),
  hookedPrototype: {
    text: 'export const H = { v: 0 };\nexport class Hook { run(n) { return n; } }\nHook.prototype.run = (n) => { H.v = n; };',
    read: 'H.v',
    names: 'H, Hook',
    changes: { run: 'new Hook().run(N)', kept: '(() => { const hook = new Hook(); hook.run(N); })()' },
  },
  hookedBase: {
    text: 'export const H = { v: 0 };\nclass Root { run(n) { return n; } }\nexport class Hook extends Root {}\nObject.values({ Root })[0].prototype.run = (n) => { H.v = n; };',
    read: 'H.v',
    names: 'H, Hook',
    changes: { run: 'new Hook().run(N)' },
  },
  hookedInstance: {
    text: 'export const H = { v: 0 };\nexport class Hook { constructor() { this.run = (n) => { H.v = n; }; } run(n) { return n; } }',
    read: 'H.v',
    names: 'H, Hook',
    changes: { run: 'new Hook().run(N)' },
  },
  hookedParent: {
    text: 'export const H = { v: 0 };\nclass Other { constructor() { H.v = 7; } run(n) { H.v = n; } }\nexport class Hook extends Object { }\nReflect.setPrototypeOf(Hook.prototype, Other.prototype);',
    read: 'H.v',
    names: 'H, Hook',
    changes: { run: 'new Hook().run(N)' },
  },
  hookedArray: {
    text: 'export const H = { v: 0 };\nexport const Hook = [];\nHook.push = (n) => { H.v = n; return 1; };',
    read: 'H.v',
    names: 'H, Hook',
    changes: { push: 'Hook.push(N)' },
  },
  hookedMap: {
    text: 'export const H = { v: 0 };\nexport const Hook = new Map();\nconst swap = (it, name) => { it[name] = (key, n) => { H.v = n; }; };\nswap(Hook, "set");',
    read: 'H.v',
    names: 'H, Hook',
    changes: { set: 'Hook.set("v", N)' },
  },
  local: {
    text: 'export const H = { v: 0 };',
    read: 'H.v',
    changes: {
      push: 'const list = []; list["pu" + "sh"] = (n) => { H.v = n; }; list.push(N)',
      var: 'var it = []; for (let i = 0; i < 2; i++) { it.v = N; var it = H; }',
    },
  },
} satisfies Readonly<Record<string, Kind>>;

/** A class of which a method is replaced by one that changes an object. */
function hook(replacement: string): Kind {
  return {
    text: `export const H = { v: 0 };\nexport class Hook { static run(n) { return n; } }\n${replacement}`,
    read: 'H.v',
    names: 'H, Hook',
    changes: { run: 'Hook.run(N)' },
  };
}

export type Holder = keyof typeof KINDS;

/** Ways to get hold of the object: `$` stands for code that uses it by the name `H`. */
const REACHES: Readonly<Record<string, string>> = {
  direct: '$',
  alias: '{ const other = H; ((H) => { $; })(other); }',
  argument: '((H) => { $; })(H)',
  destructured: '{ const { it } = { it: H }; ((H) => { $; })(it); }',
  listed: '{ const [it] = [H]; ((H) => { $; })(it); }',
  returned: '{ const find = () => H; ((H) => { $; })(find()); }',
  this: '(function () { ((H) => { $; })(this.it); }).call({ it: H })',
  proxy: '((H) => { $; })(typeof H === "object" && !(H instanceof Map) ? new Proxy(H, {}) : H)',
  values: 'Object.values({ it: H }).forEach((H) => { $; })',
  loop: 'for (const it of [H]) { ((H) => { $; })(it); }',
  generator: '{ function* all() { yield H; } for (const it of all()) ((H) => { $; })(it); }',
  getter: '{ const holder = { get it() { return H; } }; ((H) => { $; })(holder.it); }',
  map: '{ const m = new Map([["it", H]]); ((H) => { $; })(m.get("it")); }',
  field: '{ class C { it = H; } ((H) => { $; })(new C().it); }',
  reflect: '((H) => { $; })(Reflect.get({ it: H }, "it"))',
  helper: 'withIt(H, (H) => { $; })',
  conditional: '((H) => { $; })(Math.abs(1) ? H : undefined)',
  spread: '((...all) => { const [H] = all; $; })(...[H])',
  default: '((it = H) => { ((H) => { $; })(it); })()',
  package: 'each([H], (H) => { $; })',
  kept: 'keep(H); ((H) => { $; })(kept())',
};

/** Ways to run code while a file is loaded: `$` stands for the code. */
const RUNS: Readonly<Record<string, string>> = {
  statement: '$;',
  iife: '(() => { $; })();',
  named: 'function run() { $; }\nrun();',
  held: 'const run = () => { $; };\nrun();',
  initialiser: 'export const made = (() => { $; return 1; })();',
  static: 'class Local { static { $; } }',
  field: 'class Local { static it = (() => { $; })(); }',
  decorator: 'const mark = (type) => { $; };\n@mark\nclass Local {}',
  called: 'const mark = () => (type) => { $; };\n@mark()\nclass Local {}',
  member: 'const mark = (type) => { $; };\nclass Local { @mark method() {} }',
  tagged: 'const tag = (parts) => { $; };\ntag`text`;',
  new: 'class Local { constructor() { $; } }\nnew Local();',
  base: 'class Base { constructor() { $; } }\nclass Local extends Base {}\nexport const made = new Local();',
  instance: 'class Local { it = (() => { $; })(); }\nnew Local();',
  method: 'const api = { run() { $; } };\napi.run();',
  getter: 'const api = { get it() { $; return 1; } };\nexport const made = api.it;',
  setter: 'const api = { set it(x) { $; } };\napi.it = 1;',
  text: 'const api = { toString() { $; return ""; } };\nexport const made = `${api}`;',
  sum: 'const api = { valueOf() { $; return 1; } };\nexport const made = api + 1;',
  iterator: 'const api = { *[Symbol.iterator]() { $; } };\nexport const made = [...api];',
  generator: 'function* all() { $; }\nexport const made = Array.from(all());',
  stored: 'function* all() { $; }\nconst kept = all();\nexport const made = [...kept];',
  handler: 'const api = new Proxy({}, { get() { $; return 1; } });\nexport const made = api.it;',
  callback: '[1].forEach(() => { $; });',
  sorted: 'export const made = [2, 1].sort((a, b) => { $; return a - b; });',
  handed: 'withIt(1, () => { $; });',
  package: 'each([1], () => { $; });',
  used: 'export const made = each([1], () => { $; });',
  parsed: 'export const made = JSON.parse("[1]", (key, value) => { $; return value; });',
  replaced: 'export const made = "a".replace("a", () => { $; return "b"; });',
  computed: 'export const made = { [(() => { $; return "k"; })()]: 1 };',
  default: 'export const { made = (() => { $; return 1; })() } = {};',
  condition: 'if (Math.abs(1) === 1) { $; }',
  switch: 'switch (1) { case 1: { $; } }',
  try: 'try { throw new Error("x"); } catch { $; }',
  awaited: 'await (async () => { $; })();',
  labelled: 'out: { $; break out; }',
  for: 'for (let i = 0; i < 1; i++) { $; }',
  bound: 'const run = (() => { $; }).bind(null);\nrun();',
  apply: 'Reflect.apply(() => { $; }, undefined, []);',
  construct: 'Reflect.construct(class { constructor() { $; } }, []);',
  namespace: 'namespace Inner { $; }',
  enum: 'enum Level { One = (() => { $; return 1; })() }',
  extends: 'class Local extends (() => { $; return Object; })() {}',
  logical: 'export const made = Math.abs(1) && (() => { $; return 1; })();',
  property: 'const runs = { it: () => { $; } };\nruns["i" + "t"]();',
  list: 'const runs = [() => { $; }];\nruns[0]();',
  mapped: 'const runs = new Map([["it", () => { $; }]]);\nruns.get("it")();',
};

/** Makes a program at random. */
export function makeLoadEffect(random: Random): LoadEffect {
  const holder = random.pick(Object.keys(KINDS) as Holder[]);
  return {
    holder,
    reach: random.pick(Object.keys(REACHES)),
    change: random.pick(Object.keys(KINDS[holder].changes)),
    run: random.pick(Object.keys(RUNS)),
    place: random.pick(['same', 'other', 'third']),
    isFirst: random.chance(0.3),
    value: 1 + random.below(8),
    isRemoved: false,
    touch: random.below(100),
  };
}

/** Edits the program: another number, order of imports or change, or no effect at all. */
export function editLoadEffect(random: Random, program: LoadEffect): LoadEffect {
  const { holder, value } = program;
  return random.pick<LoadEffect>([
    { ...program, value: value + 1 + random.below(8) },
    { ...program, value: value + 1 + random.below(8) },
    { ...program, isFirst: !program.isFirst },
    { ...program, isRemoved: true },
    { ...program, change: random.pick(Object.keys(KINDS[holder].changes)), value: value + 1 },
    { ...program, run: random.pick(Object.keys(RUNS)), value: value + 1 },
    { ...program, reach: random.pick(Object.keys(REACHES)), value: value + 1 },
  ]);
}

/** Prints the files of a program. */
export function printLoadEffect(program: LoadEffect): Files {
  const { holder, place, isFirst, touch } = program;
  const kind: Kind = KINDS[holder];
  const { touches = [] } = kind;
  const effect = effectOf(program, kind);
  const head = `import { withIt, keep, kept } from './helper.ts';\nimport { each } from 'tool';\nvoid withIt; void keep; void kept; void each;`;
  const from = place === 'third' ? './barrel.ts' : './holder.ts';
  const names = `{ ${kind.names ?? 'H'} }`;
  const separate = `${head}\nimport ${names} from '${from}';\nvoid H;\n${effect}\n`;
  const imports = [`import * as held from '${from}';`, "import './effect.ts';"];
  const body = [
    `step0() { const H = held.H; void H; this.out0 = ${kind.read === 'H' ? 'held.H' : kind.read}; }`,
    "step1() { this.out1 = 'plain'; }",
    'step2() { this.out2 = add(1); }',
    holder === 'shared' ? 'step3() { this.out3 = held.G.get("k").length; }' : 'step3() { this.out3 = touch() + base; }',
    'step4() { this.out4 = snapshot; }',
  ].map((each, at) => `  @step(${at > 0 ? `{ after: 'step${at - 1}' }` : ''}) ${each}`);
  return {
    'holder.ts': place === 'same' ? `${head}\n${kind.text}\n${localHolder(kind)}\n${effect}\n` : `${kind.text}\n`,
    'barrel.ts': "export * from './holder.ts';\n",
    'helper.ts':
      'let last: unknown;\nexport const withIt = (it, run) => run(it);\nexport const keep = (it) => { last = it; };\nexport const kept = () => last;\n',
    'effect.ts': place === 'same' ? 'export {};\n' : separate,
    'snapshot.ts': `import { H } from './holder.ts';\nvoid H;\nconst read = () => ${kind.read};\nexport const snapshot = read();\n`,
    'touch.ts': `${touches.length > 0 ? "import { H } from './holder.ts';\n" : ''}export const touch = () => { ${touches[touch % touches.length] ?? 'return 1;'} };\n`,
    'pure.ts': 'export const base = 2;\nexport const add = (x) => x + base;\n',
    'flow.ts': `import { Flow, step } from 'varve';\n${(isFirst ? [...imports].reverse() : imports).join('\n')}\nimport { snapshot } from './snapshot.ts';\nimport { touch } from './touch.ts';\nimport { add, base } from './pure.ts';\nexport default class Example extends Flow {\n${body.join('\n')}\n}\n`,
    'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
    'node_modules/tool/index.js': `let factor = 1;
exports.box = { v: 0, put(n) { this.v = n; } };
exports.configure = (options) => { factor = options.factor; return factor; };
exports.make = (x) => x * factor;
exports.each = (list, run) => list.map((each) => run(each)).length;
`,
  };
}

/** A re-exported object has no name in its own file. */
function localHolder({ text }: Kind): string {
  if (text.startsWith('export { box')) return "import { box as H } from 'tool';";
  return text.startsWith('export *') ? "import * as H from 'tool';" : '';
}

function effectOf({ change, reach, run, value, isRemoved }: LoadEffect, kind: Kind): string {
  if (isRemoved) return '';
  const code = (kind.changes[change] ?? '').replaceAll('N', String(value));
  const reached = (REACHES[reach] ?? '$').replace('$', () => code);
  return (RUNS[run] ?? '$').replace('$', () => reached);
}
