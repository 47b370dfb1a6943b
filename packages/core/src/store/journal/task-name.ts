import type { StepOutline } from '../../contract/index.ts';

/** `train` of `train[2,0]`. */
export function stepOfTask(task: string): string {
  const bracket = task.indexOf('[');
  return bracket < 0 ? task : task.slice(0, bracket);
}

/** `2,0` of `train[2,0]` as numbers. */
export function pathOfTask(task: string): readonly number[] {
  const bracket = task.indexOf('[');
  return bracket < 0
    ? []
    : task
        .slice(bracket + 1, -1)
        .split(',')
        .map(Number);
}

/** The foreach steps around each step, outermost first; a foreach step counts among its own. */
export function scopesOf(graph: readonly StepOutline[]): Map<string, readonly string[]> {
  const byName = new Map(graph.map((step) => [step.name, step]));
  const scopes = new Map<string, readonly string[]>();
  const visit = (name: string): readonly string[] => {
    const known = scopes.get(name);
    if (known) return known;
    // A damaged graph may hold a circle: whoever meets a step again while it is being visited sees it at the top.
    scopes.set(name, []);
    const step = byName.get(name);
    const scope = step ? scopeOf(step, visit) : [];
    scopes.set(name, scope);
    return scope;
  };
  for (const { name } of graph) visit(name);
  return scopes;
}

function scopeOf(step: StepOutline, visit: (name: string) => readonly string[]): readonly string[] {
  if (step.join !== undefined) return visit(step.join).slice(0, -1);
  const parent = step.after[0];
  const outer = parent === undefined ? [] : visit(parent);
  return step.foreach === undefined ? outer : [...outer, step.name];
}

/** `train[knn]` for `train[2]`: what the elements are called, where the journal says so. */
export function labelOf(
  task: string,
  scopes: ReadonlyMap<string, readonly string[]>,
  expansions: ReadonlyMap<string, readonly string[]>,
): string {
  const step = stepOfTask(task);
  const path = pathOfTask(task);
  if (path.length === 0) return task;
  const scope = scopes.get(step) ?? [];
  const labels = path.map((index, depth) => {
    const foreach = scope[depth];
    const outer = path.slice(0, depth);
    const key = outer.length === 0 ? foreach : `${foreach}[${outer.join(',')}]`;
    return (key !== undefined && expansions.get(key)?.[index]) || String(index);
  });
  return `${step}[${labels.join(',')}]`;
}
