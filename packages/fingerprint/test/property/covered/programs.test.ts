import { Random } from '@varve/test-support';
import { expect, test } from 'vitest';
import { type Files, makeProject } from '../../project.ts';
import { makeLoadEffect, printLoadEffect } from '../load-effects.ts';
import { makeProgram, printProgram } from '../program.ts';
import { openCoveredRuns } from './covered-runs.ts';

/** Number of programs of each kind: `VARVE_FP_EDITS=10000` for a long run. `VARVE_FP_SEED` selects other programs. */
const PROGRAMS = Number(process.env.VARVE_FP_EDITS ?? 100);
const SEED = Number(process.env.VARVE_FP_SEED ?? 20261);
const CALLS = [0, 1, 2, 3, 4].map((i) => ({ step: `step${i}` }));

/** Runs programs and gathers what ran though it was not expected to. */
async function coverPrograms(make: (random: Random) => Files) {
  const project = makeProject({});
  const runs = openCoveredRuns();
  const count = { programs: 0, notLoaded: 0, ran: 0, loaded: 0 };
  const missed: unknown[] = [];
  for (let seed = SEED; count.programs < PROGRAMS; seed++) {
    const files = make(new Random(seed));
    project.write(files);
    const flow = { path: project.path('flow.ts'), name: 'Example', calls: CALLS, given: { rows: 7 } };
    const { failure, loaded, steps } = await runs.cover(flow);
    count.programs++;
    if (failure !== undefined) count.notLoaded++;
    count.loaded += loaded.ran.length;
    count.ran += steps.reduce((sum, { ran }) => sum + ran.length, 0);
    const found = [...steps, { step: 'while files are loaded', ...loaded }].filter((each) => each.missed.length > 0);
    for (const { step, missed: pieces } of found) missed.push({ seed, step, pieces, files });
  }
  if (process.env.VARVE_FP_EDITS) console.info(count);
  return { count, missed };
}

test('every function of a random program that runs in a step is in the slice of the step', {
  timeout: 3_600_000,
}, async () => {
  const { count, missed } = await coverPrograms((random) => printProgram(makeProgram(random)));
  expect(missed.slice(0, 5)).toEqual([]);
  expect(count.ran).toBeGreaterThan(count.programs * 5);
  expect(count.loaded).toBeGreaterThan(count.programs * 5);
});

test('every function that runs while the files of a program with load-time effects are loaded is known to', {
  timeout: 3_600_000,
}, async () => {
  const { count, missed } = await coverPrograms((random) => printLoadEffect(makeLoadEffect(random)));
  expect(missed.slice(0, 5)).toEqual([]);
  expect(count.ran).toBeGreaterThan(count.programs * 5);
  expect(count.loaded).toBeGreaterThan(count.programs);
});
