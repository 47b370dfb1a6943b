import fc from 'fast-check';
import { dirOf, type NamedRow, nameRows, type Row, varOf } from '../harness/row.ts';
import { type World, withEnv, withFiles } from '../harness/world.ts';
import { ACCESSES, type Target } from './access.ts';
import {
  COMPILER_ROWS,
  CONFIG_FILES,
  type ConfigFile,
  configsOf,
  configText,
  EXTENDING,
  type Options,
} from './compiler.ts';
import { ENV_EXPRESSIONS } from './env.ts';
import { CALL_ROWS, FOLDER_CALLS } from './file-calls.ts';
import { FOLDER, filled } from './files.ts';
import { NAME_ROWS } from './names.ts';
import { PLACE_ROWS } from './places.ts';
import { REGIONS, regionRow } from './regions/observed.ts';
import { WORD_ROWS, ZONE_ROWS } from './regions/zone.ts';

/** What may be read, by which function, of the folder and the variable of a row. */
const TARGETS: readonly (Target & { readonly reads: readonly string[] })[] = [
  read('fs', 'readFileSync', ['content'], (f) => `${f}('$DIR/a.txt', 'utf8')`),
  read('fs', 'readFileSync', ['late'], (f) => `${f}('$DIR/' + 'late.txt', 'utf8')`),
  read('fs/promises', 'readFile', ['content'], (f) => `await ${f}(process.cwd() + '/$DIR/a.txt', 'utf8')`),
  read('fs', 'existsSync', ['late'], (f) => `${f}('$DIR/late.txt')`),
  read('fs', 'statSync', ['content'], (f) => `${f}('$DIR/a.txt').size`),
  read('fs', 'readdirSync', ['names'], (f) => `${f}('$DIR').sort().join()`),
  read('fs', 'readdirSync', ['names', 'below'], (f) => `${f}('$DIR', { recursive: true }).sort().join()`),
  read('fs/promises', 'readdir', ['names'], (f) => `(await ${f}('$DIR')).sort().join()`),
  read('process', 'env', ['variable'], (env) => `${env}.$VAR`),
  read('process', 'env', ['variable'], (env) => `('$VAR' in ${env} ? ${env}['$VAR'] : 'none')`),
];

function read(from: string, name: string, reads: readonly string[], use: (f: string) => string) {
  const caught = (f: string) =>
    `await (async () => { try { return ${use(f)}; } catch (e) { return String(e.code); } })()`;
  return { from, name, reads, use: caught };
}

const PLACES = PLACE_ROWS.filter(({ way }) => way.startsWith('in ') && !/attempt|when/.test(way));
const WRITTEN = [...ENV_EXPRESSIONS, ...CALL_ROWS, ...FOLDER_CALLS, ...NAME_ROWS, ...ZONE_ROWS, ...WORD_ROWS];

/** A read composed of a way to reach the function, what it reads, and where in the flow; or one of those written out. */
const anyRow: fc.Arbitrary<Row> = fc.oneof(
  { arbitrary: fc.constantFrom(...WRITTEN), weight: 3 },
  {
    arbitrary: fc
      .record({
        access: fc.constantFrom(...ACCESSES),
        target: fc.constantFrom(...TARGETS),
        place: fc.option(fc.constantFrom(...PLACES)),
      })
      .map(({ access, target, place }) => {
        const calls = access.calls && target.name === 'env' ? (ACCESSES[0] ?? access) : access;
        const way = `${calls.way} of ${target.name} ${place?.way ?? ''}`;
        return { input: target.from, way, reads: target.reads, ...placedAt(place), ...calls.write(target) };
      }),
    weight: 3,
  },
  {
    arbitrary: fc
      .record({
        region: fc.constantFrom(...REGIONS),
        reach: fc.nat(99),
        use: fc.nat(99),
        place: fc.option(fc.constantFrom(...PLACES)),
      })
      .map(({ region, reach, use, place }) => {
        const row = regionRow(region, reach, use);
        return { ...row, way: `${row.way} ${place?.way ?? ''}`, ...placedAt(place) };
      }),
    weight: 2,
  },
  {
    arbitrary: fc
      .record({ row: fc.constantFrom(...COMPILER_ROWS.flat()), place: fc.option(fc.constantFrom(...PLACES)) })
      .map(({ row, place }) => ({ ...row, way: `${row.way} ${place?.way ?? ''}`, ...placedAt(place) })),
    weight: 1,
  },
);

function placedAt(place: Row | null): Partial<Row> {
  const { members, top, steps } = place ?? {};
  return { ...(members && { members }), ...(top && { top }), ...(steps && { steps }) };
}

/** A flow of random reads. */
export const anyRows: fc.Arbitrary<readonly NamedRow[]> = fc
  .array(anyRow, { minLength: 20, maxLength: 40, size: 'max' })
  .map((rows) => nameRows(rows));

/** What a row finds in its folder, and where its compiler options may come from. */
export function ownFiles({ id, input }: NamedRow): Readonly<Record<string, string>> {
  return { ...filled(FOLDER, dirOf(id)), ...(input === 'compiler' && configsOf(id)) };
}

/** Names in the folder of a row, by the kind of edit that changes them. */
const NAMES = {
  'a file': 'a.txt',
  'a missing file': 'late.txt',
  'a file below': 'sub/new.txt',
  'another file': 'b.txt',
} as const;
const KINDS = [...(Object.keys(NAMES) as (keyof typeof NAMES)[]), 'a variable', 'the zone', 'the locale', 'options'];

/** One edit of what one row reads, and what it becomes. */
export interface AmbientEdit {
  /** The zone and the locale are those of all rows. */
  readonly row: number;
  readonly kind: string;
  /** Of a file or a variable; `undefined` when it goes. */
  readonly text: string | undefined;
  /** Which zone or locale; what a config extends. */
  readonly pick: number;
  readonly options: Options;
  readonly config: ConfigFile;
}

/** Options that rows show, and some that change nothing. */
const anyOptions: fc.Arbitrary<Options> = fc.record(
  {
    target: fc.constantFrom('ES2021', 'es2022', 'ESNext', 'es6'),
    useDefineForClassFields: fc.boolean(),
    experimentalDecorators: fc.boolean(),
    jsx: fc.constantFrom('react', 'react-jsx', 'react-jsxdev'),
    jsxFactory: fc.constantFrom('h', 'g', 'React.createElement'),
    jsxFragmentFactory: fc.constantFrom('F', 'G'),
    jsxImportSource: fc.constantFrom('./one', './two'),
    paths: fc.constantFrom('a', 'b'),
    verbatimModuleSyntax: fc.boolean(),
    strict: fc.boolean(),
    alwaysStrict: fc.boolean(),
    lib: fc.constant(['ES2022']),
  },
  { requiredKeys: [] },
);

export const anyEdits: fc.Arbitrary<readonly AmbientEdit[]> = fc.array(
  fc.record({
    row: fc.nat(39),
    kind: fc.constantFrom(...KINDS),
    text: fc.constantFrom('first: one\nsecond: two\n', 'first: six\nsecond: two\n', 'x\n', '', undefined),
    pick: fc.nat(99),
    options: anyOptions,
    config: fc.constantFrom<ConfigFile[]>('own', 'own', 'base', 'base', 'above', 'other', 'installed', 'project'),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

const ZONES = ['UTC', 'Asia/Tokyo', 'America/New_York', 'FOO3', 'BAR-5', 'UTC0', ':Asia/Tokyo'];
/** Few, as each takes a process of its own. A tag of BCP 47 with an order, digits and a calendar of its own is taken, too. */
const LOCALES: readonly Readonly<Record<string, string | undefined>>[] = [
  { LC_ALL: 'en_US.UTF-8', LANG: 'en_US.UTF-8' },
  { LC_ALL: 'de_DE.UTF-8', LANG: 'en_US.UTF-8' },
  { LC_ALL: 'et_EE.UTF-8', LANG: 'de_DE.UTF-8' },
  { LC_ALL: 'tr_TR.UTF-8', LANG: 'en_US.UTF-8' },
  { LC_ALL: 'de-DE-u-co-phonebk', LANG: 'en_US.UTF-8' },
  { LC_ALL: 'de-DE-u-nu-arab-ca-buddhist', LANG: 'en_US.UTF-8' },
  { LC_ALL: undefined, LANG: 'ar_EG.UTF-8' },
];

/** Changes the world of some rows, and tells for which of them something may be different. */
export function edited(
  world: World,
  edit: AmbientEdit,
  rows: readonly NamedRow[],
): { readonly world: World; readonly touches: (row: NamedRow) => boolean } {
  const { kind, text, pick, row } = edit;
  const id = rows[row % rows.length]?.id ?? '';
  const own = (one: NamedRow) => one.id === id;
  const reading = (part: string) => (one: NamedRow) => [...one.reads, ...(one.may ?? [])].includes(part);
  switch (kind) {
    case 'options':
      return configured(world, edit, rows);
    case 'a variable':
      return { world: withEnv(world, { [varOf(id)]: text }), touches: own };
    case 'the zone':
      return { world: withEnv(world, { TZ: ZONES[pick % ZONES.length] }), touches: reading('tz') };
    case 'the locale':
      return { world: withEnv(world, LOCALES[pick % LOCALES.length] ?? {}), touches: reading('locale') };
    default:
      return {
        world: withFiles(world, { [`${dirOf(id)}/${NAMES[kind as keyof typeof NAMES]}`]: text }),
        touches: own,
      };
  }
}

/** Where the folder of a row lies, seen from a config. */
const WAY_TO: Readonly<Record<ConfigFile, (id: string) => string>> = {
  own: () => './',
  other: () => './',
  base: (id) => `../ts/${id}/`,
  above: (id) => `./${id}/`,
  project: (id) => `./ts/${id}/`,
  installed: (id) => `../../ts/${id}/`,
};

/** Sets the compiler options of a row by one of the files that they may come from. */
function configured(world: World, edit: AmbientEdit, rows: readonly NamedRow[]): ReturnType<typeof edited> {
  const { row, pick, config, text } = edit;
  const compiled = rows.filter(({ input }) => input === 'compiler');
  const id = compiled[row % Math.max(1, compiled.length)]?.id;
  if (id === undefined) return { world, touches: () => false };
  const isOfAll = config === 'above' || config === 'installed' || config === 'project';
  const changed = isOfAll ? compiled : compiled.filter((one) => one.id === id);
  // What happens while modules load belongs to all steps, and so do the options of the flow's own file.
  const isForAll = config === 'project' || changed.some(({ reads }) => reads.includes('load'));
  const touches = (one: NamedRow) => isForAll || changed.includes(one);
  const path = CONFIG_FILES[config](id);
  // What others extend stays.
  const isGone = text === undefined && config !== 'base' && config !== 'installed';
  const extending = config === 'own' ? EXTENDING(id)[pick % EXTENDING(id).length] : undefined;
  const content = isGone ? undefined : configText(optionsOf(edit, id), extending);
  return { world: withFiles(world, { [path]: content }), touches };
}

/** The decorators of the flow itself are standard ones. */
function optionsOf({ options, config }: AmbientEdit, id: string): Options {
  const { paths, experimentalDecorators, ...others } = options;
  const to = (path: string) => [`${WAY_TO[config](id)}${String(paths)}${path}`];
  return {
    ...others,
    ...(experimentalDecorators !== undefined && config !== 'project' && { experimentalDecorators }),
    ...(paths !== undefined && { paths: { [`it-${id}`]: to('.ts'), [`it-${id}/*`]: to('/*') } }),
  };
}
