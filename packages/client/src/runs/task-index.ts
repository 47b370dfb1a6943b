import { pathOfTask, type RunState, type TaskState } from '@varve/core/internal';

/** Tasks of a run by step, name and label. Each lookup table is built on first use. */
export class TaskIndex {
  private sorted: readonly TaskState[] | undefined;
  private steps: Map<string, TaskState[]> | undefined;
  private labels: Map<string, TaskState> | undefined;

  constructor(private readonly state: RunState) {}

  /** By step in the order of the class, then by element; without the virtual `init`. */
  all(): readonly TaskState[] {
    this.sorted ??= sort(this.state);
    return this.sorted;
  }

  ofStep(step: string): readonly TaskState[] {
    this.steps ??= groupBySteps(this.all());
    return this.steps.get(step) ?? [];
  }

  /** By name (`train[2]`), else by label (`train[knn]`). */
  find(name: string): TaskState | undefined {
    return this.state.tasks.get(name) ?? this.byLabel().get(name);
  }

  private byLabel(): ReadonlyMap<string, TaskState> {
    if (this.labels) return this.labels;
    this.labels = new Map();
    for (const task of this.state.tasks.values()) {
      if (!this.labels.has(task.label)) this.labels.set(task.label, task);
    }
    return this.labels;
  }
}

function sort({ record, tasks }: RunState): TaskState[] {
  const places = new Map(record.graph.map(({ name }, place) => [name, place]));
  const keyed = [...tasks.values()]
    .filter(({ step }) => step !== 'init')
    .map((task) => ({ task, at: [places.get(task.step) ?? places.size, ...pathOfTask(task.task)] }));
  return keyed.sort((a, b) => comparePaths(a.at, b.at)).map(({ task }) => task);
}

function comparePaths(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

function groupBySteps(tasks: readonly TaskState[]): Map<string, TaskState[]> {
  const steps = new Map<string, TaskState[]>();
  for (const task of tasks) {
    const known = steps.get(task.step);
    if (known) known.push(task);
    else steps.set(task.step, [task]);
  }
  return steps;
}
