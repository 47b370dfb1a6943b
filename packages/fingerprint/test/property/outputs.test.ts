import { Random } from '@varve/test-support';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { editProgram } from './edit.ts';
import { makeProgram, printProgram } from './program.ts';
import { openProgramRunner } from './versions.ts';

/** Number of edits: `VARVE_FP_EDITS=10000` for a long run. `VARVE_FP_SEED` selects other edits. */
const EDITS = Number(process.env.VARVE_FP_EDITS ?? 240);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const EDITS_A_PROGRAM = 8;

const runner = openProgramRunner();
afterAll(() => runner.close());

test('a random edit that changes the output of a step changes its fingerprint', { timeout: 3_600_000 }, async () => {
  const count = { edits: 0, outputs: 0, codes: 0, steps: 0 };
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    const random = new Random(seed);
    const program = makeProgram(random);
    const before = await runner.make(printProgram(program));
    for (let i = 0; i < EDITS_A_PROGRAM; i++) {
      const files = printProgram(editProgram(random, program));
      const after = await runner.make(files);
      // A flow that cannot be loaded has no results to cache.
      const isLoaded = ![...before.outputs, ...after.outputs].some((output) => output.startsWith('not loaded'));
      const changed = before.outputs.flatMap((output, s) => (output === after.outputs[s] || !isLoaded ? [] : [s]));
      const keyed = before.codes.flatMap((code, s) => (code === after.codes[s] ? [] : [s]));
      count.edits++;
      count.outputs += changed.length;
      count.codes += keyed.length;
      count.steps += before.codes.length;
      expect({
        missed: changed.filter((s) => !keyed.includes(s)),
        seed,
        i,
        before: printProgram(program),
        files,
      }).toMatchObject({ missed: [] });
    }
  });
  await fc.assert(property, { numRuns: Math.ceil(EDITS / EDITS_A_PROGRAM), seed: SEED, endOnFailure: true });
  expect(count.outputs).toBeGreaterThan(count.edits / 4);
  // Fingerprints that always change would pass as well.
  expect(count.codes).toBeLessThan(count.steps * 0.9);
  if (process.env.VARVE_FP_EDITS) console.info(count);
});
