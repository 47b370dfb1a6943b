import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFace } from '../house/faces.mjs';
import { checkFolders } from '../house/folders.mjs';
import { renderHouse, renderImports } from '../house/report.mjs';
import { checkHouse, surveyOf } from '../house/survey.mjs';

let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varve-house-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the limit of 15 source files a folder', () => {
  const filesOf = (folder: string, count: number) => Array.from({ length: count }, (_, i) => `${folder}/f${i}.ts`);

  it('does not count the index, nor what is in folders below', () => {
    expect(checkFolders([...filesOf('src/a', 15), 'src/a/index.ts', ...filesOf('src/a/deep', 15)])).toEqual([]);
  });

  it('names the folder, its count and the limit when there is one more', () => {
    const files = [...filesOf('test/run', 13), 'test/run/a.mts', 'test/run/b.mjs', 'test/run/c.js'];
    expect(checkFolders(files)).toEqual([
      {
        place: 'test/run',
        problem: 'holds 16 source files, at most 15 are allowed besides its index',
        remedy: expect.stringContaining('group them in sub-folders'),
      },
    ]);
  });

  it('leaves out what is installed, built, written by a run or data of a test', () => {
    for (const folder of ['node_modules', 'dist', '.varve', 'test/fixtures', 'test/golden']) {
      for (const file of filesOf(`packages/a/${folder}`, 16)) write(file, '');
    }
    for (const file of filesOf('packages/a/test', 16)) write(file, '');
    expect(checkHouse(surveyOf(root)).map(({ place }) => place)).toEqual(['packages/a/test']);
  });
});

describe('a face', () => {
  const problemsOf = (text: string) => checkFace('packages/a/src/index.ts', text).map(({ problem }) => problem);

  it.each([
    `/** Keeps artifacts in a folder. */\n\nexport { a } from './a.ts';`,
    `/**\n * Keeps artifacts in a folder,\n * and more. It is a store.\n */\n\nexport type { A } from './a.ts';`,
    `/** \`varve\` from code: runs flows. */\n\nimport { a } from './a.ts';\nexport const b = a;`,
  ])('begins with a sentence and names what it shows: %j', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    `export { a } from './a.ts';`,
    `export { a } from './a.ts';\n/** Keeps artifacts in a folder. */\nexport { b } from './b.ts';`,
    `// Keeps artifacts in a folder.\nexport { a } from './a.ts';`,
    `/* Keeps artifacts in a folder. */\nexport { a } from './a.ts';`,
    `/** store */\nexport { a } from './a.ts';`,
    `/** Store. */\nexport { a } from './a.ts';`,
    `/***/\n/** Keeps artifacts in a folder. */\nexport { a } from './a.ts';`,
  ])('is refused without a doc comment that holds a sentence on top: %j', (text) => {
    expect(problemsOf(text)).toEqual(['does not begin with a doc comment that holds a sentence']);
  });

  it.each([`export * from './b.ts';`, `export type * from './b.ts';`, `export * as b from './b.ts';`])(
    'is refused with a star: %s',
    (star) => {
      const text = `/** Keeps artifacts in a folder. */\n\nexport { a } from './a.ts';\n${star}\n`;
      expect(problemsOf(text)).toEqual([`exports * from './b.ts'`]);
    },
  );

  it('is every index of the sources of a package and every file behind its exports, nothing else', () => {
    const exports = { '.': { default: './dist/index.js' }, './worker': { default: './dist/worker.js' } };
    write('packages/a/package.json', JSON.stringify({ name: '@varve/a', exports }));
    for (const file of ['src/index', 'src/worker', 'src/deep/index', 'src/deep/worker', 'src/other', 'test/index']) {
      write(`packages/a/${file}.ts`, '');
    }
    write('examples/a/index.ts', '');
    const faces = ['deep/index', 'index', 'worker'].map((file) => `packages/a/src/${file}.ts`);
    expect(checkHouse(surveyOf(root)).map(({ place }) => place)).toEqual(faces);
  });
});

describe('the house', () => {
  beforeEach(() => {
    write('packages/core/package.json', JSON.stringify({ name: '@varve/core' }));
    write('packages/core/src/index.ts', `/** The engine of varve. */\n\nexport { run } from './run/loop/run.ts';\n`);
    write('packages/core/src/run/loop/run.ts', `import '../../contract/a.ts';\n\n\n`);
    write('packages/core/src/contract/a.ts', '');
    write('packages/core/test/a.test.ts', `import type { B } from './b.ts';\n`);
    write('packages/core/test/b.ts', '');
  });

  it('has no findings when it keeps the rules', () => {
    expect(checkHouse(surveyOf(root))).toEqual([]);
    expect(renderImports(surveyOf(root)).at(-1)).toBe('0 circles (types included) in 5 files');
  });

  it('is refused for circles and for imports that go up', () => {
    write('packages/core/test/b.ts', `import type { A } from './a.test.ts';\n`);
    write('packages/core/src/contract/a.ts', `import type { R } from '../run/loop/run.ts';\n`);
    expect(checkHouse(surveyOf(root)).map(({ place, problem }) => `${place} ${problem}`)).toEqual([
      `packages/core/src/contract/a.ts imports '../run/loop/run.ts': contract may not import run/loop`,
      'packages/core/src/contract/a.ts is in a circle of imports (2 in all): packages/core/src/contract/a.ts -> packages/core/src/run/loop/run.ts -> packages/core/src/contract/a.ts',
      'packages/core/test/a.test.ts is in a circle of imports (2 in all): packages/core/test/a.test.ts -> packages/core/test/b.ts -> packages/core/test/a.test.ts',
    ]);
    expect(renderImports(surveyOf(root))).toContain('2 circles (types included) in 5 files');
  });

  it('is reported with files, lines, what is largest, and imports', () => {
    write('packages/core/tsdown.config.ts', 'export default {};\n');
    const report = renderHouse(surveyOf(root)).replaceAll(/ +/g, ' ');
    expect(report).toContain(
      'sources: files and lines\n all 3 6\n packages/core 3 6\n packages/core/src/contract 1 0\n',
    );
    expect(report).toContain('tests: files and lines\n all 2 1\n packages/core 2 1\n');
    expect(report).toContain('longest source: packages/core/src/index.ts, 3 lines\n');
    expect(report).toContain('longest test: packages/core/test/a.test.ts, 1 lines\n');
    expect(report).toContain('fullest folder: packages/core/test, 2 files besides its index\n');
    expect(report).toContain('\n run/loop contract 1\n');
  });
});
