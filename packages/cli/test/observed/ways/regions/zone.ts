import type { Row } from '../../harness/row.ts';
import { type Change, withEnv } from '../../harness/world.ts';
import { says } from '../env.ts';

const returns = (expression: string, head = '') =>
  `${head}\nconst at = 1_700_000_000_000;\nexport async function look(given?: any): Promise<unknown> { return String(${expression}); }`;
const tz = (way: string, expression: string, head?: string, more?: Partial<Row>) =>
  says('time zone', way, ['tz'], returns(expression, head), more);
/** The name of the zone is printed in the language of the process. */
const printed = (way: string, expression: string, head?: string, more?: Partial<Row>) =>
  says('time zone', way, ['tz', 'locale'], returns(expression, head), more);
const locale = (way: string, expression: string, head?: string, more?: Partial<Row>) =>
  says('locale', way, ['locale'], returns(expression, head), more);
const neither = (way: string, expression: string, head?: string) => says('no zone', way, [], returns(expression, head));

/** A step that reads an artifact which another step made. */
const HANDED_ON = `  date_$ID!: Date; r_$ID!: unknown;
  @step() make_$ID() { this.date_$ID = new Date(1_700_000_000_000); }
  @step({ after: 'make_$ID' }) async $ID() { this.r_$ID = await look_$ID(this.date_$ID); }`;

const ZONES: readonly Row[] = [
  tz('getHours', 'new Date(at).getHours()'),
  tz('getDate and getDay', '[new Date(at + 3e7).getDate(), new Date(at).getDay()]'),
  tz('getTimezoneOffset', 'new Date(at).getTimezoneOffset()'),
  printed('toString', 'new Date(at).toString()'),
  printed('a template', '`${new Date(at)}`'),
  printed('a sum with text', `'' + new Date(at)`),
  printed('toTimeString', 'new Date(at).toTimeString()'),
  tz('toDateString', 'new Date(at).toDateString()'),
  tz('parts in the constructor', 'new Date(2024, 0, 1).getTime()'),
  tz('local text in the constructor', `new Date('2024-01-01T00:00').getTime()`),
  tz('Date.parse of local text', `Date.parse('2024-01-01 00:00')`),
  tz('setHours', 'new Date(at).setHours(0, 0, 0, 0)'),
  tz('toLocaleString with a locale', `new Date(at).toLocaleString('en-GB')`),
  tz('toLocaleTimeString with a locale', `new Date(at).toLocaleTimeString('en-GB')`),
  tz('resolvedOptions().timeZone', `new Intl.DateTimeFormat('en').resolvedOptions().timeZone`),
  tz('Intl.DateTimeFormat.format', `new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format(at)`),
  tz('formatToParts', `Intl.DateTimeFormat('en', { hour: 'numeric' }).formatToParts(at)[0]?.value`),
  tz('a method taken off the prototype', 'getHours.call(new Date(at))', 'const { getHours } = Date.prototype;'),
  tz('a method by a computed name', `(new Date(at) as any)['get' + 'Hours']()`),
  tz('Reflect.construct', 'Reflect.construct(Date, [2024, 0, 1]).getTime()'),
  tz('another name for Date', 'new D(2024, 0, 1).getTime()', 'const D = Date;'),
  tz('Date from globalThis', `new (globalThis as any)['Da' + 'te'](2024, 0, 1).getTime()`),
  tz('a subclass of Date', 'new Day(at).getHours()', 'class Day extends Date {}'),
  tz('a date that comes as an artifact', 'given.getHours()', '', { members: HANDED_ON }),
  printed('a date of an artifact, printed', '`${given}`', '', { members: HANDED_ON }),
  tz('a helper of another module', 'hour(at)', `import { hour } from '../lib/$ID.ts';`, {
    files: { 'lib/$ID.ts': 'export const hour = (at: number) => new Date(at).getHours();\n' },
  }),
  tz('a helper in CommonJS', 'helper.hour(at)', `import helper from '../lib/$ID.cjs';`, {
    files: { 'lib/$ID.cjs': 'exports.hour = (at) => new Date(at).getHours();\n' },
  }),
  tz('a package', 'hour(at)', `import { hour } from 'clock-$ID';`, {
    files: {
      'node_modules/clock-$ID/package.json':
        '{ "name": "clock-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
      'node_modules/clock-$ID/index.js': 'export const hour = (at) => new Date(at).getHours();\n',
    },
  }),
  tz('process.env.TZ', 'process.env.TZ'),
];

const LOCALES: readonly Row[] = [
  locale('toLocaleString of a number', '(1234.5).toLocaleString()'),
  locale('toLocaleString(undefined)', '(1234.5).toLocaleString(undefined, { minimumFractionDigits: 1 })'),
  locale('toLocaleString([])', '(1234.5).toLocaleString([])'),
  locale('toLocaleString of a BigInt', '(123456n).toLocaleString()'),
  locale('toLocaleString of an array', '[1234.5].toLocaleString()'),
  locale('toLocaleString of a typed array', 'new Float64Array([1234.5]).toLocaleString()'),
  locale('toLocaleDateString in a given zone', `new Date(at).toLocaleDateString(undefined, { timeZone: 'UTC' })`),
  locale('Intl.NumberFormat', 'new Intl.NumberFormat().format(1234.5)'),
  locale('Intl.NumberFormat called', 'Intl.NumberFormat().format(1234.5)'),
  locale('Intl.DateTimeFormat in a given zone', `new Intl.DateTimeFormat(undefined, { timeZone: 'UTC' }).format(at)`),
  locale('resolvedOptions().locale', `Intl.DateTimeFormat(undefined, { timeZone: 'UTC' }).resolvedOptions().locale`),
  locale('Intl.Collator', 'new Intl.Collator().resolvedOptions().locale'),
  locale('Intl.PluralRules', 'new Intl.PluralRules().resolvedOptions().locale'),
  locale('Intl.ListFormat', `new Intl.ListFormat().format(['a', 'b'])`),
  locale('Intl.RelativeTimeFormat', `new Intl.RelativeTimeFormat().format(1, 'day')`),
  locale('Intl.Segmenter', 'new Intl.Segmenter().resolvedOptions().locale'),
  locale('a class of Intl, destructured', 'new NumberFormat().format(1234.5)', 'const { NumberFormat } = Intl;'),
  locale('a class of Intl by a computed name', `new (Intl as any)[['Number', 'Format'].join('')]().format(1234.5)`),
  locale(
    'a method taken off the prototype',
    'toLocaleString.call(1234.5)',
    'const { toLocaleString } = Number.prototype;',
  ),
  locale('a helper of another module', 'money(1234.5)', `import { money } from '../lib/$ID.ts';`, {
    files: { 'lib/$ID.ts': 'export const money = (n: number) => n.toLocaleString();\n' },
  }),
  locale('process.env.LANG', 'process.env.LANG'),
  says('locale and zone', 'toLocaleString of a date', ['locale', 'tz'], returns('new Date(at).toLocaleString()')),
];

/** Uses of dates and numbers that depend on neither. */
const NEITHER: readonly Row[] = [
  neither('toISOString', 'new Date(at).toISOString()'),
  neither('getTime and UTC methods', '[new Date(at).getTime(), new Date(at).getUTCHours()]'),
  neither('JSON of a date', 'JSON.stringify(new Date(at))'),
  neither('Date.UTC', 'Date.UTC(2024, 0, 1)'),
  neither('text with a zone', `new Date('2024-01-01T00:00:00Z').getTime()`),
  neither('text with a date alone', `new Date('2024-01-01').getTime()`),
  neither('a given locale', `(1234.5).toLocaleString('fr')`),
  neither(
    'a given locale and zone',
    `new Intl.DateTimeFormat('fr', { timeZone: 'UTC', timeStyle: 'full' }).format(at)`,
  ),
  neither('toFixed and toUpperCase', `(1234.5).toFixed(2) + 'i'.toUpperCase()`),
  neither('toLocaleUpperCase of a given locale', `'i'.toLocaleUpperCase('en')`),
];

export const ZONE_ROWS: readonly Row[] = [...ZONES, ...LOCALES, ...NEITHER];

/** Words that are sorted in another way in Estonian, and as in a German phone book. */
export const WORD_ROWS: readonly Row[] = [
  // Node gives the same for all locales; it may be seen as a read all the same.
  says('locale', 'toLocaleUpperCase', [], returns(`'i'.toLocaleUpperCase()`), { may: ['locale'] }),
  says('locale', 'toLocaleLowerCase', [], returns(`'I'.toLocaleLowerCase()`), { may: ['locale'] }),
  says('locale', 'toLocaleUpperCase of no locale', ['case'], returns(`'i'.toLocaleUpperCase([])`), { may: ['locale'] }),
  says('locale', 'toLocaleLowerCase of no locale', ['case'], returns(`'I'.toLocaleLowerCase([] as string[])`), {
    may: ['locale'],
  }),
  says(
    'locale',
    'localeCompare',
    ['words'],
    returns(`['z', 't', 'õ', 'ad', 'äb'].sort((a, b) => a.localeCompare(b)).join()`),
    {
      may: ['locale'],
    },
  ),
  says(
    'locale',
    'a Collator as comparison',
    ['words'],
    returns(`['z', 't', 'õ', 'ad', 'äb'].sort(new Intl.Collator().compare).join()`),
    { may: ['locale'] },
  ),
];

const tagged = (name: string, tag: string, touches: readonly string[]): Change => ({
  ...{ name, touches },
  apply: (world) => withEnv(world, { LANG: tag, LC_ALL: tag }),
});
const speak = (name: string, tag: string, touches: readonly string[]) => tagged(name, `${tag}.UTF-8`, touches);
const zone = (name: string, TZ: string): Change => ({
  ...{ name, touches: ['tz'] },
  apply: (world) => withEnv(world, { TZ }),
});

export const ZONE_CHANGES: readonly Change[] = [
  zone('another time zone', 'Asia/Tokyo'),
  speak('German', 'de_DE', ['locale']),
  speak('Estonian', 'et_EE', ['words', 'locale']),
];

/** Some are told apart only from the ones before them: the names of the zones are the same, and so is that of the locale. */
export const ODD_CHANGES: readonly Change[] = [
  zone('a zone without a name', 'FOO-11'),
  zone('another zone without a name', 'BAR-9'),
  tagged('German as in a phone book', 'de-DE-u-co-phonebk', ['words', 'locale']),
  speak('Turkish', 'tr_TR', ['case', 'locale']),
];
