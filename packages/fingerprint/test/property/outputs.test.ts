import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { editProgram } from './edit.ts';
import { makeProgram, printProgram } from './program.ts';
import { Random } from './random.ts';
import { openWorkshop } from './versions.ts';

/** Edits in all; `VARVE_FP_EDITS=10000` for a long run, `VARVE_FP_SEED` for another one. */
const EDITS = Number(process.env.VARVE_FP_EDITS ?? 240);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const EDITS_A_PROGRAM = 8;

const workshop = openWorkshop();
afterAll(() => workshop.close());

test('a step whose output an edit changes has another fingerprint', { timeout: 3_600_000 }, async () => {
  const count = { edits: 0, outputs: 0, codes: 0, steps: 0 };
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    const random = new Random(seed);
    const program = makeProgram(random);
    const before = await workshop.make(printProgram(program));
    for (let i = 0; i < EDITS_A_PROGRAM; i++) {
      const files = printProgram(editProgram(random, program));
      const after = await workshop.make(files);
      // A flow that cannot be loaded has no results: nothing of it is kept.
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
  // Not all of the fingerprints change all of the time: that would pass, too.
  expect(count.codes).toBeLessThan(count.steps * 0.9);
  if (process.env.VARVE_FP_EDITS) console.info(count);
});
