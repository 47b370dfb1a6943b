import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'varve';
import { afterAll, expect, test } from 'vitest';
import Hello from '../hello.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-hello-'));
const config = join(folder, 'varve.config.mjs');
writeFileSync(config, 'export default {};\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('Hello greets every guest, in order', async () => {
  const result = await run(Hello, {}, { config });
  expect(result.status).toBe('succeeded');
  expect(result.artifacts.letter).toBe('Hello, Ada!\nHello, Grace!\nHello, Edsger!');
});

test('Hello takes its guests from a parameter', async () => {
  const result = await run(Hello, { names: 'Barbara' }, { config });
  expect(result.tasks('greet').map((task) => task.label)).toEqual(['greet[Barbara]']);
  expect(result.artifacts.letter).toBe('Hello, Barbara!');
});
