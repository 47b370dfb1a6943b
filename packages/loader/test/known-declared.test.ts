import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';
import { tempProject } from './temp-project.ts';

const parsed = vi.hoisted(() => [] as string[]);
vi.mock('oxc-parser', async (original) => {
  const parser = await original<typeof import('oxc-parser')>();
  const parseSync: typeof parser.parseSync = (name, source, options) => {
    parsed.push(source);
    return parser.parseSync(name, source, options);
  };
  return { ...parser, parseSync };
});

beforeEach(() => {
  parsed.length = 0;
});

const FILES = {
  'flow.ts': `import { table } from './lib.ts';\nexport const list = table;\n`,
  'lib.ts': 'export const table = new Map();\n',
};

test('a file whose text is known is not parsed again, by another process neither', async () => {
  const { path, write } = tempProject(FILES);
  const compile = () => createLoader({ cacheDir: path('cache') }).compile(path('flow.ts'));
  const first = await compile();
  expect(parsed).toHaveLength(2);
  const again = await compile();
  expect(parsed).toHaveLength(2);
  expect(again.code).toBe(first.code);
  write({ 'lib.ts': 'export const table = new Map(), other = 1;\n' });
  const edited = await compile();
  expect(parsed).toHaveLength(3);
  expect(edited.code).toMatch(/\bother: .*=> other/);
  write(FILES);
  expect((await compile()).code).toBe(first.code);
  expect(parsed).toHaveLength(3);
});

test('the same text counts anew in another place and as another language', async () => {
  const { path } = tempProject({
    'one/a.ts': `import d from './d.json' with { type: 'json' };\nexport { d };\n`,
    'two/a.ts': `import d from './d.json' with { type: 'json' };\nexport { d };\n`,
    'one/d.json': '1',
    'two/d.json': '2',
  });
  const compile = (file: string) => createLoader({ cacheDir: path('cache') }).compile(path(file));
  await compile('one/a.ts');
  expect((await compile('two/a.ts')).code).toContain(`variables?.(${JSON.stringify(path('two/d.json'))}`);
});

test.each([
  ['cut off', (text: string) => text.slice(0, -5)],
  ['changed', (text: string) => text.replace('"table"', '"tampered"')],
  ['empty', () => ''],
])('answers that are damaged are found again: %s', async (_, damage) => {
  const { path } = tempProject(FILES);
  const cacheDir = path('cache');
  const compile = () => createLoader({ cacheDir }).compile(path('flow.ts'));
  const first = await compile();
  const [name = ''] = readdirSync(cacheDir);
  writeFileSync(join(cacheDir, name), damage(readFileSync(join(cacheDir, name), 'utf8')));
  expect((await compile()).code).toBe(first.code);
  expect(parsed).toHaveLength(4);
  await compile();
  expect(parsed).toHaveLength(4);
});

test('a folder that cannot be written costs time and nothing else', async () => {
  const { path } = tempProject({ ...FILES, cache: 'a file' });
  const loader = createLoader({ cacheDir: path('cache') });
  const first = await loader.compile(path('flow.ts'));
  expect((await loader.compile(path('flow.ts'))).code).toBe(first.code);
  expect(parsed).toHaveLength(2);
});
