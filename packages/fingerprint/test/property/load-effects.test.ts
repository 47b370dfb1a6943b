import { Random } from '@varve/test-support';
import { afterAll, expect, test } from 'vitest';
import { editLoadEffect, makeLoadEffect, printLoadEffect } from './load-effects.ts';
import { openProgramRunner } from './versions.ts';

/** Number of edits: `VARVE_FP_EDITS=10000` for a long run. `VARVE_FP_SEED` selects other edits. */
const EDITS = Number(process.env.VARVE_FP_EDITS ?? 160);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const EDITS_A_PROGRAM = 4;

const runner = openProgramRunner({ freshWorkers: true });
afterAll(() => runner.close());

test('an edit of a load-time effect, however it is written, changes the fingerprint of the steps that see it', {
  timeout: 7_200_000,
}, async () => {
  const count = { edits: 0, outputs: 0, notLoaded: 0, needless: 0, wrong: 0 };
  const needless: Record<string, number> = {};
  const wrong: unknown[] = [];
  for (let seed = SEED; count.edits < EDITS; seed++) {
    const random = new Random(seed);
    const program = makeLoadEffect(random);
    const before = await runner.make(printLoadEffect(program));
    for (let i = 0; i < EDITS_A_PROGRAM; i++) {
      const edited = editLoadEffect(random, program);
      const after = await runner.make(printLoadEffect(edited));
      count.edits++;
      // A flow that cannot be loaded has no results to cache.
      if ([...before.outputs, ...after.outputs].some((output) => output.startsWith('not loaded'))) {
        count.notLoaded++;
        continue;
      }
      const changed = before.outputs.flatMap((output, s) => (output === after.outputs[s] ? [] : [s]));
      const keyed = before.codes.flatMap((code, s) => (code === after.codes[s] ? [] : [s]));
      const missed = changed.filter((s) => !keyed.includes(s));
      const idle = keyed.filter((s) => !changed.includes(s)).length;
      count.outputs += changed.length;
      count.needless += idle;
      needless[program.holder] = (needless[program.holder] ?? 0) + idle;
      if (missed.length === 0) continue;
      count.wrong++;
      wrong.push({ missed, seed, i, program, edited });
      if (process.env.VARVE_FP_WRONG) console.info(JSON.stringify(wrong.at(-1)));
    }
  }
  if (process.env.VARVE_FP_EDITS) console.info(count, needless);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(count.outputs).toBeGreaterThan(count.edits / 4);
  // Fingerprints that always change would pass as well.
  expect(count.outputs + count.needless).toBeLessThan(count.edits * 5 * 0.95);
});
