import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const EXAMPLE = new URL('../', import.meta.url);

it.each(['src/channel.ts', 'src/index.ts', 'src/worker.ts'])(
  'the guide on runners shows %s of the example as it is',
  async (file) => {
    const page = await readFile(new URL('../../docs/write-a-plugin/runner.md', EXAMPLE), 'utf8');
    expect(page).toContain(await readFile(new URL(file, EXAMPLE), 'utf8'));
  },
);
