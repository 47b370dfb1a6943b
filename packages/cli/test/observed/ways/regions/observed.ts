import type { Row } from '../../harness/row.ts';

/** What depends on the zone or the locale of the process: a built-in, and an expression over it. */
export interface Region {
  /** Expression for the object that holds it, and its name there. */
  readonly owner: string;
  readonly name: string;
  readonly reads: readonly string[];
  /** For a method, the object it is called on, and its arguments; for a class, its arguments and what is done with an instance. */
  readonly self?: string;
  readonly args: string;
  readonly does?: string;
}

const ZONE = ['tz'];
const LOCALE = ['locale'];
const method = (owner: string, name: string, reads: readonly string[], self: string, args = ''): Region => ({
  ...{ owner: `${owner}.prototype`, name, reads, self, args },
});
const intl = (name: string, args: string, does: string, reads = LOCALE): Region => ({
  ...{ owner: 'Intl', name, reads, args, does },
});

export const REGIONS: readonly Region[] = [
  method('Date', 'getHours', ZONE, 'new Date(at)'),
  method('Date', 'getTimezoneOffset', ZONE, 'new Date(at)'),
  method('Date', 'toDateString', ZONE, 'new Date(at + 3e7)'),
  method('Date', 'toString', ['tz', 'locale'], 'new Date(at)'),
  method('Date', 'setHours', ZONE, 'new Date(at)', '1, 2'),
  method('Date', 'toLocaleString', ['tz', 'locale'], 'new Date(at)'),
  method('Date', 'toLocaleTimeString', ZONE, 'new Date(at)', `'en-GB'`),
  method('Date', 'toLocaleDateString', LOCALE, 'new Date(at)', `undefined, { timeZone: 'UTC' }`),
  { owner: 'globalThis', name: 'Date', reads: ZONE, args: '2024, 0, 1', does: 'getTime()' },
  { owner: 'globalThis', name: 'Date', reads: ZONE, args: `'2024-01-01 10:00'`, does: 'toISOString()' },
  method('Number', 'toLocaleString', LOCALE, '1234.5'),
  method('BigInt', 'toLocaleString', LOCALE, '123456n', '[]'),
  method('Array', 'toLocaleString', LOCALE, '[1234.5]'),
  method('Object.getPrototypeOf(Float64Array)', 'toLocaleString', LOCALE, 'new Float64Array([1234.5])'),
  method('String', 'localeCompare', LOCALE, `'ad'`, `'äb'`),
  method('String', 'localeCompare', LOCALE, `'z'`, `'õ', []`),
  method('String', 'toLocaleUpperCase', LOCALE, `'i'`, '[]'),
  method('String', 'toLocaleLowerCase', LOCALE, `'I'`, '[]'),
  intl('NumberFormat', '', 'format(1234.5)'),
  intl('NumberFormat', `'xx'`, 'format(1234.5)'),
  intl('DateTimeFormat', `undefined, { timeZone: 'UTC' }`, 'format(at)'),
  intl('DateTimeFormat', `'en', { timeStyle: 'long' }`, 'format(at)', ZONE),
  intl('DateTimeFormat', '', 'resolvedOptions().timeZone', ['tz', 'locale']),
  intl('Collator', '', `compare('ad', 'äb')`),
  intl('Collator', `[], { numeric: false }`, 'resolvedOptions().locale'),
  intl('PluralRules', '', 'select(0)'),
  intl('ListFormat', '', `format(['a', 'b'])`),
  intl('RelativeTimeFormat', '[]', `format(1, 'day')`),
  intl('DisplayNames', `undefined, { type: 'region' }`, `of('DE')`),
  intl('Segmenter', '', 'resolvedOptions().locale'),
];

/** One way to get at a member of an object that every module can name. */
interface Reach {
  readonly way: string;
  readonly head?: (region: Region) => string;
  readonly gives: (region: Region) => string;
  /** File beside the module. */
  readonly file?: readonly [path: string, text: (region: Region) => string];
}

const path = ({ owner, name }: Region) => `(${owner} as any).${name}`;
const js = ({ owner, name }: Region) => `${owner}.${name}`;

const REACHES: readonly Reach[] = [
  { way: 'by its name', gives: path },
  { way: 'from globalThis', gives: ({ owner, name }) => `(globalThis as any).${strip(owner)}${name}` },
  {
    way: 'destructured at the top',
    head: ({ owner, name }) => `const { ${name}: it } = ${owner} as any;`,
    gives: () => 'it',
  },
  { way: 'by a computed name', gives: ({ owner, name }) => `(${owner} as any)[${inParts(name)}]` },
  { way: 'by Reflect.get', gives: ({ owner, name }) => `(Reflect.get(${owner}, '${name}') as any)` },
  {
    way: 'by its descriptor',
    gives: ({ owner, name }) => `Object.getOwnPropertyDescriptor(${owner}, '${name}')!.value`,
  },
  {
    way: 'from the constructor of an instance',
    gives: (region) => (region.self ? path(region) : `${path(region)}.prototype.constructor`),
  },
  { way: 'kept in a Map', head: (r) => `const kept = new Map([['it', ${path(r)}]]);`, gives: () => `kept.get('it')` },
  { way: 'a static field', head: (r) => `class Kept { static it = ${path(r)}; }`, gives: () => 'Kept.it' },
  {
    way: 'a copy of its holder',
    head: ({ owner, name }) =>
      `const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(${owner})) as any;\nconst it = copy.${name};`,
    gives: () => 'it',
  },
  {
    way: 'exported by another module',
    head: () => `import { it } from '../lib/$ID-region.ts';`,
    gives: () => 'it',
    file: ['lib/$ID-region.ts', (region) => `export const it = ${path(region)};\n`],
  },
  {
    way: 'exported by CommonJS',
    head: () => `import kept from '../lib/$ID-region.cjs';`,
    gives: () => '(kept as any).it',
    file: ['lib/$ID-region.cjs', (region) => `exports.it = ${js(region)};\n`],
  },
  {
    way: 'exported by a package',
    head: () => `import { it } from 'region-$ID';`,
    gives: () => 'it',
    file: ['node_modules/region-$ID/index.js', (region) => `export const it = ${js(region)};\n`],
  },
];

const MANIFEST = '{ "name": "region-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n';

function strip(owner: string): string {
  return owner === 'globalThis' ? '' : `${owner}.`;
}

function inParts(name: string): string {
  return `['${name.slice(0, 2)}', '${name.slice(2)}'].join('')`;
}

/** One way to call a method on an object, or to make an instance. */
interface Use {
  readonly way: string;
  method(it: string, self: string, args: string): string;
  make(it: string, args: string): string;
}

const after = (args: string) => (args === '' ? '' : `, ${args}`);
const USES: readonly Use[] = [
  {
    way: 'called',
    method: (it, self, args) => `${it}.call(${self}${after(args)})`,
    make: (it, args) => `new (${it})(${args})`,
  },
  {
    way: 'by Reflect',
    method: (it, self, args) => `Reflect.apply(${it}, ${self}, [${args}])`,
    make: (it, args) => `Reflect.construct(${it}, [${args}])`,
  },
  {
    way: 'bound',
    method: (it, self, args) => `${it}.bind(${self})(${args})`,
    make: (it, args) => `new (${it}.bind(null${after(args)}))()`,
  },
  {
    way: 'as a member of an own object',
    method: (it, self, args) => `Object.assign(Object(${self}), { own: ${it} }).own(${args})`,
    make: (it, args) => `new ({ Own: ${it} } as any).Own(${args})`,
  },
  {
    way: 'in a callback',
    method: (it, self, args) => `[${self}].map((one: any) => ${it}.call(one${after(args)}))[0]`,
    make: (it, args) => `[[${args}]].map((all: any) => new (${it})(...all))[0]`,
  },
  {
    way: 'in a promise',
    method: (it, self, args) => `await Promise.resolve().then(() => ${it}.call(${self}${after(args)}))`,
    make: (it, args) => `(await Promise.resolve().then(() => new (${it})(${args})))`,
  },
  {
    way: 'by a subclass',
    method: (it, self, args) => `${it}.apply(${self}, [${args}])`,
    make: (it, args) => `new (class extends ${it} {} as any)(${args})`,
  },
];

/** Rows by their parts: what is looked at, how it is reached, and how it is used. */
export function regionRow(region: Region, reach: number, use: number): Row {
  const { owner, name, reads, self, args, does } = region;
  const { way, head, gives, file } = REACHES[reach % REACHES.length] as Reach;
  const { way: how, ...used } = USES[use % USES.length] as Use;
  const it = gives(region);
  const value = self === undefined ? `${used.make(it, args)}.${does}` : used.method(it, self, args);
  const module = `${head?.(region) ?? ''}\nconst at = 1_700_000_000_000;\nvoid at;\nexport async function look(): Promise<unknown> { return String(${value}); }`;
  const manifest = way === 'exported by a package' ? { 'node_modules/region-$ID/package.json': MANIFEST } : {};
  const files = file ? { files: { [file[0]]: file[1](region), ...manifest } } : {};
  return { input: 'region', way: `${owner}.${name}(${args}), ${way}, ${how}`, reads, module, ...files };
}
