import type { Reference } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, flattenScope, mergeScopes } from '../../store/index.ts';
import { type ForeachFrame, openFanout, rootFrame, type Settled } from './frame.ts';
import type { Elements } from './ports.ts';

/** One thing the scheduler has to do next: the plan only decides. */
export type Action =
  | { readonly type: 'run'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly artifacts: ArtifactScope }
  | {
      readonly type: 'expand';
      readonly step: GraphStep;
      readonly frame: ForeachFrame;
      readonly artifacts: ArtifactScope;
      readonly list: Reference;
    }
  | {
      readonly type: 'test';
      readonly step: GraphStep;
      readonly frame: ForeachFrame;
      readonly artifacts: ArtifactScope;
      readonly flag: Reference;
    }
  | { readonly type: 'skip'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly reason: string }
  /** The data does not fit the graph, e.g. a foreach over a name that no step has set. */
  | { readonly type: 'reject'; readonly step: GraphStep; readonly frame: ForeachFrame; readonly problem: PlanProblem };

export type PlanProblem = {
  readonly kind: 'missing-list' | 'missing-flag' | 'conflict';
  readonly name: string;
  readonly branches?: readonly string[];
};

/** The state of a run: the steps that have settled, by frame. */
export interface Plan {
  readonly graph: Graph;
  readonly byName: ReadonlyMap<string, GraphStep>;
  readonly root: ForeachFrame;
}

export function createPlan(graph: Graph): Plan {
  return { graph, byName: new Map(graph.steps.map((s) => [s.name, s])), root: rootFrame() };
}

/** Returns the first actions of a run. `artifacts`: the root artifacts, left by `init`. */
export function startPlan(plan: Plan, artifacts: ArtifactScope): Action[] {
  plan.root.settled.set('init', { status: 'done', artifacts });
  return plan.graph.steps.filter((s) => s.parents.length === 0).flatMap((s) => reach(plan, s, plan.root));
}

/** Notes that a task has ended, and returns the actions that can follow. A failure starts nothing. */
export function settle(plan: Plan, step: GraphStep, frame: ForeachFrame, result: Settled): Action[] {
  frame.settled.set(step.name, result);
  if (result.status === 'failed') return [];
  const actions: Action[] = [];
  for (const name of step.children) {
    const child = plan.byName.get(name);
    if (child && child.kind !== 'foreach-join') actions.push(...reach(plan, child, frame));
  }
  return [...actions, ...settleFanout(plan, step, frame)];
}

/** Opens a foreach whose elements are known now. */
export function expand(plan: Plan, action: Action & { type: 'expand' }, elements: Elements): Action[] {
  const fanout = openFanout(action.step.name, action.frame, {
    artifacts: action.artifacts,
    list: action.list,
    ...elements,
  });
  if (elements.labels.length === 0)
    return joinsOf(plan, action.step.name).map((join) => joinAction(join, action.frame, action.artifacts));
  return fanout.frames.map((frame) => ({ type: 'run', step: action.step, frame, artifacts: action.artifacts }));
}

/** Enters or skips a step whose `when` is known now. */
export function decide(plan: Plan, action: Action & { type: 'test' }, holds: boolean, reason: string): Action[] {
  return holds
    ? enter(action.step, action.frame, action.artifacts)
    : skip(plan, action.step, action.frame, action.artifacts, reason);
}

/** Goes on to a step if all its parents have settled in this frame. */
function reach(plan: Plan, step: GraphStep, frame: ForeachFrame): Action[] {
  const parents = step.parents.length === 0 ? ['init'] : step.parents;
  const settled = parents.map((name) => ({ step: name, how: frame.settled.get(name) }));
  if (settled.some((p) => p.how === undefined || p.how.status === 'failed')) return [];
  const ran = settled.flatMap((p) => (p.how?.status === 'done' ? [{ step: p.step, env: p.how.artifacts }] : []));
  if (ran.length === 0) {
    return skip(
      plan,
      step,
      frame,
      undefined,
      `${parents.join(' and ')} ${parents.length > 1 ? 'were' : 'was'} skipped`,
    );
  }
  const artifacts = mergeScopes(ran);
  return step.when === undefined ? enter(step, frame, artifacts) : [ask(step, frame, artifacts, step.when.artifact)];
}

function ask(step: GraphStep, frame: ForeachFrame, artifacts: ArtifactScope, name: string): Action {
  const found = lookUp(artifacts, name);
  if ('kind' in found)
    return {
      type: 'reject',
      step,
      frame,
      problem: { ...found, kind: found.kind === 'absent' ? 'missing-flag' : 'conflict' },
    };
  return { type: 'test', step, frame, artifacts, flag: found.reference };
}

function enter(step: GraphStep, frame: ForeachFrame, artifacts: ArtifactScope): Action[] {
  if (step.foreach === undefined) return [{ type: 'run', step, frame, artifacts }];
  const found = lookUp(artifacts, step.foreach);
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
  return [{ type: 'expand', step, frame, artifacts, list: found.reference }];
}

type Found =
  | { readonly reference: Reference }
  | { readonly kind: 'absent' | 'conflict'; readonly name: string; readonly branches?: readonly string[] };

function lookUp(artifacts: ArtifactScope, name: string): Found {
  const flat = flattenScope(artifacts);
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
  artifacts: ArtifactScope | undefined,
  reason: string,
): Action[] {
  const actions: Action[] = [{ type: 'skip', step, frame, reason }];
  if (step.foreach === undefined) return [...actions, ...settle(plan, step, frame, { status: 'skipped', artifacts })];
  frame.settled.set(step.name, { status: 'skipped', artifacts });
  const because = `${step.name} was skipped`;
  for (const inside of plan.graph.steps) {
    if (inside !== step && inside.scope.includes(step.name))
      actions.push({ type: 'skip', step: inside, frame, reason: because });
  }
  for (const join of joinsOf(plan, step.name)) actions.push(...skip(plan, join, frame, artifacts, because));
  return actions;
}

function joinsOf(plan: Plan, foreachStep: string): GraphStep[] {
  return plan.graph.steps.filter((s) => s.closes === foreachStep);
}

/** Starts the join on a step when the last frame of its foreach has settled the step. */
function settleFanout(plan: Plan, step: GraphStep, frame: ForeachFrame): Action[] {
  const fanout = frame.fanout;
  if (!fanout) return [];
  const count = (fanout.settledCount.get(step.name) ?? 0) + 1;
  fanout.settledCount.set(step.name, count);
  if (count < fanout.frames.length) return [];
  const joins = joinsOf(plan, fanout.step).filter((join) => join.parents.includes(step.name));
  return joins.map((join) => joinAction(join, fanout.outer, fanout.artifacts));
}

function joinAction(join: GraphStep, frame: ForeachFrame, artifacts: ArtifactScope): Action {
  if (join.when === undefined) return { type: 'run', step: join, frame, artifacts };
  return ask(join, frame, artifacts, join.when.artifact);
}
