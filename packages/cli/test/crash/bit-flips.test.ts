import { appendFileSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expectCode, expectNoStack } from '../support/project.ts';
import type { TestStore } from '../support/stores.ts';
import { CrashProject } from './crash-project.ts';

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
    const { store } = project;
    const sound = new Map(store.keys().map((key) => [key, Buffer.from(store.read(key) ?? '')]));
    const chosen = spread([...sound.keys()], fewOf(store));
    const tally: Record<'healed' | 'refused', string[]> = { healed: [], refused: [] };
    for (const key of chosen) {
      store.empty();
      for (const [name, bytes] of sound) store.write(name, name === key ? flipped(bytes) : bytes);
      breaking.age();
      tally[await goOn(breaking, key)].push(key);
    }
    const { healed, refused } = tally;
    const shown = { tried: chosen.length, healed: healed.length, refused: refused.length, of: refused };
    if (process.env.VARVE_CRASHES_TABLE)
      appendFileSync(process.env.VARVE_CRASHES_TABLE, `${store.name.padEnd(6)} bit flips ${JSON.stringify(shown)}\n`);
    expect(healed.length + refused.length).toBe(chosen.length);
    expect(chosen.length).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

/** How many objects to damage. A run over a network is slow: there it is a sample. */
function fewOf({ wire }: TestStore): number {
  if (Number(CRASHES) > 0) return Number(CRASHES);
  if (CRASHES === 'all') return wire === undefined ? Number.POSITIVE_INFINITY : 10;
  return wire === undefined ? 4 : 1;
}

function spread(objects: readonly string[], few: number): string[] {
  if (few >= objects.length) return [...objects];
  return objects.filter((_, i) => i % Math.ceil(objects.length / few) === 1);
}

/** A bit in the middle of an object is another: in a batch, that is in its artifacts or events. */
function flipped(sound: Buffer): Buffer {
  const bytes = Buffer.from(sound);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
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
