import fc from 'fast-check';
import { dirOf, type NamedRow, nameRows, type Row, varOf } from '../harness/row.ts';
import { type World, withEnv, withFiles } from '../harness/world.ts';
import { ACCESSES, type Target } from './access.ts';
import { ENV_EXPRESSIONS } from './env.ts';
import { CALL_ROWS, FOLDER_CALLS } from './file-calls.ts';
import { NAME_ROWS } from './names.ts';
import { PLACE_ROWS } from './places.ts';
import { ZONE_ROWS } from './zone.ts';

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
/** The locale is left out: a process reads it once, and all these runs share one. */
const ZONED = ZONE_ROWS.filter(({ reads }) => !reads.includes('locale'));
const WRITTEN = [...ENV_EXPRESSIONS, ...CALL_ROWS, ...FOLDER_CALLS, ...NAME_ROWS, ...ZONED];

/** A read composed of a way to reach the function, what it reads, and where in the flow; or one of those written out. */
const anyRow: fc.Arbitrary<Row> = fc.oneof(
  fc.constantFrom(...WRITTEN),
  fc
    .record({
      access: fc.constantFrom(...ACCESSES),
      target: fc.constantFrom(...TARGETS),
      place: fc.option(fc.constantFrom(...PLACES)),
    })
    .map(({ access, target, place }) => {
      const { members, top, steps } = place ?? {};
      const placed = { ...(members && { members }), ...(top && { top }), ...(steps && { steps }) };
      const calls = access.calls && target.name === 'env' ? (ACCESSES[0] ?? access) : access;
      const way = `${calls.way} of ${target.name} ${place?.way ?? ''}`;
      return { input: target.from, way, reads: target.reads, ...placed, ...calls.write(target) };
    }),
);

/** A flow of random reads. */
export const anyRows: fc.Arbitrary<readonly NamedRow[]> = fc
  .array(anyRow, { minLength: 20, maxLength: 40, size: 'max' })
  .map((rows) => nameRows(rows));

/** One edit of what one row reads: a file or a variable, and what it becomes; `undefined` when it goes. */
export interface AmbientEdit {
  /** The zone is that of all rows. */
  readonly row: number;
  readonly kind: 'a file' | 'a missing file' | 'a file below' | 'another file' | 'a variable' | 'the zone';
  readonly text: string | undefined;
}

export const anyEdits: fc.Arbitrary<readonly AmbientEdit[]> = fc.array(
  fc.record({
    row: fc.nat(39),
    kind: fc.constantFrom(
      'a file' as const,
      'a missing file' as const,
      'a file below' as const,
      'another file' as const,
      'a variable' as const,
      'the zone' as const,
    ),
    text: fc.constantFrom('first: one\nsecond: two\n', 'first: six\nsecond: two\n', 'x\n', '', undefined),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

const ZONES = ['UTC', 'Asia/Tokyo', 'America/New_York'];

/** Changes the world of a row. */
export function edited(world: World, { kind, text }: AmbientEdit, id: string): World {
  if (kind === 'a variable') return withEnv(world, { [varOf(id)]: text });
  if (kind === 'the zone') return withEnv(world, { TZ: ZONES[(text ?? '').length % ZONES.length] });
  const names = {
    'a file': 'a.txt',
    'a missing file': 'late.txt',
    'a file below': 'sub/new.txt',
    'another file': 'b.txt',
  };
  return withFiles(world, { [`${dirOf(id)}/${names[kind]}`]: text });
}
