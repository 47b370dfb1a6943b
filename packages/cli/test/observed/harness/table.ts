import { beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../support/project.ts';
import { ownProcesses, sharedDesk } from './desk.ts';
import { expectedOf, type Judgement, judge, type Round, unproven } from './judge.ts';
import { declareTest } from './known-faults.ts';
import type { NamedRow } from './row.ts';
import { type RunOptions, runWorld, type SeenRun } from './run-world.ts';
import { record } from './tally.ts';
import { type Change, Stage, type World } from './world.ts';

export interface Table extends RunOptions {
  readonly rows: readonly NamedRow[];
  readonly world: World;
  readonly changes: readonly Change[];
  /** Steps may warn, e.g. of the clock. */
  readonly warns?: boolean;
  /** A process for each command: for what Node reads once. */
  readonly processes?: boolean;
  /** Without runs that use no results: each change shows in what is executed. */
  readonly trusting?: boolean;
}

const UNCHANGED: Change = { name: 'nothing changed', touches: [], apply: (world) => world };

/** Declares a test for each row and change that must execute it again, and one for all that must not. */
export function declareTable(name: string, table: Table): void {
  describe(name, () => {
    let outcome: Outcome;
    beforeAll(async () => {
      outcome = await runTable(table);
    }, 1_200_000);
    const judgement = (row: NamedRow, change: Change) => {
      const [unchanged, ...others] = outcome.rounds;
      const round = [unchanged, ...others].find((one) => one?.change === change);
      if (!unchanged || !round) expect.fail(`no round '${change.name}'`);
      const judged = judge(row, round, outcome.base);
      const isUsed = judge(row, unchanged, outcome.base).verdict === 'right';
      return record(name, isUsed ? judged : unproven(judged));
    };
    for (const row of table.rows) declareRow(row, table.changes, judgement);
    if (!table.warns) {
      it('warns of nothing', () => expect(outcome.base.warnings.filter(isUnexpected)).toEqual([]));
    }
  });
}

/** Steps that are taken for keepers of state are known faults; in another realm anything could look at the clock. */
function isUnexpected(warning: string): boolean {
  return !/keeps? state from task to task|calls vm\./.test(warning);
}

function declareRow(
  row: NamedRow,
  changes: readonly Change[],
  judgement: (row: NamedRow, change: Change) => Judgement,
): void {
  const touched = (change: Change) => expectedOf(row, change) === 'miss';
  for (const change of changes.filter(touched)) {
    declareTest(`${row.input}: ${row.way}: ${change.name} -> miss`, () => expectRight([judgement(row, change)]));
  }
  const others = [UNCHANGED, ...changes.filter((change) => !touched(change))];
  declareTest(`${row.input}: ${row.way}: anything else -> hit`, () =>
    expectRight(others.map((change) => judgement(row, change))),
  );
}

function expectRight(judgements: readonly Judgement[]): void {
  const wrong = judgements.filter(({ verdict }) => verdict !== 'right');
  expect(wrong.map(({ change, verdict, told }) => `${verdict} (${change.name}): ${told}`)).toEqual([]);
}

interface Outcome {
  readonly base: SeenRun;
  readonly rounds: readonly Round[];
}

/** Runs the flow once for each change, always from the first world, so that each run also finds the results of the first. */
async function runTable({ world, changes, file, args = [], processes, trusting }: Table): Promise<Outcome> {
  const project = new Project();
  const stage = new Stage(project);
  const varve = processes ? ownProcesses(project) : sharedDesk(project);
  const run = (at: World, more: readonly string[] = []) =>
    runWorld(varve, at, { ...(file === undefined ? {} : { file }), args: [...args, ...more] });
  stage.place(world);
  const base = await run(world);
  const rounds: Round[] = [{ change: UNCHANGED, cached: await run(world), fresh: base }];
  for (const change of changes) {
    const changed = change.apply(world);
    stage.place(changed);
    const cached = await run(changed);
    const fresh = trusting ? undefined : await run(changed, ['--cache', 'off']);
    rounds.push({ change, cached, ...(fresh && { fresh }) });
  }
  return { base, rounds };
}
