import { Random } from '@varve/test-support';
import { expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { sharedDesk } from './harness/desk.ts';
import { type ChangingEffect, changing } from './harness/effect.ts';
import { isKnownFault } from './harness/known-faults.ts';
import { runWorld, type SeenRun } from './harness/run-world.ts';
import { Stage } from './harness/world.ts';
import { CONFIGURED } from './ways/configured.ts';
import { PACKAGES } from './ways/packages.ts';
import { PATCHED } from './ways/patched.ts';
import { REGISTRIES } from './ways/registries.ts';

/** Number of edits; `VARVE_OBSERVED_EFFECTS=1000` makes a long run, `VARVE_OBSERVED_SEED` another one. */
const EDITS = Number(process.env.VARVE_OBSERVED_EFFECTS ?? 12);
const SEED = Number(process.env.VARVE_OBSERVED_SEED ?? 20_261_129);
/** Flows of one project, and edits of it. */
const FLOWS = 6;
const ROUNDS = 8;
const ZONES = ['UTC', 'Asia/Tokyo', 'America/New_York'];

const EFFECTS = changing([...REGISTRIES, ...CONFIGURED, ...PACKAGES, ...PATCHED]).filter(
  ({ kind, way }) => !isKnownFault(`${kind}: ${way}: edited -> miss`),
);

interface Counts {
  edits: number;
  cached: number;
  executed: number;
  /** Executed, though in this very state before; by kind and way. */
  readonly needless: Record<string, number>;
  readonly stale: string[];
}

it('effects of loading, randomly edited back and forth, give the same with cached results', {
  timeout: 7_200_000,
}, async () => {
  const counts: Counts = { edits: 0, cached: 0, executed: 0, needless: {}, stale: [] };
  const isLong = process.env.VARVE_OBSERVED_EFFECTS !== undefined;
  for (let seed = SEED; counts.edits < EDITS; seed++) {
    const before = counts.edits;
    await editProject(new Random(seed), counts, seed);
    // A long run says how far it is, for the case that it is cut off.
    if (isLong && Math.floor(before / 200) < Math.floor(counts.edits / 200)) console.info(JSON.stringify(counts));
  }
  if (isLong || counts.stale.length > 0) console.info(JSON.stringify(counts, null, 2));
  expect(counts.stale).toEqual([]);
  expect(counts.cached).toBeGreaterThan(0);
});

/** Edits the modules of some flows again and again; every run finds the results of all before. */
async function editProject(random: Random, counts: Counts, seed: number): Promise<void> {
  const project = new Project();
  const stage = new Stage(project);
  const varve = sharedDesk(project);
  const chosen = Array.from({ length: FLOWS }, () => random.pick(EFFECTS));
  const effects = [...new Map(chosen.map((effect) => [effect.id, effect])).values()];
  const states = new Map(effects.map(({ id }) => [id, 0]));
  const truths = new Map<string, string>();
  const env = { TZ: 'UTC', VARVE_CACHE: 'rw' };
  for (let round = 0; round < ROUNDS; round++) {
    const edited = random.pick(effects);
    states.set(edited.id, random.below(edited.states.length));
    env.TZ = random.pick(ZONES);
    counts.edits++;
    stage.place({ files: filesOf(effects, states), env });
    const run = (id: string, ...args: string[]) =>
      runWorld(varve, { files: {}, env }, { file: `${id}/flow.ts`, args }).then(useOf);
    for (const effect of new Set([edited, random.pick(effects)])) {
      const state = `${effect.id} ${states.get(effect.id)}`;
      const isKnown = truths.has(state);
      const cached = await run(effect.id);
      const truth = truths.get(state) ?? (await run(effect.id, '--cache', 'off')).result;
      truths.set(state, truth);
      count(effect, { ...cached, isKnown, truth }, counts, seed);
    }
  }
}

function filesOf(effects: readonly ChangingEffect[], states: ReadonlyMap<string, number>): Record<string, string> {
  return Object.assign({}, ...effects.map(({ id, states: all }) => all[states.get(id) ?? 0]));
}

function useOf(run: SeenRun): { readonly status: string; readonly result: string } {
  const { status = 'not run', result = '' } = run.tasks.find(({ step }) => step === 'use') ?? {};
  return { status, result };
}

function count(
  { kind, way, id }: ChangingEffect,
  run: { readonly status: string; readonly result: string; readonly isKnown: boolean; readonly truth: string },
  counts: Counts,
  seed: number,
): void {
  const isCached = run.status === 'cached';
  if (isCached) counts.cached++;
  else counts.executed++;
  const what = `${kind}: ${way}`;
  if (run.result !== run.truth) counts.stale.push(`seed ${seed}, ${id}, ${what}: ${run.status}`);
  else if (run.isKnown && !isCached) counts.needless[what] = (counts.needless[what] ?? 0) + 1;
}
