import type { StepOutline } from '../../contract/index.ts';
import { type FlowDescription, kindOf, type StepDescription } from './description.ts';

/** A step in its place in the graph. */
export interface GraphStep extends StepDescription {
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
 * The graph of a flow. Total: for a flow with mistakes it is the valid part, which is what the checks work on; unknown
 * names are left out, and a step on a cycle has an empty scope.
 */
export function buildGraph(description: FlowDescription): Graph {
  const names = new Set(description.steps.map((step) => step.name));
  const parents = new Map(description.steps.map((step) => [step.name, parentsOf(step, names)]));
  const scopes = scopesOf(description.steps);
  const children = new Map<string, string[]>(description.steps.map((step) => [step.name, []]));
  for (const [name, before] of parents) for (const parent of before) children.get(parent)?.push(name);
  return {
    steps: description.steps.map((step) => {
      const mine = parents.get(step.name) ?? [];
      const closes = step.join === undefined ? undefined : scopes.get(step.join)?.at(-1);
      return {
        ...step,
        kind: kindOf({ ...step, after: step.options.after }, mine.length > 0),
        scope: scopes.get(step.name) ?? [],
        parents: mine,
        children: children.get(step.name) ?? [],
        ...(closes !== undefined && { closes }),
      };
    }),
  };
}

/**
 * The foreach steps around each step, outermost first; a foreach step counts among its own. Where parents disagree the
 * first one counts. Total: steps on a cycle, and those behind one, have an empty scope.
 */
export function scopesOf(steps: readonly StepOutline[]): Map<string, readonly string[]> {
  const names = new Set(steps.map((step) => step.name));
  const scopes = new Map<string, readonly string[]>();
  let waiting = [...steps];
  while (waiting.length > 0) {
    const blocked = waiting.filter((step) => {
      const parents = parentsOf(step, names);
      if (!parents.every((name) => scopes.has(name))) return true;
      scopes.set(step.name, scopeOf(step, scopes.get(parents[0] ?? '') ?? []));
      return false;
    });
    if (blocked.length === waiting.length) break;
    waiting = blocked;
  }
  for (const { name } of waiting) scopes.set(name, []);
  return scopes;
}

function parentsOf(step: StepOutline, names: ReadonlySet<string>): string[] {
  const named = step.join === undefined ? step.after : [step.join];
  return [...new Set(named)].filter((name) => names.has(name));
}

function scopeOf(step: StepOutline, around: readonly string[]): readonly string[] {
  if (step.join !== undefined) return around.slice(0, -1);
  return step.foreach === undefined ? around : [...around, step.name];
}

/** The part of a flow's description that is stored with its runs. */
export function outlineOf(description: FlowDescription): StepOutline[] {
  return description.steps.map(({ name, after, foreach, join }) => ({
    name,
    after,
    ...(foreach !== undefined && { foreach }),
    ...(join !== undefined && { join }),
  }));
}
