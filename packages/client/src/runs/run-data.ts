import { type Reference, type RunStatus, type TaskStatus, VarveError } from '@varve/core/contract';
import { pathOfTask, type RunState, type TaskState, taskName, taskStatusIn } from '@varve/core/internal';

import type { ValueReader } from './artifact-view.ts';
import { Lineage } from './lineage.ts';
import { type Pathspec, parseTaskName } from './pathspec.ts';
import { TaskGraph } from './task-graph.ts';
import { TaskIndex } from './task-index.ts';
import { lookIn, TaskScopes } from './task-scope.ts';

/** Opens the runs that a run refers to. `Run` is the view of a run: this file is imported by it, so it cannot name it. */
export interface RunSource<Run> {
  /** Throws `VARVE_NO_RUN`. */
  find(path: Pathspec): Promise<Run>;
}

/** Data shared by the views of one run and of its tasks. */
export class RunData<Run> {
  readonly graph: TaskGraph;
  readonly index: TaskIndex;
  readonly scopes: TaskScopes;
  readonly lineage: Lineage;
  private readonly lists = new Map<string, readonly unknown[]>();
  private readonly opened = new Map<string, Promise<Run>>();

  constructor(
    readonly state: RunState,
    readonly status: RunStatus,
    readonly values: ValueReader,
    private readonly runs: RunSource<Run>,
  ) {
    this.graph = new TaskGraph(state);
    this.index = new TaskIndex(state);
    this.scopes = new TaskScopes(state, this.graph);
    this.lineage = new Lineage(state, this.scopes, this.graph, this.index);
  }

  /** A task by name or label. Throws `VARVE_NO_TASK`, naming tasks that exist. */
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

  /** The run of a path such as `Penguins/3/train[2]`, read once for all tasks whose results it computed. */
  async runOf({ flow, run }: Pathspec): Promise<Run> {
    const key = JSON.stringify([flow, run]);
    const known = this.opened.get(key) ?? this.runs.find({ run, ...(flow !== undefined && { flow }) });
    this.opened.set(key, known);
    return known;
  }

  /** The list that holds a task's element, of the innermost foreach around it. */
  listOf(task: TaskState): Reference | undefined {
    const foreach = this.foreachOf(task);
    const list = foreach && this.graph.steps.get(foreach.step)?.foreach;
    const found = foreach && list !== undefined ? lookIn(this.scopes.before(foreach.first), list) : undefined;
    return found === 'conflict' ? undefined : found;
  }

  /** The element that a task is for. Its list is decoded once for all tasks. */
  elementOf(task: TaskState): unknown {
    const list = this.listOf(task);
    if (!list) return undefined;
    const known = this.lists.get(list.digest) ?? (this.values.readNow(list) as readonly unknown[]);
    this.lists.set(list.digest, known);
    return known[pathOfTask(task.task).at(-1) ?? 0];
  }

  /** The label of the element, as in `train[knn]`. */
  labelOf(task: TaskState): string {
    const index = pathOfTask(task.task).at(-1) ?? 0;
    const foreach = this.foreachOf(task);
    return (foreach && this.state.expansions.get(foreach.name)?.[index]) ?? String(index);
  }

  /** The innermost foreach around a task: its step, its expansion as the journal names it, and its first task. */
  private foreachOf({ task, step }: TaskState) {
    const foreach = this.graph.foreachAround(step);
    const outer = pathOfTask(task).slice(0, -1);
    return foreach === undefined
      ? undefined
      : { step: foreach, name: taskName(foreach, outer), first: taskName(foreach, [...outer, 0]) };
  }
}
