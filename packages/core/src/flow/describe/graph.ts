import type { StepOutline } from '../../contract/index.ts';
import type { FlowDescription, StepDescription, StepKind } from './description.ts';

/** A step in its place in the graph. */
export interface GraphStep extends StepDescription {
  readonly kind: StepKind;
  /** The foreach steps around it, outermost first; a foreach step is inside its own scope. */
  readonly scope: readonly string[];
  /** Steps that must be done before it; for a join the step whose tasks it joins. */
  readonly parents: readonly string[];
  /** Steps that wait for it, joins included. */
  readonly children: readonly string[];
  /** For a foreach join: the foreach step whose split it closes. */
  readonly closes?: string;
}

export interface Graph {
  /** In the order of the class. */
  readonly steps: readonly GraphStep[];
}

/**
 * The graph of a flow. Total: of a flow with mistakes it is the part that makes sense, which is what the checks look
 * at; names that lead nowhere are left out, and a step on a cycle has an empty scope.
 */
export function buildGraph(description: FlowDescription): Graph {
  const byName = new Map(description.steps.map((step) => [step.name, step]));
  const parents = new Map(description.steps.map((step) => [step.name, parentsOf(step, byName)]));
  const scopes = scopesOf(description.steps, parents);
  const children = new Map<string, string[]>(description.steps.map((step) => [step.name, []]));
  for (const [name, before] of parents) for (const parent of before) children.get(parent)?.push(name);
  return {
    steps: description.steps.map((step) => {
      const mine = parents.get(step.name) ?? [];
      const closes = step.join === undefined ? undefined : scopes.get(step.join)?.at(-1);
      return {
        ...step,
        kind: kindOf(step, mine),
        scope: scopes.get(step.name) ?? [],
        parents: mine,
        children: children.get(step.name) ?? [],
        ...(closes !== undefined && { closes }),
      };
    }),
  };
}

function parentsOf(step: StepDescription, byName: ReadonlyMap<string, StepDescription>): string[] {
  const named = step.join === undefined ? step.after : [step.join];
  return [...new Set(named)].filter((name) => byName.has(name));
}

/** `after: ['a']` is written as a static join and is handed `inputs`, though it has one parent. */
function kindOf(step: StepDescription, parents: readonly string[]): StepKind {
  if (step.foreach !== undefined) return 'foreach';
  if (step.join !== undefined) return 'foreach-join';
  if (parents.length === 0) return 'root';
  return Array.isArray(step.options.after) ? 'branch-join' : 'linear';
}

/** Where parents disagree the first one counts. */
function scopesOf(
  steps: readonly StepDescription[],
  parents: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> {
  const scopes = new Map<string, readonly string[]>();
  let waiting = [...steps];
  while (waiting.length > 0) {
    const blocked = waiting.filter((step) => {
      const mine = parents.get(step.name) ?? [];
      if (!mine.every((name) => scopes.has(name))) return true;
      scopes.set(step.name, scopeOf(step, scopes.get(mine[0] ?? '') ?? []));
      return false;
    });
    if (blocked.length === waiting.length) break;
    waiting = blocked;
  }
  return scopes;
}

function scopeOf(step: StepDescription, around: readonly string[]): readonly string[] {
  if (step.join !== undefined) return around.slice(0, -1);
  return step.foreach === undefined ? around : [...around, step.name];
}

/** The part of a flow's description that its history keeps. */
export function outlineOf(description: FlowDescription): StepOutline[] {
  return description.steps.map(({ name, after, foreach, join }) => ({
    name,
    after,
    ...(foreach !== undefined && { foreach }),
    ...(join !== undefined && { join }),
  }));
}
