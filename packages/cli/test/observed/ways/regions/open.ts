import type { Row } from '../../harness/row.ts';
import { type Change, withEnv } from '../../harness/world.ts';
import { says } from '../env.ts';

const returns = (expression: string) =>
  `const at = 1_700_000_000_000;\nexport async function look(): Promise<unknown> { return String(${expression}); }`;

/** What dates say, and their parts: the `hour`, and the `name` of the zone as it is printed. */
export const UNNAMED_ZONE_ROWS: readonly Row[] = [
  ...[
    'new Date(at).getHours()',
    'new Date(at).getTimezoneOffset()',
    'new Date(2024, 0, 1).getTime()',
    `Date.parse('2024-01-01 00:00')`,
    'new Date(at).setHours(0, 0, 0, 0)',
    `new Date(at).toLocaleTimeString('en-GB')`,
    `new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format(at)`,
    `Intl.DateTimeFormat('en', { hour: 'numeric' }).formatToParts(at)[0]?.value`,
  ].map((way) => says('time zone', way, ['hour'], returns(way), { may: ['name', 'tz'] })),
  ...[
    'new Date(at)',
    'new Date(at).toTimeString()',
    `new Intl.DateTimeFormat('en', { timeStyle: 'full' }).format(at)`,
    `new Date(at).toLocaleString('en', { timeZoneName: 'long' })`,
  ].map((way) => says('time zone', way, ['hour', 'name'], returns(way), { may: ['tz'] })),
  says('no zone', 'toISOString', [], returns('new Date(at).toISOString()')),
];

const zone = (tz: string, touches: readonly string[]): Change => ({
  ...{ name: `the zone '${tz}'`, touches },
  apply: (world) => withEnv(world, { TZ: tz }),
});

/** From `JST-9`. */
export const FROM_UNNAMED: readonly Change[] = [
  zone('UTC', ['hour']),
  zone('', ['hour']),
  zone('Nowhere/X', ['hour']),
  zone('EST5', ['hour']),
  zone('<-05>5', ['hour']),
  zone(':America/Lima', ['hour']),
  zone('Asia/Tokyo', ['name']),
];

/** From `UTC`. */
export const FROM_UTC: readonly Change[] = [zone('', ['name']), zone('Nowhere/X', ['name']), zone('GMT', ['name'])];

/** Arguments that leave the locale open: none is named, or none that is known. */
const OPEN = [
  '',
  'undefined',
  '[]',
  '{ length: 0 } as any',
  '5 as any',
  `'xx'`,
  `['zz', 'xx']`,
  `'und'`,
  `new Intl.Locale('xx')`,
];
/** What takes no list of those known, but any tag. */
const NONE_NAMED = ['', 'undefined', '[]', '{ length: 0 } as any', '5 as any', 'new Array(0)'];
const more = (given: string, rest: string) => (rest === '' ? given : `${given || 'undefined'}, ${rest}`);

const USES: readonly ((locales: string) => string)[] = [
  (locales) => `(1234.5).toLocaleString(${locales})`,
  (locales) => `[1234.5].toLocaleString(${locales})`,
  (locales) => `new Intl.NumberFormat(${locales}).format(1234.5)`,
  (locales) => `Intl.DateTimeFormat(${more(locales, `{ timeZone: 'UTC' }`)}).format(at)`,
  (locales) => `new Date(at).toLocaleDateString(${more(locales, `{ timeZone: 'UTC' }`)})`,
  (locales) => `new Intl.PluralRules(${locales}).resolvedOptions().locale`,
  (locales) => `new Intl.Collator(${locales}).resolvedOptions().locale`,
  (locales) => `new Intl.DisplayNames(${more(locales, `{ type: 'region' }`)}).of('DE')`,
];

const uses = (way: string) => says('locale', way, ['locale'], returns(way));
/** V8 asks for the locale of the process only for a list that is empty, and not where there is none. */
const cases = (way: string, isList: boolean) =>
  says('locale', way, isList ? ['case'] : [], returns(way), { may: ['locale', 'case'] });
const words = (way: string) => says('locale', way, ['words'], returns(way), { may: ['locale', 'case'] });

export const OPEN_LOCALE_ROWS: readonly Row[] = [
  ...USES.flatMap((use) => OPEN.map((locales) => uses(use(locales)))),
  ...NONE_NAMED.flatMap((locales) => [
    cases(`'I'.toLocaleLowerCase(${locales})`, /\[|\{|Array/.test(locales)),
    cases(`'i'.toLocaleUpperCase(${locales})`, /\[|\{|Array/.test(locales)),
  ]),
  ...OPEN.map((locales) => words(`['z', 't', 'õ'].sort((a, b) => a.localeCompare(${more('b', locales)})).join()`)),
  says('no locale', 'a tag', [], returns(`(1234.5).toLocaleString('fr')`)),
  says('no locale', 'a list', [], returns(`(1234.5).toLocaleString(['xx', 'fr'])`)),
  says('no locale', 'a tag for a case', [], returns(`'I'.toLocaleLowerCase('xx')`)),
];

const speak = (tag: string, touches: readonly string[]): Change => ({
  ...{ name: `the locale ${tag}`, touches },
  apply: (world) => withEnv(world, { LANG: `${tag}.UTF-8`, LC_ALL: `${tag}.UTF-8` }),
});

export const LOCALE_CHANGES: readonly Change[] = [
  speak('tr_TR', ['locale', 'case']),
  speak('et_EE', ['locale', 'words']),
];
