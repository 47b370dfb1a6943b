import type { Random } from '@varve/test-support';
import { type Expression, expression, KEYS, type Names, number, print } from './expression.ts';

/** A declaration or statement of a file. `text` holds `$0`… in place of its expressions. */
export interface Item {
  readonly name: string;
  readonly kind: keyof Names | 'effect' | 'setter';
  text: string;
  parts: Expression[];
}

export interface Member {
  readonly name: string;
  text: string;
  parts: Expression[];
}

/** A flow and the files it imports; later files may use earlier ones. */
export interface Program {
  readonly modules: { items: Item[] }[];
  readonly base: Member[];
  readonly members: Member[];
  readonly steps: Member[];
  /** Decides how names are imported, so that both versions of a program import alike. */
  readonly style: number;
}

const NONE: Names = {
  constants: [],
  functions: [],
  classes: [],
  maps: [],
  lists: [],
  objects: [],
  getters: [],
  wrappers: [],
  members: [],
  locals: [],
};

export function makeProgram(random: Random): Program {
  const modules: Program['modules'] = [];
  let serial = 0;
  for (let m = 0; m < 4; m++) {
    const items: Item[] = [];
    modules.push({ items });
    for (let i = 0; i < 5; i++) items.push(makeItem(random, modules, serial++));
    for (let i = 0; i < 2; i++) if (random.chance(0.7)) items.push(makeEffect(random, modules, serial++));
  }
  const names = namesIn(modules);
  const own = ['this.own0()', 'this.own1', 'this.#hidden0()', 'this.#kept', 'this.inherited0()', 'this.pool'];
  const inBase = { ...names, members: ['this.hook()'] };
  const member = (name: string, text: string, at: Names, count = 1): Member => {
    return { name, text, parts: Array.from({ length: count }, () => expression(random, at, 2)) };
  };
  return {
    modules,
    base: [member('inherited0', 'inherited0() { return $0; }', inBase), member('hook', 'hook() { return $0; }', names)],
    members: [
      member('own0', 'own0() { return $0; }', names),
      member('own1', 'get own1() { return $0; }', { ...names, members: ['this.own0()'] }),
      member('#hidden0', '#hidden0() { return $0; }', { ...names, members: ['super.inherited0()'] }),
      member('#kept', '#kept = $0;', names),
      member('pool', '@transient pool = $0;', names),
      member('hook', 'hook() { return $0; }', names),
    ],
    steps: Array.from({ length: 5 }, (_, i) => {
      const at = { ...names, members: [...own, 'this.rows', ...(i > 0 ? [`(this.step${i - 1}(), 1)`] : [])] };
      return member(`step${i}`, `step${i}() { const local = $0; this.out${i} = local + $1; }`, at, 2);
    }),
    style: random.below(1000),
  };
}

/** Names that code after these items may use. */
export function namesIn(modules: Program['modules']): Names {
  const items = modules.flatMap((module) => module.items);
  const of = (kind: Item['kind']) => items.filter((item) => item.kind === kind).map(({ name }) => name);
  return {
    ...NONE,
    constants: of('constants'),
    functions: of('functions'),
    classes: of('classes'),
    maps: of('maps'),
    lists: of('lists'),
    objects: of('objects'),
    getters: of('getters'),
    wrappers: of('wrappers'),
  };
}

function makeItem(random: Random, modules: Program['modules'], serial: number): Item {
  const names = namesIn(modules);
  const inner = { ...names, locals: ['given'] };
  const maps = names.maps.length > 0 ? names.maps : ['new Map()'];
  const name = `n${serial}`;
  const wrap = random.pick([...names.wrappers, ...names.wrappers, '((first, body) => (given) => body(given))']);
  const bases = names.classes.length > 0 ? names.classes : ['Object'];
  const forms: readonly (readonly [Item['kind'], string])[] = [
    ...wrapperForms(random, name, maps).map((text) => ['wrappers', text] as const),
    ['functions', `export const ${name} = ${wrap}(2, (given) => $0);`],
    [
      'functions',
      `export const ${name} = ${wrap}(2, (given) => { ${random.pick(maps)}.set('b', given); return $0; });`,
    ],
    ['functions', `export const ${name} = ${wrap}(2, ${random.pick([...names.functions, 'Math.abs'])});`],
    ['getters', `export const ${name} = ${wrap}(0, () => ${random.pick(maps)});`],
    ['setter', `export const ${name} = ${wrap}(0, (given) => { ${random.pick(maps)}.set('a', given + $0); });`],
    [
      'classes',
      `export class ${name} { static fixed = 1; value = $0; constructor() { ${random.pick(maps)}.set('a', $1); } method(given) { return $2; } }`,
    ],
    [
      'classes',
      `export class ${name} extends ${random.pick(bases)} { static fixed = 2; value = $0; method(given) { return this.value + $1; } }`,
    ],
    ['constants', `export const ${name} = $0;`],
    ['constants', `export let ${name} = $0;`],
    ['functions', `export function ${name}(given) { return $0; }`],
    ['functions', `export const ${name} = (given) => $0;`],
    [
      'classes',
      `export class ${name} { static fixed = $0; value = $1; method(given) { return this.inner() + $2; } inner() { return this.value; } }`,
    ],
    ['maps', `export const ${name} = new Map([['a', $0]]);`],
    ['maps', `export const ${name} = ${random.pick(maps)};`],
    ['lists', `export const ${name} = [$0];`],
    ['objects', `export const ${name} = { a: $0, nested: { list: [1] } };`],
    ['getters', `export const ${name} = () => ${random.pick(maps)};`],
    ['setter', `export function ${name}(given) { ${random.pick(maps)}.set('a', given + $0); }`],
  ];
  const [kind, text] = random.pick(forms);
  return { name, kind, text, parts: partsFor(random, text, names, inner) };
}

/** Wrappers that only keep their argument, and functions that merely look like it. */
function wrapperForms(random: Random, name: string, maps: readonly string[]): readonly string[] {
  const map = random.pick(maps);
  return [
    `export const ${name} = (first, body) => (given) => body(given) + $0;`,
    `export function ${name}(first, body) { if (typeof first === 'function') return () => first(1); switch (first) { case 9: throw new RangeError(String(first)); default: return function (given) { return body(given, ...arguments); }; } }`,
    `export const ${name} = function (first, body) { body($0); return (given) => body(given); };`,
    `export const ${name} = (first, body) => { ${map}.set('a', $0); return (given) => body(given); };`,
    `export function ${name}(first, body) { const again = body; again(first); return (given) => body(given); }`,
    `export function ${name}(first, body) { arguments[1](first); return (given) => body(given); }`,
    `export function ${name}(first, body, other = body(first)) { return (given) => body(given); }`,
    `export function ${name}(first, body) { return (given) => body(given); }\n${name} = (first, body) => { body(first); return (given) => body(given); };`,
    `export const ${name} = (first, body) => { const run = () => body(first); run(); return (given) => body(given); };`,
  ];
}

/** A statement that changes shared state while its file is loaded. */
export function makeEffect(random: Random, modules: Program['modules'], serial: number): Item {
  const names = namesIn(modules);
  const own = modules.at(-1)?.items ?? [];
  const setters = modules.flatMap(({ items }) => items.filter(({ kind }) => kind === 'setter').map(({ name }) => name));
  const lets = own.filter(({ text }) => text.startsWith('export let')).map(({ name }) => name);
  const key = random.pick(KEYS);
  const name = `n${serial}`;
  const one = (from: readonly string[], ...forms: ((name: string) => string)[]) =>
    from.length > 0 ? [random.pick(forms)(random.pick(from))] : [];
  const text = random.pick([
    `globalThis.shared_${key} = $0;`,
    `console.assert($0 !== undefined);`,
    ...one(
      names.maps,
      (map) => `${map}.set('${key}', $0);`,
      (map) => `((m) => m.set('${key}', $0))(${map});`,
      (map) => `const alias_${name} = ${map}; alias_${name}.set('${key}', $0);`,
    ),
    ...one(
      names.maps,
      (map) => `for (const each of [${map}]) each.set('${key}', $0);`,
      (map) => `const box_${name} = { inner: ${map} }; box_${name}.inner.set('${key}', $0);`,
    ),
    ...one(names.getters, (getter) => `${getter}().set('${key}', $0);`),
    ...one(
      setters,
      (setter) => `${setter}($0);`,
      (setter) => `[$0].forEach(${setter});`,
      (setter) => `const run_${name} = () => ${setter}($0); run_${name}();`,
    ),
    ...one(
      lets,
      (variable) => `${variable} = $0;`,
      (variable) => `function bump_${name}() { ${variable} += $0; } bump_${name}();`,
    ),
    ...one(
      names.lists,
      (list) => `${list}.push($0);`,
      (list) => `Array.prototype.push.call(${list}, $0);`,
    ),
    ...one(
      names.objects,
      (object) => `${object}.${key} = $0;`,
      (object) => `Object.assign(${object}, { ${key}: $0 });`,
      (object) => `${object}.nested.list.push($0); ${object}.a += ${object}.nested.list.length;`,
    ),
    ...one(
      names.classes,
      (type) => `${type}.prototype.inner = () => $0;`,
      (type) => `${type}.fixed = $0;`,
      (type) => `new ${type}();`,
      (type) => `{ class Local extends ${type} {} new Local(); }`,
      (type) => `{ const Type = ${type}; Type.fixed += $0; }`,
    ),
  ]);
  return { name, kind: 'effect', text, parts: partsFor(random, text, names) };
}

/** Expressions for the parts of a text. The last one is inside the function and may use its parameter. */
function partsFor(random: Random, text: string, names: Names, inner = names): Expression[] {
  const count = new Set(text.match(/\$\d/g) ?? []).size;
  const at = (i: number) => (i === count - 1 && text.includes('given') ? inner : names);
  return Array.from({ length: count }, (_, i) => (random.chance(0.3) ? number(random) : expression(random, at(i), 2)));
}

/** Prints the files of a program. */
export function printProgram(program: Program): Readonly<Record<string, string>> {
  const home = new Map(program.modules.flatMap(({ items }, m) => items.map(({ name }) => [name, m] as const)));
  const files: Record<string, string> = {};
  program.modules.forEach(({ items }, m) => {
    files[`m${m}.ts`] = withImports(items.map(print).join('\n'), home, m, program.style + m);
  });
  files['barrel.ts'] = program.modules.map((_, m) => `export * from './m${m}.ts';\n`).join('');
  files['base.ts'] = withImports(
    `import { Flow } from 'varve';\nexport class Base extends Flow {\n${program.base.map(print).join('\n')}\n}`,
    home,
    99,
    program.style + 7,
  );
  const steps = program.steps.map((step, i) => `@step(${i > 0 ? `{ after: 'step${i - 1}' }` : ''}) ${print(step)}`);
  const body = [...program.members.map(print), ...steps].join('\n');
  const text = `import { step, transient } from 'varve';\nimport { Base } from './base.ts';\nexport default class Example extends Base {\n${body}\n}`;
  files['flow.ts'] = withImports(text, home, 99, program.style + 11);
  return files;
}

/** Adds imports for names of other files: by name, by an alias, as a namespace, or through the barrel. */
function withImports(text: string, home: ReadonlyMap<string, number>, own: number, style: number): string {
  const imports: string[] = [];
  const used = new Set(text.match(/\bn\d+\b/g) ?? []);
  let out = text;
  for (const name of [...used].sort()) {
    const from = home.get(name);
    if (from === undefined || from === own) continue;
    const how = (style + from) % (own === 99 ? 4 : 3);
    if (how === 0) imports.push(`import { ${name} } from './m${from}.ts';`);
    else if (how === 1) imports.push(`import { ${name} as other_${name} } from './m${from}.ts';`);
    else if (how === 2) imports.push(`import * as all_${from} from './m${from}.ts';`);
    else imports.push(`import { ${name} } from './barrel.ts';`);
    const shown = how === 1 ? `other_${name}` : how === 2 ? `all_${from}.${name}` : name;
    out = out.replace(new RegExp(`\\b${name}\\b`, 'g'), shown);
  }
  return `${[...new Set(imports)].join('\n')}\n${out}\n`;
}
