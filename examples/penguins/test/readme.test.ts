import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const EXAMPLE = new URL('../', import.meta.url);

/** Strips comments and layout. */
function bare(code: string): string {
  return code.replace(/\/\*\*.*?\*\/|\/\/[^\n]*/gs, '').replace(/\s+/g, '');
}

test('the README of varve shows the flow Penguins as it is', async () => {
  const readme = await readFile(new URL('../../README.md', EXAMPLE), 'utf8');
  const shown = /```ts\n(.*?class Penguins.*?)```/s.exec(readme)?.[1] ?? '';
  expect(bare(shown)).toBe(bare(await readFile(new URL('penguins.ts', EXAMPLE), 'utf8')));
});
