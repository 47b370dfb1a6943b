import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { sharedDesk } from './harness/desk.ts';
import { type NamedRow, worldOf } from './harness/row.ts';
import { runWorld, type SeenRun, tasksOf } from './harness/run-world.ts';
import { Stage } from './harness/world.ts';
import { type AmbientEdit, anyEdits, anyRows, edited, ownFiles } from './ways/random.ts';

/** Number of edits; `VARVE_OBSERVED_EDITS=10000` makes a long run, `VARVE_OBSERVED_SEED` another one. */
const EDITS = Number(process.env.VARVE_OBSERVED_EDITS ?? 24);
const SEED = Number(process.env.VARVE_OBSERVED_SEED ?? 20_261_129);

interface Counts {
  edits: number;
  tasks: number;
  cached: number;
  /** Executed, though nothing that the row reads has changed and the result is the same; by input and way. */
  readonly needless: Record<string, number>;
  /** The same by the reason that was given. */
  readonly reasons: Record<string, number>;
  readonly stale: string[];
}

it('random reads, randomly edited, give the same with cached results as without', { timeout: 7_200_000 }, async () => {
  const counts: Counts = { edits: 0, tasks: 0, cached: 0, needless: {}, reasons: {}, stale: [] };
  const isLong = process.env.VARVE_OBSERVED_EDITS !== undefined;
  const rounds = fc.array(anyEdits, { minLength: 4, maxLength: 8 });
  for (let seed = SEED; counts.edits < EDITS && counts.stale.length === 0; seed++) {
    const [made] = fc.sample(fc.record({ rows: anyRows, rounds }), { numRuns: 1, seed });
    const before = counts.edits;
    if (made) await editAndRun(made.rows, made.rounds, counts, seed);
    if (isLong && Math.floor(before / 500) < Math.floor(counts.edits / 500)) console.info(inShort(counts, seed));
  }
  if (isLong || counts.stale.length > 0) console.info(JSON.stringify(counts, null, 2));
  expect(counts.stale).toEqual([]);
  expect(counts.cached).toBeGreaterThan(0);
});

/** A long run says how far it is, for the case that it is cut off. */
function inShort({ edits, tasks, cached, needless, stale }: Counts, seed: number): string {
  const again = Object.values(needless).reduce((sum, count) => sum + count, 0);
  return `${edits} edits, seed ${seed}: ${tasks} tasks, ${cached} cached, ${again} needless, ${stale.length} stale`;
}

/** Runs a flow, then edits and runs it again and again; every run finds the results of all before. */
async function editAndRun(
  rows: readonly NamedRow[],
  rounds: readonly (readonly AmbientEdit[])[],
  counts: Counts,
  seed: number,
) {
  const project = new Project();
  const stage = new Stage(project);
  const varve = sharedDesk(project);
  let world = worldOf(rows, ownFiles);
  stage.place(world);
  let before = await runWorld(varve, world);
  for (const edits of rounds) {
    const touched = edits.map((edit) => {
      const after = edited(world, edit, rows);
      world = after.world;
      return after.touches;
    });
    stage.place(world);
    const cached = await runWorld(varve, world);
    const fresh = await runWorld(varve, world, { args: ['--cache', 'off'] });
    counts.edits += edits.length;
    const isTouched = (row: NamedRow) => touched.some((touches) => touches(row));
    for (const row of rows) count(row, isTouched(row), { before, cached, fresh }, counts, seed);
    before = fresh;
  }
}

interface Runs {
  readonly before: SeenRun;
  readonly cached: SeenRun;
  readonly fresh: SeenRun;
}

function count(row: NamedRow, isTouched: boolean, { before, cached, fresh }: Runs, counts: Counts, seed: number): void {
  const truth = new Map(tasksOf(fresh, row.steps).map((task) => [task.task, task]));
  const earlier = new Map(tasksOf(before, row.steps).map((task) => [task.task, task]));
  for (const task of tasksOf(cached, row.steps)) {
    counts.tasks++;
    const { result } = truth.get(task.task) ?? {};
    const what = `${row.input}: ${row.way}`;
    if (task.status === 'cached') counts.cached++;
    if (task.status === 'cached' && task.result !== result)
      counts.stale.push(
        `seed ${seed}, ${task.task}, ${what}: cached, reads ${task.reads.join(' ')}; flow in ${row.module}`,
      );
    if (task.status === 'succeeded' && !isTouched && earlier.get(task.task)?.result === result)
      countNeedless(counts, what, task.why ?? 'no reason');
  }
}

/** Rows are numbered anew in each flow. */
function countNeedless({ needless, reasons }: Counts, what: string, why: string): void {
  const reason = why.replaceAll(/\br\d+/g, 'r#').replaceAll(/\d+/g, '#');
  needless[what] = (needless[what] ?? 0) + 1;
  reasons[reason] = (reasons[reason] ?? 0) + 1;
}
