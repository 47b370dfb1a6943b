import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { expectCode, expectNoStack } from '../support/project.ts';
import { CrashProject, filesIn } from './crash-project.ts';

/** `all` damages every object, a number samples about so many. */
const CRASHES = process.env.VARVE_CRASHES ?? '';
const TIMEOUT_MS = 600_000;
const DAMAGED = /^VARVE_(MISSING_ARTIFACT|CORRUPT_ARTIFACT)$/;

it(
  'a flipped bit in the objects of a failed run gives no wrong value: resume repairs or reports it',
  async () => {
    const breaking = new CrashProject(true);
    await breaking.learn();
    breaking.reset();
    const { project } = breaking;
    project.write('fail', '');
    expectCode(await breaking.run(), 1);
    rmSync(project.path('fail'));
    const store = project.path('.varve/store');
    const sound = project.path('sound');
    cpSync(store, sound, { recursive: true });
    const objects = filesIn(sound)
      .map((file) => relative(sound, file))
      .filter((key) => !key.startsWith('~tmp') && !key.endsWith('.gitignore'))
      .sort();
    const chosen = CRASHES === 'all' ? objects : spread(objects, Number(CRASHES) || 4);
    const tally: Record<'healed' | 'refused', string[]> = { healed: [], refused: [] };
    for (const key of chosen) {
      rmSync(store, { recursive: true });
      cpSync(sound, store, { recursive: true, preserveTimestamps: true });
      flip(`${store}/${key}`);
      tally[await goOn(breaking, key)].push(key);
    }
    const { healed, refused } = tally;
    const shown = { tried: chosen.length, healed: healed.length, refused: refused.length, of: refused };
    if (process.env.VARVE_CRASHES_TABLE)
      appendFileSync(process.env.VARVE_CRASHES_TABLE, `bit flips        ${JSON.stringify(shown)}\n`);
    expect(healed.length + refused.length).toBe(chosen.length);
    expect(chosen.length).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

function spread(objects: readonly string[], few: number): string[] {
  return objects.filter((_, i) => i % Math.ceil(objects.length / few) === 1);
}

/** Flips a bit in the middle of an object: in a batch, that is in its artifacts or events. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

async function goOn(breaking: CrashProject, key: string): Promise<'healed' | 'refused'> {
  for (const run of await breaking.read()) breaking.expectRight(run, DAMAGED);
  const list = expectCode(await breaking.project.varve(['list']), 0);
  expectNoStack(list);
  const resumed = await breaking.resume();
  expectNoStack({ ...resumed, stdout: '' });
  if (resumed.code === 0) {
    const [run] = await breaking.read();
    breaking.expectRight(run, DAMAGED);
    expect(run?.status, key).toBe('succeeded');
    return 'healed';
  }
  expect(resumed.stderr, key).toMatch(/VARVE_(CORRUPT|MISSING|NOTHING_TO_RESUME|NO_RUN|STORE)[A-Z_]*/);
  expectCode(await breaking.run(), 0);
  await breaking.expectComplete();
  return 'refused';
}
