import { createLoader } from '@varve/loader';
import { expect, test, vi } from 'vitest';
import { createFingerprinter } from '../src/index.ts';
import { makeProject } from './project.ts';
import { editProgram } from './property/edit.ts';
import { makeProgram, printProgram } from './property/program.ts';
import { Random } from './property/random.ts';

/** `VARVE_FP_EDITS=10000` for a long run, `VARVE_FP_SEED` for another one. */
const EDITS = Number(process.env.VARVE_FP_EDITS ?? 96);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const EDITS_A_PROGRAM = 12;
const STEPS = ['step0', 'step1', 'step2', 'step3', 'step4'];

const linking = vi.hoisted(() => ({ whole: 0, part: 0 }));

vi.mock('../src/link/fingerprint-step.ts', async (original) => {
  const actual = await original<typeof import('../src/link/fingerprint-step.ts')>();
  const fingerprintSteps: typeof actual.fingerprintSteps = (...given) => {
    linking.whole++;
    return actual.fingerprintSteps(...given);
  };
  const fingerprintNetwork: typeof actual.fingerprintNetwork = (...given) => {
    linking.part++;
    return actual.fingerprintNetwork(...given);
  };
  return { ...actual, fingerprintSteps, fingerprintNetwork };
});

type Texts = Readonly<Record<string, string>>;

/** The same program with code about which there is something to say, and with lines that move. */
function dress(files: Texts, random: Random, withProject: boolean): Texts {
  const dressed = Object.entries(files).map(([name, text]) => {
    const told = text
      .replaceAll('(globalThis.shared_a ?? 4)', '(Number(process.env.SHARED) || Date.now() % 2 || 4)')
      .replaceAll('(globalThis.shared_b ?? 4)', withProject ? `Number(eval('4'))` : 'Math.random()');
    return [
      name,
      told
        .split('\n')
        .map((line) => move(line, random))
        .join('\n'),
    ];
  });
  return Object.fromEntries(dressed);
}

function move(line: string, random: Random): string {
  if (random.chance(0.03)) return `// ${random.next()}\n${line}`;
  return random.chance(0.02) ? line.replace(' return ', '\n return ') : line;
}

test('fingerprints made from those before an edit are those made from nothing', { timeout: 3_600_000 }, async () => {
  const project = makeProject({});
  const [loader, cacheDir] = [createLoader(), project.path('.varve/cache')];
  const count = { edits: 0, same: 0, patched: 0, relinked: 0 };
  for (let seed = SEED; count.edits < EDITS; seed++) {
    const random = new Random(seed);
    let program = makeProgram(random);
    let last: string[] = [];
    for (let i = 0; i <= EDITS_A_PROGRAM; i++) {
      const files = dress(printProgram(program), random, seed % 3 === 0);
      project.write(files);
      const { graph } = await loader.compile(project.path('flow.ts'));
      const fresh = await createFingerprinter().fingerprint(graph, 'Example', STEPS);
      const linked = { ...linking };
      const kept = await createFingerprinter({ cacheDir }).fingerprint(graph, 'Example', STEPS);
      expect(kept, `seed ${seed}, edit ${i}`).toEqual(fresh);
      const codes = fresh.map(({ code }) => code);
      const changes = codes.some((code, s) => code !== last[s]);
      if (i > 0) {
        count.edits++;
        if (!changes) count.same++;
        else if (linking.part > linked.part) count.relinked++;
        else if (linking.whole === linked.whole) count.patched++;
      }
      last = codes;
      program = random.chance(0.2) ? program : editProgram(random, program);
    }
  }
  if (process.env.VARVE_FP_EDITS) console.info(count);
  // Else it would only be shown that linking gives what linking gives.
  expect(count.patched).toBeGreaterThan(count.edits / 10);
  expect(count.relinked).toBeGreaterThan(count.edits / 20);
});
