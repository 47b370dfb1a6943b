import { type Reference, type RunStatus, type TaskStatus, VarveError } from '@varve/core/contract';
import { pathOfTask, type RunState, scopesOf, type TaskState, taskName, taskStatusIn } from '@varve/core/internal';
import type { ValueReader } from './artifact-view.ts';
import type { History } from './history.ts';
import { Lineage, TaskGraph } from './lineage.ts';
import { type Pathspec, parseTaskName } from './pathspec.ts';
import type { RunView } from './run-view.ts';
import { lookIn, TaskScopes } from './task-scope.ts';

/** What the views of one run and of its tasks share. */
export class RunData {
  readonly envs: TaskScopes;
  readonly index: TaskIndex;
  readonly graph: TaskGraph;
  readonly lineage: Lineage;
  private scopes: ReadonlyMap<string, readonly string[]> | undefined;
  private readonly lists = new Map<string, readonly unknown[]>();
  private readonly opened = new Map<string, Promise<RunView>>();

  constructor(
    readonly state: RunState,
    readonly status: RunStatus,
    readonly values: ValueReader,
    readonly history: History,
  ) {
    this.envs = new TaskScopes(state);
    this.index = new TaskIndex(state);
    this.graph = new TaskGraph(state);
    this.lineage = new Lineage(state, this.envs, this.graph, this.index);
  }

  /** Throws `VARVE_NO_TASK`, saying what there is. */
  find(name: string): TaskState {
    const found = this.index.find(name);
    if (found) return found;
    const { step } = parseTaskName(name);
    const near = this.state.steps.has(step) ? this.index.ofStep(step) : this.index.all();
    const labels = near.slice(0, 8).map((task) => task.label);
    const { flow, number } = this.state.record;
    throw new VarveError('VARVE_NO_TASK', `${flow}/${number} has no task ${name}`, {
      hint: `Tasks: ${labels.join(', ') || 'none yet'}`,
    });
  }

  statusOf(task: TaskState): TaskStatus {
    return taskStatusIn(this.status, task.status);
  }

  /** The run that a path such as `Penguins/3/train[2]` names, read once for all tasks whose results it computed. */
  async runOf({ flow, run }: Pathspec): Promise<RunView> {
    const key = JSON.stringify([flow, run]);
    const known = this.opened.get(key) ?? this.history.find({ run, ...(flow !== undefined && { flow }) });
    this.opened.set(key, known);
    return known;
  }

  /** The list whose element a task is for, of the innermost foreach around it. */
  listOf(task: TaskState): Reference | undefined {
    const split = this.splitOf(task);
    const list = this.state.record.graph.find(({ name }) => name === split?.step)?.foreach;
    const found = split && list !== undefined ? lookIn(this.envs.before(split.first), list) : undefined;
    return found === 'conflict' ? undefined : found;
  }

  /** The element a task is for. Its list is decoded once for all tasks. */
  elementOf(task: TaskState): unknown {
    const list = this.listOf(task);
    if (!list) return undefined;
    const known = this.lists.get(list.digest) ?? (this.values.readNow(list) as readonly unknown[]);
    this.lists.set(list.digest, known);
    return known[pathOfTask(task.task).at(-1) ?? 0];
  }

  /** What the element is called, as in `train[knn]`. */
  labelOf(task: TaskState): string {
    const index = pathOfTask(task.task).at(-1) ?? 0;
    const split = this.splitOf(task);
    return (split && this.state.expansions.get(split.name)?.[index]) ?? String(index);
  }

  /** The innermost foreach around a task: as the journal names its expansion, and its first task. */
  private splitOf({ task, step }: TaskState) {
    this.scopes ??= scopesOf(this.state.record.graph);
    const split = this.scopes.get(step)?.at(-1);
    const outer = pathOfTask(task).slice(0, -1);
    return split === undefined
      ? undefined
      : { step: split, name: taskName(split, outer), first: taskName(split, [...outer, 0]) };
  }
}

/** Finds tasks of a run by step, name and label; each way is prepared when it is first gone. */
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
