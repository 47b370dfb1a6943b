import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProject, type Project } from './observed.ts';
import { calls, numbers, PATHS, RECORD, TREE } from './random-calls.ts';

let project: Project;
beforeAll(async () => {
  project = await openProject();
});
afterAll(() => project.close());

const EDITS: readonly ((file: string) => void)[] = [
  (file) => writeFileSync(file, 'other'),
  (file) => writeFileSync(file, 'longer than it was before'),
  (file) => mkdirSync(file),
  (file) => rmSync(file, { recursive: true }),
  (file) => symlinkSync('d/b.txt', file),
  (file) => symlinkSync('d', file),
];

it.each(Array.from({ length: 200 }, (_, seed) => seed))(
  'has other tokens when calls give another result (seed %i)',
  async (seed) => {
    const random = numbers(seed + 1e6);
    const code = `${RECORD}${calls(seed, 3, true)}`;
    project.reset(TREE);
    const before = await project.run(code);
    // Outside of a test this ends the task.
    if (JSON.stringify(before.result).includes('"uncaught"')) return;
    expect(before.unrecorded).toBeUndefined();
    expect(await project.look(before)).toEqual(before.tokens);
    for (let edit = 0; edit < 6; edit++) {
      const file = join(project.root, PATHS[random(PATHS.length - 1)] as string);
      change(file, random(3) === 0, EDITS[random(EDITS.length)]);
      const isHit = JSON.stringify(await project.look(before)) === JSON.stringify(before.tokens);
      if (isHit) expect((await project.run(code)).result).toEqual(before.result);
    }
  },
);

/** An edit that cannot be made there is none. */
function change(file: string, isInstead: boolean, edit: ((file: string) => void) | undefined): void {
  try {
    if (isInstead) rmSync(file, { recursive: true });
    edit?.(file);
  } catch {}
}
