import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nodes, prefixed } from '../../graphs/graph-data.ts';
import { anyGraph } from '../../graphs/random-graph.ts';
import { runFlows, type SeenRun } from '../../graphs/run-flows.ts';
import { SHAPES } from '../../graphs/shapes.ts';
import { writeFlow } from '../../graphs/write-flow.ts';
import { Project } from '../../support/project.ts';

/** Everything observable of a run, except which run executed each task. */
function seen({ tasks, status, steps }: SeenRun) {
  const view = tasks.map(({ status: _, attempts: __, ...task }) => task);
  return { status, steps: steps.map(({ name, total }) => `${name} ${total}`), tasks: view };
}

async function coldAndWarm(nodes: Nodes, name: string): Promise<[SeenRun, SeenRun]> {
  const project = new Project();
  project.write(`${name}.ts`, writeFlow(nodes, { name }));
  const flow = { file: project.path(`${name}.ts`), flow: name, parameters: {} };
  return (await runFlows([flow, flow], { VARVE_CACHE: 'rw' })) as [SeenRun, SeenRun];
}

function expectSame([cold, warm]: [SeenRun, SeenRun]): void {
  const ran = (run: SeenRun, status: string) => run.tasks.filter((task) => task.status === status).length;
  expect(ran(cold, 'succeeded')).toBeGreaterThan(0);
  expect(ran(warm, 'cached')).toBe(ran(cold, 'succeeded') + ran(cold, 'cached'));
  expect(ran(warm, 'succeeded')).toBe(0);
  expect(seen(warm)).toEqual(seen(cold));
}

describe('a run from cached results equals the run that computed them (scenario 47)', () => {
  it('for every shape of graph', async () => {
    const nodes = Object.entries(SHAPES).flatMap(([name, shape]) => prefixed(shape, name));
    expectSame(await coldAndWarm(nodes, 'Shapes'));
  }, 60_000);

  it('for random graphs', async () => {
    const several = fc.array(anyGraph, { minLength: 12, maxLength: 12 });
    for (const graphs of fc.sample(several, { numRuns: 3, seed: 20_261_127 })) {
      expectSame(
        await coldAndWarm(
          graphs.flatMap((graph, i) => prefixed(graph, `g${i}`)),
          'Random',
        ),
      );
    }
  }, 120_000);
});
