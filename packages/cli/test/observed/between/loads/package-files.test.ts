import { describe, expect, it } from 'vitest';
import { CACHED, expectSameResults, session } from '../../harness/session.ts';

/** Files in a package's own folder, some where tools keep what is theirs. */
const FILES = [
  'data.txt',
  'deep/data.txt',
  '.conf/x',
  '.hidden/x',
  '.git/x',
  '.DS_Store',
  '.varve/x',
  'node_modules/.cache/x',
];

const READ = `const fs = require('node:fs'), path = require('node:path');
const files = ${JSON.stringify(FILES)}.map((name) => path.join(__dirname, name));
const read = () => files.map((file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '-')).join();
`;

/** When a package reads its files. */
const WHEN: Readonly<Record<string, string>> = {
  'in each call': `${READ}exports.look = () => read();\n`,
  'at load': `${READ}const text = read();\nexports.look = () => text;\n`,
  'in the first call': `${READ}let text;\nexports.look = () => (text ??= read());\n`,
};

/** How code reaches the package that reads. */
const THROUGH: Readonly<Record<string, (name: string) => string>> = {
  'at its top': (name) => `const inner = require('${name}');\nexports.look = () => inner.look();\n`,
  'in a call': (name) => `exports.look = () => require('${name}').look();\n`,
};

/** How a step loads the outermost package. */
const HOW: Readonly<Record<string, (name: string, at: number) => readonly [top: string, use: string]>> = {
  'a static import': (name, at) => [`import p${at} from '${name}';`, `p${at}.look()`],
  'a computed import()': (name) => ['', `(await import(['${name}'].join())).default.look()`],
};

interface Way {
  readonly way: string;
  readonly top: string;
  readonly use: string;
  readonly files: Readonly<Record<string, string>>;
  /** Folder of the package that reads. */
  readonly leaf: string;
}

const WAYS: readonly Way[] = Object.entries(WHEN)
  .flatMap(([when, reader]) =>
    [0, 1, 2].flatMap((depth) =>
      Object.entries(THROUGH).flatMap(([through, link]) =>
        Object.entries(HOW).flatMap(([how, load]) =>
          depth === 0 && through !== 'in a call' ? [] : [{ when, reader, depth, through, link, how, load }],
        ),
      ),
    ),
  )
  .map(({ when, reader, depth, through, link, how, load }, at) => {
    const nameOf = (level: number) => `w${at}-${level}`;
    const levels = Array.from({ length: depth + 1 }, (_, level) => level);
    const texts = levels.flatMap((level) => [
      [`node_modules/${nameOf(level)}/package.json`, `{ "name": "${nameOf(level)}", "version": "1.0.0" }\n`],
      [`node_modules/${nameOf(level)}/index.js`, level === depth ? reader : link(nameOf(level + 1))],
    ]);
    const [top, use] = load(nameOf(0), at);
    const way = `${how}, depth ${depth} ${through}, ${when}`;
    return { way, top, use, files: Object.fromEntries(texts), leaf: `node_modules/${nameOf(depth)}` };
  });

const placed = (file: string, text: string | undefined) =>
  Object.fromEntries(WAYS.map(({ leaf }) => [`${leaf}/${file}`, text]));

describe('files in the folder of a package that it reads itself', { timeout: 600_000 }, () => {
  it(`count, in ${WAYS.length} ways: ${FILES.join(', ')}`, async () => {
    const { run, edit, fresh } = session(
      WAYS.map(({ use }, at) => `  r${at}!: unknown;\n  @step() async s${at}() { this.r${at} = ${use}; }`).join('\n'),
      Object.assign({ 'package.json': '{ "type": "module" }\n' }, ...WAYS.map(({ files }) => files)),
      WAYS.map(({ top }) => top).join('\n'),
    );
    edit(placed('data.txt', 'one'));
    await run();
    const again = await run();
    expect(WAYS.filter((_, at) => again.status[`s${at}`] !== CACHED).map(({ way }) => way)).toEqual([]);
    for (const file of FILES) {
      edit(placed(file, 'two'));
      const now = await run();
      const right = await fresh();
      expectSameResults(now, right);
    }
    edit(placed('.hidden/x', undefined));
    expectSameResults(await run(), await fresh());
  });
});
