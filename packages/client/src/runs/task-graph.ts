import type { StepOutline } from '@varve/core/contract';
import { pathOfTask, type RunState, scopesOf, stepOfTask, taskName } from '@varve/core/internal';

/** Edges between the tasks of a run, derived from the graph of steps and the expanded foreach lists. */
export class TaskGraph {
  readonly steps: ReadonlyMap<string, StepOutline>;
  /** The foreach steps around each step, outermost first. */
  readonly foreaches: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly state: RunState) {
    this.steps = new Map(state.record.graph.map((step) => [step.name, step]));
    this.foreaches = scopesOf(state.record.graph);
  }

  /** The tasks that had to end before this one; of a join all that it joins, in element order. None for a first step. */
  parents(task: string): string[] {
    const [step, path] = [this.steps.get(stepOfTask(task)), pathOfTask(task)];
    if (!step) return [];
    if (step.join === undefined) return this.known(step.after.map((parent) => this.at(parent, path)));
    const joined = this.known(this.joined(task));
    const foreach = this.foreachAround(step.join);
    // A list without elements leads straight to its join.
    return joined.length > 0 || foreach === undefined ? joined : this.parents(taskName(foreach, [...path, 0]));
  }

  /** The tasks that could start once this one had ended. */
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

  /**
   * The tasks whose fields a task starts with: its predecessors, and for a join those of the foreach that it closes.
   */
  sources(task: string): string[] {
    return task === 'init' ? [] : this.sourcesAt(stepOfTask(task), pathOfTask(task));
  }

  /** The tasks that a join gets views of, by element. */
  joined(task: string): string[] {
    const step = this.steps.get(stepOfTask(task));
    const foreach = step?.join === undefined ? undefined : this.foreachAround(step.join);
    if (step?.join === undefined || foreach === undefined) return [];
    return this.elements(step.join, foreach, pathOfTask(task));
  }

  /** The task of one branch that a static join gets a view of. */
  branch(task: string, step: string): string {
    return this.at(step, pathOfTask(task));
  }

  /** The innermost foreach around a step; a foreach step is inside its own. */
  foreachAround(step: string): string | undefined {
    return this.foreaches.get(step)?.at(-1);
  }

  /** All steps before a step, without the step itself. */
  ancestors(name: string, seen = new Set<string>()): ReadonlySet<string> {
    const step = this.steps.get(name);
    for (const parent of step?.join === undefined ? (step?.after ?? []) : [step.join]) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      this.ancestors(parent, seen);
    }
    return seen;
  }

  private sourcesAt(name: string, path: readonly number[]): string[] {
    const step = this.steps.get(name);
    if (!step) return [];
    if (step.join !== undefined) {
      const foreach = this.foreachAround(step.join);
      return foreach === undefined ? [] : this.sourcesAt(foreach, [...path, 0]);
    }
    const isElement = step.foreach !== undefined && path.length === this.foreaches.get(name)?.length;
    const outer = isElement ? path.slice(0, -1) : path;
    return step.after.length === 0 ? ['init'] : step.after.map((parent) => taskName(parent, outer));
  }

  /** The task of a step, the tasks of all elements of a foreach, or the join of a foreach without elements. */
  private started(step: StepOutline, path: readonly number[]): string[] {
    if (step.foreach === undefined) return [taskName(step.name, path)];
    const tasks = this.elements(step.name, step.name, path);
    if (tasks.length > 0) return tasks;
    const joins = [...this.steps.values()].filter((one) => one.join !== undefined);
    return joins
      .filter(({ join = '' }) => this.foreachAround(join) === step.name)
      .map((one) => taskName(one.name, path));
  }

  /** The tasks of a step inside a foreach. A skipped foreach has no elements: the step has one task in its place. */
  private elements(step: string, foreach: string, outer: readonly number[]): string[] {
    const labels = this.state.expansions.get(taskName(foreach, outer));
    return labels ? labels.map((_, index) => taskName(step, [...outer, index])) : [taskName(step, outer)];
  }

  private at(step: string, path: readonly number[]): string {
    return taskName(step, path.slice(0, this.depth(step)));
  }

  private depth(step: string): number {
    return this.foreaches.get(step)?.length ?? 0;
  }

  /** Without tasks that were never planned, which the journal does not contain. */
  private known(tasks: readonly string[]): string[] {
    return tasks.filter((task) => this.state.tasks.has(task));
  }
}
