import { VarveError } from '@varve/core/contract';
import {
  type ArtifactScope,
  extendScope,
  type ForeachFrame,
  type Graph,
  type GraphStep,
  mergeScopes,
  openFanout,
  rootFrame,
} from '@varve/core/internal';

import { chooseElement, elementsFor } from './choose-element.ts';
import type { Harness } from './harness.ts';
import { storeAll } from './test-inputs.ts';
import type { UncheckedArguments } from './types.ts';

/** A step where the scheduler would have it: inside its foreaches, after the tasks or branches that it joins. */
export interface PlacedStep {
  readonly step: GraphStep;
  readonly frame: ForeachFrame;
  readonly artifacts: ArtifactScope;
}

/** Throws `VARVE_TEST_INPUT` when the step needs an element, and neither the arguments nor the artifacts have one. */
export async function placeStep(
  harness: Harness,
  graph: Graph,
  step: GraphStep,
  artifacts: ArtifactScope,
  args: UncheckedArguments,
): Promise<PlacedStep> {
  let frame = rootFrame();
  for (const [depth, name] of step.scope.entries()) {
    const foreach = stepIn(graph, name);
    const wanted = depth === step.scope.length - 1 ? args : {};
    const { list, elements, index } = await chooseElement(harness, step, foreach, artifacts, wanted);
    const split = openFanout(name, frame, { artifacts, list, ...elements });
    frame = split.frames[index] ?? frame;
  }
  if (step.kind === 'foreach-join')
    await joinTasks(harness, graph, step, frame, artifacts, args.tasks as readonly object[]);
  if (step.kind !== 'branch-join') return { step, frame, artifacts };
  return {
    step,
    frame,
    artifacts: await joinBranches(harness, step, frame, artifacts, args.inputs as Readonly<Record<string, object>>),
  };
}

async function joinTasks(
  harness: Harness,
  graph: Graph,
  step: GraphStep,
  frame: ForeachFrame,
  artifacts: ArtifactScope,
  tasks: readonly object[],
): Promise<void> {
  const [joined = ''] = step.parents;
  const list = await elementsFor(harness, step, stepIn(graph, step.closes ?? ''), artifacts, tasks.length);
  const split = openFanout(step.closes ?? '', frame, { artifacts, list: list.reference, ...list.elements });
  for (const [index, one] of split.frames.entries()) {
    const own = await storeAll(harness, step, { ...tasks[index] });
    one.settled.set(joined, { status: 'done', artifacts: extendScope(artifacts, own) });
  }
}

/** Settles the branches. `this` of the joining step sees the values that they agree on. */
async function joinBranches(
  harness: Harness,
  step: GraphStep,
  frame: ForeachFrame,
  artifacts: ArtifactScope,
  inputs: Readonly<Record<string, object | undefined>>,
): Promise<ArtifactScope> {
  const done: { readonly step: string; readonly env: ArtifactScope }[] = [];
  for (const parent of step.parents) {
    const left = Object.hasOwn(inputs, parent) ? inputs[parent] : undefined;
    if (left === undefined) frame.settled.set(parent, { status: 'skipped', artifacts });
    else {
      const branch = extendScope(artifacts, await storeAll(harness, step, { ...left }));
      frame.settled.set(parent, { status: 'done', artifacts: branch });
      done.push({ step: parent, env: branch });
    }
  }
  return done.length === 0 ? artifacts : mergeScopes(done);
}

function stepIn({ steps }: Graph, name: string): GraphStep {
  const step = steps.find((one) => one.name === name);
  if (step) return step;
  throw new VarveError('VARVE_TEST_STEP', `there is no step '${name}'`);
}
