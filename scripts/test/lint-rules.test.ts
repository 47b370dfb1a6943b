import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../shell/root.mjs';
import { capture } from '../shell/run.mjs';
import { toolFile } from '../shell/tool.mjs';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-lint-rules-'));
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lints a text as if it stood in that file, with the repository's own configuration. */
async function lint(path: string, text: string): Promise<string> {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  const biome = toolFile('@biomejs/biome', 'biome');
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=50', path];
  const { output } = await capture(process.execPath, [biome, ...args], { cwd: folder });
  return output;
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `  count(${index});\n`).join('');
const functionOf = (count: number) => `export function long(count: (n: number) => void): void {\n${lines(count)}}\n`;
const fileOf = (count: number) => Array.from({ length: count }, (_, i) => `export const v${i} = ${i};\n`).join('');

it('lint refuses a function of more than 40 lines', async () => {
  expect(await lint('src/long.ts', functionOf(41))).toContain('noExcessiveLinesPerFunction');
  expect(await lint('src/short.ts', functionOf(30))).not.toContain('noExcessiveLinesPerFunction');
});

it('lint refuses a file of more than 400 lines, a test of more than 600', async () => {
  expect(await lint('src/long-file.ts', fileOf(401))).toContain('noExcessiveLinesPerFile');
  expect(await lint('src/short-file.ts', fileOf(399))).not.toContain('noExcessiveLinesPerFile');
  expect(await lint('test/long.test.ts', fileOf(599))).not.toContain('noExcessiveLinesPerFile');
  expect(await lint('test/longer.test.ts', fileOf(601))).toContain('noExcessiveLinesPerFile');
});

it('lint refuses files that import each other, even if only for a type', async () => {
  await lint('src/parent.ts', `import type { Child } from './child.ts';\nexport type Parent = { child: Child };\n`);
  const child = `import type { Parent } from './parent.ts';\nexport type Child = { parent: Parent };\n`;
  expect(await lint('src/child.ts', child)).toContain('noImportCycles');
});

it('lint refuses the console in the sources of core alone', async () => {
  const text = 'export const warn = console.warn;\n';
  expect(await lint('packages/core/src/warn.ts', text)).toContain('noRestrictedGlobals');
  expect(await lint('packages/cli/src/warn.ts', text)).not.toContain('noRestrictedGlobals');
  expect(await lint('packages/core/test/warn.ts', text)).not.toContain('noRestrictedGlobals');
});

it('lint refuses any, ignored type errors and unused imports', async () => {
  const text = `import { join } from 'path';\n// @ts-ignore\nexport const value: any = 1;\n`;
  const output = await lint('src/loose.ts', text);
  for (const rule of ['noExplicitAny', 'noTsIgnore', 'noUnusedImports', 'useNodejsImportProtocol']) {
    expect(output).toContain(rule);
  }
});
