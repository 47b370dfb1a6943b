/** `train`, `train[2]`, `train[2,0]`; with labels in the place of positions, for people, `train[knn]`. */
export function taskName(step: string, path: readonly (number | string)[]): string {
  return path.length === 0 ? step : `${step}[${path.join(',')}]`;
}

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

/** `train[knn]` for `train[2]`: with the labels of the elements where the journal has them. */
export function labelOf(
  task: string,
  scopes: ReadonlyMap<string, readonly string[]>,
  expansions: ReadonlyMap<string, readonly string[]>,
): string {
  const step = stepOfTask(task);
  const path = pathOfTask(task);
  const scope = scopes.get(step) ?? [];
  const labels = path.map((index, depth) => {
    const foreach = scope[depth];
    const known = foreach === undefined ? undefined : expansions.get(taskName(foreach, path.slice(0, depth)));
    return known?.[index] || String(index);
  });
  return taskName(step, labels);
}
