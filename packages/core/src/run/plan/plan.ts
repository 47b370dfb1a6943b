import type { Reference } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, flattenScope, mergeScopes } from '../../store/index.ts';

import { type ForeachFrame, openFanout, rootFrame, type Settled } from './frame.ts';
import type { Elements } from './ports.ts';

/** One thing the scheduler has to do next. The plan decides; it never acts. */
export type Action =
  | { readonly type: 'run'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly env: ArtifactScope }
  | {
      readonly type: 'expand';
      readonly step: GraphStep;
      readonly frame: ForeachFrame;
      readonly env: ArtifactScope;
      readonly list: Reference;
    }
  | {
      readonly type: 'test';
      readonly step: GraphStep;
      readonly frame: ForeachFrame;
      readonly env: ArtifactScope;
      readonly flag: Reference;
    }
  | { readonly type: 'skip'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly reason: string }
  /** The graph is right, but the data is not: e.g. a foreach over a name that nobody set. */
  | { readonly type: 'reject'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly problem: PlanProblem };

export type PlanProblem = {
  readonly kind: 'missing-list' | 'missing-flag' | 'conflict';
  readonly name: string;
  readonly branches?: readonly string[];
};

/** Where a run stands: which steps have settled in which frame. */
export interface Plan {
  readonly graph: Graph;
  readonly byName: ReadonlyMap<string, GraphStep>;
  readonly root: ForeachFrame;
}

export function createPlan(graph: Graph): Plan {
  return { graph, byName: new Map(graph.steps.map((s) => [s.name, s])), root: rootFrame() };
}

/** `init` has left the root artifacts behind: what can start now? */
export function startPlan(plan: Plan, env: ArtifactScope): Action[] {
  plan.root.settled.set('init', { status: 'done', env });
  return plan.graph.steps.filter((s) => s.parents.length === 0).flatMap((s) => reach(plan, s, plan.root));
}

/** A task has ended: what can start now? A failure starts nothing. */
export function settle(plan: Plan, step: GraphStep, frame: ForeachFrame, result: Settled): Action[] {
  frame.settled.set(step.name, result);
  if (result.status === 'failed') return [];
  const actions: Action[] = [];
  for (const name of step.children) {
    const child = plan.byName.get(name);
    if (child && child.kind !== 'foreach-join') actions.push(...reach(plan, child, frame));
  }
  return [...actions, ...settleSplit(plan, step, frame)];
}

/** The elements of a foreach are known. */
export function expand(plan: Plan, action: Action & { type: 'expand' }, elements: Elements): Action[] {
  const split = openFanout(action.step.name, action.frame, { env: action.env, list: action.list, ...elements });
  if (elements.labels.length === 0)
    return joinsOf(plan, action.step.name).map((join) => joinAction(join, action.frame, action.env));
  return split.frames.map((frame) => ({ type: 'run', step: action.step, frame, env: action.env }));
}

/** A `when` has been answered. */
export function decide(plan: Plan, action: Action & { type: 'test' }, holds: boolean, reason: string): Action[] {
  return holds
    ? enter(action.step, action.frame, action.env)
    : skip(plan, action.step, action.frame, action.env, reason);
}

/** All parents may have settled in this frame: if so, go on. */
function reach(plan: Plan, step: GraphStep, frame: ForeachFrame): Action[] {
  const parents = step.parents.length === 0 ? ['init'] : step.parents;
  const settled = parents.map((name) => ({ step: name, how: frame.settled.get(name) }));
  if (settled.some((p) => p.how === undefined || p.how.status === 'failed')) return [];
  const ran = settled.flatMap((p) => (p.how?.status === 'done' ? [{ step: p.step, env: p.how.env }] : []));
  if (ran.length === 0) {
    return skip(
      plan,
      step,
      frame,
      undefined,
      `${parents.join(' and ')} ${parents.length > 1 ? 'were' : 'was'} skipped`,
    );
  }
  const env = mergeScopes(ran);
  return step.when === undefined ? enter(step, frame, env) : [ask(step, frame, env, step.when.artifact)];
}

function ask(step: GraphStep, frame: ForeachFrame, env: ArtifactScope, name: string): Action {
  const found = lookUp(env, name);
  if ('kind' in found)
    return {
      type: 'reject',
      step,
      frame,
      problem: { ...found, kind: found.kind === 'absent' ? 'missing-flag' : 'conflict' },
    };
  return { type: 'test', step, frame, env, flag: found.reference };
}

function enter(step: GraphStep, frame: ForeachFrame, env: ArtifactScope): Action[] {
  if (step.foreach === undefined) return [{ type: 'run', step, frame, env }];
  const found = lookUp(env, step.foreach);
  if ('kind' in found) {
    return [
      {
        type: 'reject',
        step,
        frame,
        problem: { ...found, kind: found.kind === 'absent' ? 'missing-list' : 'conflict' },
      },
    ];
  }
  return [{ type: 'expand', step, frame, env, list: found.reference }];
}

type Found =
  | { readonly reference: Reference }
  | { readonly kind: 'absent' | 'conflict'; readonly name: string; readonly branches?: readonly string[] };

function lookUp(env: ArtifactScope, name: string): Found {
  const flat = flattenScope(env);
  const branches = flat.conflicts[name];
  if (branches) return { kind: 'conflict', name, branches };
  const reference = flat.references[name];
  return reference ? { reference } : { kind: 'absent', name };
}

/** A skipped foreach has no frames: the steps inside it are skipped where it stands, and so are its joins. */
function skip(
  plan: Plan,
  step: GraphStep,
  frame: ForeachFrame,
  env: ArtifactScope | undefined,
  reason: string,
): Action[] {
  const actions: Action[] = [{ type: 'skip', step, frame, reason }];
  if (step.foreach === undefined) return [...actions, ...settle(plan, step, frame, { status: 'skipped', env })];
  frame.settled.set(step.name, { status: 'skipped', env });
  const because = `${step.name} was skipped`;
  for (const inside of plan.graph.steps) {
    if (inside !== step && inside.scope.includes(step.name))
      actions.push({ type: 'skip', step: inside, frame, reason: because });
  }
  for (const join of joinsOf(plan, step.name)) actions.push(...skip(plan, join, frame, env, because));
  return actions;
}

function joinsOf(plan: Plan, foreachStep: string): GraphStep[] {
  return plan.graph.steps.filter((s) => s.closes === foreachStep);
}

/** The last frame of a foreach that settles a step starts the join on that step. */
function settleSplit(plan: Plan, step: GraphStep, frame: ForeachFrame): Action[] {
  const split = frame.fanout;
  if (!split) return [];
  const count = (split.settledCount.get(step.name) ?? 0) + 1;
  split.settledCount.set(step.name, count);
  if (count < split.frames.length) return [];
  const joins = joinsOf(plan, split.step).filter((join) => join.parents.includes(step.name));
  return joins.map((join) => joinAction(join, split.outer, split.env));
}

function joinAction(join: GraphStep, frame: ForeachFrame, env: ArtifactScope): Action {
  if (join.when === undefined) return { type: 'run', step: join, frame, env };
  return ask(join, frame, env, join.when.artifact);
}
