import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const EXAMPLE = new URL('../', import.meta.url);

/** Strips the layout. */
function bare(code: string): string {
  return code.replace(/\s+/g, '');
}

test('the guide on testing shows the tests of Penguins as they are', async () => {
  const page = await readFile(new URL('../../docs/guide/testing.md', EXAMPLE), 'utf8');
  const code = bare(await readFile(new URL('test/steps.test.ts', EXAMPLE), 'utf8'));
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = '']) => block);
  const pieces = blocks.flatMap((block) => block.split(/\n\n|\n(?=import )/)).map(bare);
  expect(pieces.length).toBeGreaterThan(6);
  for (const piece of pieces) expect(code).toContain(piece);
});
