import { VarveError } from '../contract/index.ts';
import type { Graph, GraphStep } from '../flow/describe/graph.ts';
import { type Frame, openSplit, rootFrame } from '../run/plan/frame.ts';
import { type Env, extendEnv, mergeEnvs } from '../store/journal/artifact-scope.ts';
import { chooseElement, elementsFor } from './choose-element.ts';
import { storeAll } from './given-env.ts';
import type { Bench } from './harness.ts';
import type { Handed } from './types.ts';

/** A step where the scheduler would have it: inside of its foreaches, behind what it joins. */
export interface PlacedStep {
  readonly step: GraphStep;
  readonly frame: Frame;
  readonly env: Env;
}

/** Throws `VARVE_TEST_INPUT` when an element is needed and none can be had. */
export async function placeStep(
  bench: Bench,
  graph: Graph,
  step: GraphStep,
  env: Env,
  handed: Handed,
): Promise<PlacedStep> {
  let frame = rootFrame();
  for (const [depth, name] of step.scope.entries()) {
    const foreach = stepIn(graph, name);
    const wanted = depth === step.scope.length - 1 ? handed : {};
    const { list, elements, index } = await chooseElement(bench, step, foreach, env, wanted);
    const split = openSplit(name, frame, { env, list, ...elements });
    frame = split.frames[index] ?? frame;
  }
  if (step.kind === 'foreach-join') await joinTasks(bench, graph, step, frame, env, handed.tasks as readonly object[]);
  if (step.kind !== 'branch-join') return { step, frame, env };
  return {
    step,
    frame,
    env: await joinBranches(bench, step, frame, env, handed.inputs as Readonly<Record<string, object>>),
  };
}

async function joinTasks(
  bench: Bench,
  graph: Graph,
  step: GraphStep,
  frame: Frame,
  env: Env,
  tasks: readonly object[],
): Promise<void> {
  const [joined = ''] = step.parents;
  const list = await elementsFor(bench, step, stepIn(graph, step.closes ?? ''), env, tasks.length);
  const split = openSplit(step.closes ?? '', frame, { env, list: list.reference, ...list.elements });
  for (const [index, one] of split.frames.entries()) {
    const own = await storeAll(bench, step, { ...tasks[index] });
    one.settled.set(joined, { status: 'done', env: extendEnv(env, own) });
  }
}

/** What `this` of the joining step sees is what the branches agree on. */
async function joinBranches(
  bench: Bench,
  step: GraphStep,
  frame: Frame,
  env: Env,
  inputs: Readonly<Record<string, object | undefined>>,
): Promise<Env> {
  const done: { readonly step: string; readonly env: Env }[] = [];
  for (const parent of step.parents) {
    const left = Object.hasOwn(inputs, parent) ? inputs[parent] : undefined;
    if (left === undefined) frame.settled.set(parent, { status: 'skipped', env });
    else {
      const branch = extendEnv(env, await storeAll(bench, step, { ...left }));
      frame.settled.set(parent, { status: 'done', env: branch });
      done.push({ step: parent, env: branch });
    }
  }
  return done.length === 0 ? env : mergeEnvs(done);
}

function stepIn({ steps }: Graph, name: string): GraphStep {
  const step = steps.find((one) => one.name === name);
  if (step) return step;
  throw new VarveError('VARVE_TEST_STEP', `there is no step '${name}'`);
}
