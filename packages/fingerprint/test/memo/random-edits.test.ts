import { createLoader } from '@varve/loader';
import { Random } from '@varve/test-support';
import { expect, test, vi } from 'vitest';
import { createFingerprinter } from '../../src/index.ts';
import { makeProject } from '../project.ts';
import { changeExtras, dress, type Extras } from '../property/dress.ts';
import { editProgram } from '../property/edit.ts';
import { makeProgram, printProgram } from '../property/program.ts';

/** Number of edits: `VARVE_FP_EDITS=10000` for a long run. `VARVE_FP_SEED` selects other edits. */
const EDITS = Number(process.env.VARVE_FP_EDITS ?? 96);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const EDITS_A_PROGRAM = 12;
const STEPS = ['step0', 'step1', 'step2', 'step3', 'step4'];

const linking = vi.hoisted(() => ({ whole: 0, part: 0 }));

vi.mock('../../src/slice/fingerprint-steps.ts', async (original) => {
  const actual = await original<typeof import('../../src/slice/fingerprint-steps.ts')>();
  const fingerprintSteps: typeof actual.fingerprintSteps = (...inputs) => {
    linking.whole++;
    return actual.fingerprintSteps(...inputs);
  };
  const fingerprintNetwork: typeof actual.fingerprintNetwork = (...inputs) => {
    linking.part++;
    return actual.fingerprintNetwork(...inputs);
  };
  return { ...actual, fingerprintSteps, fingerprintNetwork };
});

/** The way in which the last fingerprints were made, by the count of links before. */
function wayOf(before: typeof linking): 'patched' | 'relinked' | 'linked' {
  if (linking.whole > before.whole) return 'linked';
  return linking.part > before.part ? 'relinked' : 'patched';
}

test('after random edits, fingerprints made from cached ones are equal to new ones', {
  timeout: 3_600_000,
}, async () => {
  const project = makeProject({});
  const [loader, cacheDir] = [createLoader(), project.path('.varve/cache')];
  const count = { edits: 0, notLoaded: 0, same: 0, patched: 0, relinked: 0, linked: 0 };
  for (let seed = SEED; count.edits < EDITS; seed++) {
    const random = new Random(seed);
    const extras: Extras = new Map();
    let program = makeProgram(random);
    let last: readonly string[] = [];
    for (let i = 0; i <= EDITS_A_PROGRAM; i++) {
      project.write(dress(printProgram(program), extras, random, seed % 3));
      const graph = await loader.compile(project.path('flow.ts')).then(
        (found) => found.graph,
        () => undefined,
      );
      if (graph) {
        const fresh = await createFingerprinter().fingerprint(graph, 'Example', STEPS);
        const before = { ...linking };
        const kept = await createFingerprinter({ cacheDir }).fingerprint(graph, 'Example', STEPS);
        expect(kept, `seed ${seed}, edit ${i}`).toEqual(fresh);
        const codes = fresh.map(({ code }) => code);
        count[wayOf(before)]++;
        if (codes.join() === last.join()) count.same++;
        last = codes;
      } else count.notLoaded++;
      if (i > 0) count.edits++;
      const kind = random.next();
      if (kind < 0.4) changeExtras(random, extras);
      else if (kind < 0.9) program = editProgram(random, program);
    }
  }
  if (process.env.VARVE_FP_EDITS) console.info(count);
  // Otherwise the test would compare linking with itself.
  expect(count.patched).toBeGreaterThan(count.edits / 10);
  expect(count.relinked).toBeGreaterThan(count.edits / 10);
});
