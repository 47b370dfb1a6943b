import { parseRead, type Read, type StepOutline } from '@varve/core/contract';
import { pathOfTask, type RunState, scopesOf, stepOfTask, type TaskState, taskName } from '@varve/core/internal';

import type { TaskIndex } from './run-data.ts';
import { lookIn, type TaskScopes } from './task-scope.ts';

type Readers = ReadonlyMap<string, readonly string[]>;

/** Which task wrote what another one saw, and which tasks read what one wrote: by task names. */
export class Lineage {
  private readonly steps: ReadonlyMap<string, StepOutline>;
  private readonly parsed = new Map<string, Read | undefined>();
  private readonly readersOf = new Map<string, Readers>();

  constructor(
    private readonly state: RunState,
    private readonly envs: TaskScopes,
    private readonly kin: TaskGraph,
    private readonly index: TaskIndex,
  ) {
    this.steps = new Map(state.record.graph.map((step) => [step.name, step]));
  }

  /** The task that wrote what a task found in its own field; the first, if branches wrote equal values. */
  producer(task: string, name: string): string | undefined {
    return this.writers(this.trail(this.envs.sources(task), name), name)[0];
  }

  /** The tasks that wrote what a task found under this name: in its own field, and through the views of a join. */
  producers(task: string, name: string): string[] {
    const trails = [...this.trail(this.envs.sources(task), name), ...this.trail(this.views(task), name)];
    return this.writers([...new Set(trails)], name);
  }

  /** The task that wrote what the run as a whole left under this name. */
  producerOfRun(name: string): string | undefined {
    const last = this.envs.last();
    if (lookIn(this.envs.ofRun(), name) === 'conflict') return undefined;
    return this.writers(this.trail(last.length > 0 ? last : ['init'], name), name)[0];
  }

  /** The tasks that read, after it, what a task wrote or passed on under this name. */
  readers(task: string, name: string): readonly string[] {
    const known = this.readersOf.get(name) ?? this.collect(name);
    this.readersOf.set(name, known);
    return known.get(task) ?? [];
  }

  /** What a task looked at, as the journal holds it; of an attempt that failed nothing is known. */
  reads({ reads }: TaskState): Read[] {
    return reads.flatMap((text) => this.parse(text) ?? []);
  }

  /** Whether branches that meet before a task left different values under this name. */
  isConflict(task: string, name: string): boolean {
    return lookIn(this.envs.before(task), name) === 'conflict';
  }

  /** All readers of a name at once: asking each of 100,000 tasks must not walk through all of them each time. */
  private collect(name: string): Readers {
    const readers = new Map<string, string[]>();
    for (const task of this.index.all()) {
      for (const one of this.handedBy(task, name)) {
        const known = readers.get(one);
        if (known) known.push(task.task);
        else readers.set(one, [task.task]);
      }
    }
    return readers;
  }

  /** Every task through which the values came that a task read under this name. */
  private handedBy(state: TaskState, name: string): Set<string> {
    const { task } = state;
    const passed = new Set<string>();
    const add = (trail: readonly string[]) => {
      for (const one of trail) passed.add(one);
    };
    let joined: readonly string[] | undefined;
    for (const read of this.reads(state)) {
      if (this.isOwn(state, read, name)) add(this.trail(this.envs.sources(task), name));
      else if (read.kind === 'branch' && saw(read, name)) add(this.trail([this.kin.branch(task, read.branch)], name));
      else if (read.kind === 'task' && saw(read, name)) {
        joined ??= this.kin.joined(task);
        add(this.trail(read.index === '*' ? joined : joined.slice(read.index, read.index + 1), name));
      }
    }
    return passed;
  }

  /** Whether a read is one of the task's own field. An element is part of the list that was split. */
  private isOwn({ step }: TaskState, read: Read, name: string): boolean {
    if (read.kind === 'context') return read.field === 'element' && this.steps.get(step)?.foreach === name;
    return read.kind === 'own' && saw(read, name);
  }

  /** The tasks whose results a join is handed. */
  private views(task: string): readonly string[] {
    const step = this.steps.get(stepOfTask(task));
    if (step?.join !== undefined) return this.kin.joined(task);
    return step && step.foreach === undefined && step.after.length > 1 ? this.envs.sources(task) : [];
  }

  private writers(trail: readonly string[], name: string): string[] {
    return trail.filter((task) => this.isWriter(task, name));
  }

  /** Every task through which values came: from those that hand them over to those that wrote them. */
  private trail(from: readonly string[], name: string): string[] {
    const seen = new Set<string>();
    const visit = (task: string): void => {
      if (seen.has(task) || lookIn(this.envs.after(task), name) === undefined) return;
      seen.add(task);
      if (!this.isWriter(task, name)) this.envs.sources(task).forEach(visit);
    };
    from.forEach(visit);
    return [...seen];
  }

  private isWriter(task: string, name: string): boolean {
    return Object.hasOwn(this.state.tasks.get(task)?.writes ?? {}, name);
  }

  private parse(text: string): Read | undefined {
    if (!this.parsed.has(text)) this.parsed.set(text, parseRead(text));
    return this.parsed.get(text);
  }
}

/** Whether a task looked at a name, and something was there. */
function saw(read: { readonly name: string; readonly absent: boolean }, name: string): boolean {
  return read.name === name && !read.absent;
}

/** Which tasks of a run come before and after each other, by the graph and the lists its foreach steps were given. */
export class TaskGraph {
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
