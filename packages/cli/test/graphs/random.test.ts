import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { checkRun } from './check-run.ts';
import { expectedTasks, type Trouble } from './expected.ts';
import { type Nodes, prefixed } from './graph-data.ts';
import { anyGraph } from './random-graph.ts';
import { RUNNERS, runFlows } from './run-flows.ts';
import { writeFlow } from './write-flow.ts';

/** Number of rounds; each runs a flow of several random graphs on every runner. */
const ROUNDS = Number(process.env.VARVE_HARNESS_ROUNDS ?? 1);

const several = fc.array(anyGraph, { minLength: 8, maxLength: 12 });

it(
  'random graphs give the results of the model on every runner, with and without a failing task',
  async () => {
    const project = new Project();
    let round = 0;
    const seed = ROUNDS > 1 ? {} : { seed: 20_261_123 };
    await fc.assert(
      fc.asyncProperty(several, fc.nat(), async (graphs, which) => {
        const nodes = graphs.flatMap((graph, i) => prefixed(graph, `g${i}`));
        const trouble = troubleIn(graphs, which);
        const name = `Random${round++}`;
        project.write(`${name}.ts`, writeFlow(nodes, { name }));
        const flow = { file: project.path(`${name}.ts`), flow: name };
        const failing = { failing: Object.keys(trouble).join(' '), failures: 9 };
        const runs = await runFlows(
          RUNNERS.flatMap((runner) => [
            { ...flow, runner, parameters: {} },
            { ...flow, runner, parameters: failing },
          ]),
        );
        for (const [i, run] of runs.entries()) checkRun(nodes, run, i % 2 === 0 ? {} : trouble);
        expect(runs).toHaveLength(2 * RUNNERS.length);
      }),
      { numRuns: ROUNDS, ...seed },
    );
  },
  ROUNDS * 60_000 + 60_000,
);

/** One task of each graph, among those that run without failures. */
function troubleIn(graphs: readonly Nodes[], which: number): Trouble {
  const chosen = graphs.map((graph, i) => {
    const running = [...expectedTasks(prefixed(graph, `g${i}`))].filter(([, { status }]) => status === 'succeeded');
    return running[which % running.length]?.[0] ?? '';
  });
  return Object.fromEntries(chosen.map((task) => [task, 'failed'] as const));
}
