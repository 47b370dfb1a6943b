import type { Row } from '../harness/row.ts';
import { type Change, withEnv, withFiles } from '../harness/world.ts';
import { ACCESSES, type Access, someAccesses, type Target } from './access.ts';

/** What each row of files finds in its folder. */
export const FOLDER: Readonly<Record<string, string>> = {
  '$DIR/a.txt': 'first: one\nsecond: two\n',
  '$DIR/b.txt': 'nobody reads this\n',
  '$DIR/c.json': '{ "n": 1 }\n',
  '$DIR/sub/d.txt': 'deep\n',
  'to/$DIR/link.txt': '-> ../../../$DIR/a.txt',
};

interface Edit {
  readonly name: string;
  readonly touches: readonly string[];
  readonly files: Readonly<Record<string, string | undefined>>;
}

/**
 * Changes of a row's folder. Parts: `content`, `size` and `kind` of `a.txt`, `json` of `c.json`; `there` whether `a.txt`
 * exists, `late` whether `late.txt` does; `names` of the folder, `kinds` with their kinds, `tree` with those below;
 * `link` where `link.txt` points to, `linked` what is read through it.
 */
const EDITS: readonly Edit[] = [
  {
    name: 'a file edited, of the same size',
    touches: ['content', 'linked'],
    files: { '$DIR/a.txt': 'first: six\nsecond: two\n' },
  },
  {
    name: 'a file edited, of another size, and a JSON file',
    touches: ['content', 'linked', 'size', 'json'],
    files: { '$DIR/a.txt': 'first: longer\n', '$DIR/c.json': '{ "n": 2 }\n' },
  },
  {
    name: 'a file removed',
    touches: ['content', 'linked', 'size', 'kind', 'there', 'names', 'kinds', 'tree', 'real'],
    files: { '$DIR/a.txt': undefined },
  },
  {
    name: 'a missing file appears',
    touches: ['late', 'names', 'kinds', 'tree'],
    files: { '$DIR/late.txt': 'late\n' },
  },
  { name: 'a file added in the folder below', touches: ['tree'], files: { '$DIR/sub/new.txt': 'new\n' } },
  {
    name: 'a file becomes a folder',
    touches: ['content', 'linked', 'kind', 'size', 'kinds', 'tree'],
    files: { '$DIR/a.txt': undefined, '$DIR/a.txt/x': 'x\n' },
  },
  {
    name: 'a link points elsewhere',
    touches: ['link', 'linked', 'real'],
    files: { 'to/$DIR/link.txt': '-> ../../../$DIR/b.txt' },
  },
  {
    name: 'a file edited that nobody reads, and one added elsewhere',
    touches: ['other'],
    files: { '$DIR/b.txt': 'still nobody reads this\n', 'elsewhere.txt': 'new\n' },
  },
];

/** The same change in the folder of every row. */
export function fileChanges(dirs: readonly string[]): readonly Change[] {
  const edits = EDITS.map(({ name, touches, files }) => ({
    ...{ name, touches },
    apply: (world: Parameters<Change['apply']>[0]) =>
      dirs.reduce((changed, dir) => withFiles(changed, filled(files, dir)), world),
  }));
  const ambient = { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', UNREAD: 'x' };
  return [
    ...edits,
    { name: 'another zone, language and variable', touches: ['env'], apply: (world) => withEnv(world, ambient) },
  ];
}

/** Fills in the folder of a row, in names and contents. */
export function filled<T extends string | undefined>(
  files: Readonly<Record<string, T>>,
  dir: string,
): Record<string, T> {
  const fill = <U extends string | undefined>(text: U) => text?.replaceAll('$DIR', dir) as U;
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [fill(path), fill(text)]));
}

/** A row that looks with one function, reached in one way. */
function by(access: Access, input: string, reads: readonly string[], target: Target): Row {
  const called = target.name === 'env' ? '' : ` of ${target.name}`;
  return { input, way: `${access.way}${called}`, reads, ...access.write(target) };
}

/** Gives the code of an error as the result: a file may be gone. */
const target = (from: string, name: string, use: (f: string) => string): Target => ({
  ...{ from, name },
  use: (f) => `await (async () => { try { return ${use(f)}; } catch (error) { return String(error.code); } })()`,
});

/** The same read of a file, in every way to reach the function; other functions, read at other places of Node, in some. */
export const FILE_ACCESSES: readonly Row[] = [
  ...ACCESSES.map((access) =>
    by(
      access,
      'file',
      ['content'],
      target('fs', 'readFileSync', (f) => `${f}('$DIR/a.txt', 'utf8')`),
    ),
  ),
  ...someAccesses(0, 4).map((access) =>
    by(
      access,
      'file',
      ['content'],
      target('fs/promises', 'readFile', (f) => `await ${f}('$DIR/a.txt', 'utf8')`),
    ),
  ),
  ...someAccesses(2, 4).map((access) =>
    by(
      access,
      'stat',
      ['there', 'kind', 'size'],
      target('fs', 'statSync', (f) => `${f}('$DIR/a.txt').size`),
    ),
  ),
  ...someAccesses(3, 4).map((access) =>
    by(
      access,
      'absence',
      ['late'],
      target('fs', 'existsSync', (f) => `${f}('$DIR/late.txt')`),
    ),
  ),
];

export const FOLDER_ACCESSES: readonly Row[] = someAccesses(1, 3).map((access) =>
  by(
    access,
    'folder',
    ['names'],
    target('fs', 'readdirSync', (f) => `${f}('$DIR').sort().join()`),
  ),
);

/** A row with its own statements, whose last value is `result`. */
export function looks(
  input: string,
  way: string,
  reads: readonly string[],
  body: string,
  more: Partial<Row> = {},
): Row {
  const module = `import * as fs from 'node:fs';
import * as promises from 'node:fs/promises';
import * as path from 'node:path';
${more.module ?? ''}
export async function look(given?: any): Promise<unknown> {
  try {
${body}
  } catch (error) {
    return String((error as any).code ?? error);
  }
}`;
  return { ...more, input, way, reads, module };
}
