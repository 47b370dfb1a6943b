import type { StepOutline } from '../../contract/index.ts';
import { taskName } from '../../run/plan/frame.ts';
import type { RunState } from '../../store/journal/run-state.ts';
import { pathOfTask, scopesOf, stepOfTask } from '../../store/journal/task-name.ts';

/** Which tasks of a run come before and after each other, by the graph and the lists its foreach steps were given. */
export class TaskKin {
  private readonly steps: ReadonlyMap<string, StepOutline>;
  private readonly scopes: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly state: RunState) {
    this.steps = new Map(state.record.graph.map((step) => [step.name, step]));
    this.scopes = scopesOf(state.record.graph);
  }

  /** Tasks that had to end before this one; of a join all it joins, in element order. None for a first step. */
  parents(task: string): string[] {
    const [step, path] = [this.steps.get(stepOfTask(task)), pathOfTask(task)];
    if (!step) return [];
    if (step.join === undefined) return this.known(step.after.map((parent) => this.at(parent, path)));
    const joined = this.known(this.joined(task));
    const split = this.splitOf(step.join);
    // A list without elements leads straight to its join.
    return joined.length > 0 || split === undefined ? joined : this.parents(taskName(split, [...path, 0]));
  }

  /** Tasks that could start once this one had ended. */
  children(task: string): string[] {
    const [name, path] = [stepOfTask(task), pathOfTask(task)];
    return this.known(
      [...this.steps.values()].flatMap((step) => {
        if (step.join === name) return [taskName(step.name, path.slice(0, this.depth(step.name)))];
        const isNext = name === 'init' ? step.join === undefined && step.after.length === 0 : step.after.includes(name);
        return isNext ? this.started(step, path) : [];
      }),
    );
  }

  /** The tasks a join is handed views of, by element. */
  joined(task: string): string[] {
    const step = this.steps.get(stepOfTask(task));
    const split = step?.join === undefined ? undefined : this.splitOf(step.join);
    if (step?.join === undefined || split === undefined) return [];
    return this.elements(step.join, split, pathOfTask(task));
  }

  /** The branches a static join is handed views of, by step. */
  branch(task: string, step: string): string {
    return this.at(step, pathOfTask(task));
  }

  /** A task, those of all elements of a foreach, or where that has none what follows it. */
  private started(step: StepOutline, path: readonly number[]): string[] {
    if (step.foreach === undefined) return [taskName(step.name, path)];
    const tasks = this.elements(step.name, step.name, path);
    if (tasks.length > 0) return tasks;
    const joins = [...this.steps.values()].filter((one) => one.join !== undefined);
    return joins.filter(({ join = '' }) => this.splitOf(join) === step.name).map((one) => taskName(one.name, path));
  }

  /** The tasks of a step inside a foreach. One that was passed by has no elements, and stands where the foreach does. */
  private elements(step: string, split: string, outer: readonly number[]): string[] {
    const labels = this.state.expansions.get(taskName(split, outer));
    return labels ? labels.map((_, index) => taskName(step, [...outer, index])) : [taskName(step, outer)];
  }

  private at(step: string, path: readonly number[]): string {
    return taskName(step, path.slice(0, this.depth(step)));
  }

  private depth(step: string): number {
    return this.scopes.get(step)?.length ?? 0;
  }

  /** The foreach that a join of this step closes. */
  private splitOf(joined: string): string | undefined {
    return this.scopes.get(joined)?.at(-1);
  }

  /** Without those that the journal knows nothing of, because they never came up. */
  private known(tasks: readonly string[]): string[] {
    return tasks.filter((task) => this.state.tasks.has(task));
  }
}
