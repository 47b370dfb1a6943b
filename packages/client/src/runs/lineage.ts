import { parseRead, type Read } from '@varve/core/contract';
import { type RunState, stepOfTask, type TaskState } from '@varve/core/internal';

import type { TaskGraph } from './task-graph.ts';
import type { TaskIndex } from './task-index.ts';
import { lookIn, type TaskScopes } from './task-scope.ts';

type Readers = ReadonlyMap<string, readonly string[]>;

/** Finds the tasks that wrote the artifacts a task saw, and the tasks that read what one wrote. Tasks are names. */
export class Lineage {
  private readonly parsed = new Map<string, Read | undefined>();
  private readonly readersOf = new Map<string, Readers>();

  constructor(
    private readonly state: RunState,
    private readonly scopes: TaskScopes,
    private readonly graph: TaskGraph,
    private readonly index: TaskIndex,
  ) {}

  /** The task that wrote the value a task found in its own field; the first one if branches wrote equal values. */
  producer(task: string, name: string): string | undefined {
    return this.writers(this.trail(this.graph.sources(task), name), name)[0];
  }

  /** The tasks that wrote the values a task could see under this name: in its own field and through the views of a join. */
  producers(task: string, name: string): string[] {
    const trails = [...this.trail(this.graph.sources(task), name), ...this.trail(this.views(task), name)];
    return this.writers([...new Set(trails)], name);
  }

  /** The task that wrote the artifact the run left under this name; `undefined` when its last tasks differ. */
  producerOfRun(name: string): string | undefined {
    const last = this.scopes.last();
    if (lookIn(this.scopes.ofRun(), name) === 'conflict') return undefined;
    return this.writers(this.trail(last.length > 0 ? last : ['init'], name), name)[0];
  }

  /** The later tasks that read the value a task wrote or passed on under this name. */
  readers(task: string, name: string): readonly string[] {
    const known = this.readersOf.get(name) ?? this.collect(name);
    this.readersOf.set(name, known);
    return known.get(task) ?? [];
  }

  /** The reads of a task, as recorded in the journal. Empty for a failed task: its reads are not recorded. */
  reads({ reads }: TaskState): Read[] {
    return reads.flatMap((text) => this.parse(text) ?? []);
  }

  /** True if branches that meet before a task left different values under this name. */
  isConflict(task: string, name: string): boolean {
    return lookIn(this.scopes.before(task), name) === 'conflict';
  }

  /** Collects all readers of a name in one pass, so that asking each of 100,000 tasks stays linear. */
  private collect(name: string): Readers {
    const readers = new Map<string, string[]>();
    for (const task of this.index.all()) {
      for (const one of this.carriersOf(task, name)) {
        const known = readers.get(one);
        if (known) known.push(task.task);
        else readers.set(one, [task.task]);
      }
    }
    return readers;
  }

  /** Every task that wrote or passed on the values a task read under this name. */
  private carriersOf(state: TaskState, name: string): Set<string> {
    const { task } = state;
    const passed = new Set<string>();
    const add = (trail: readonly string[]) => {
      for (const one of trail) passed.add(one);
    };
    let joined: readonly string[] | undefined;
    for (const read of this.reads(state)) {
      if (this.isOwn(state, read, name)) add(this.trail(this.graph.sources(task), name));
      else if (read.kind === 'branch' && saw(read, name)) add(this.trail([this.graph.branch(task, read.branch)], name));
      else if (read.kind === 'task' && saw(read, name)) {
        joined ??= this.graph.joined(task);
        add(this.trail(read.index === '*' ? joined : joined.slice(read.index, read.index + 1), name));
      }
    }
    return passed;
  }

  /** True for a read of the task's own field. Reading the element counts as a read of the list that was split. */
  private isOwn({ step }: TaskState, read: Read, name: string): boolean {
    if (read.kind === 'context') return read.field === 'element' && this.graph.steps.get(step)?.foreach === name;
    return read.kind === 'own' && saw(read, name);
  }

  /** The tasks that a join gets views of. */
  private views(task: string): readonly string[] {
    const step = this.graph.steps.get(stepOfTask(task));
    if (step?.join !== undefined) return this.graph.joined(task);
    return step && step.foreach === undefined && step.after.length > 1 ? this.graph.sources(task) : [];
  }

  private writers(trail: readonly string[], name: string): string[] {
    return trail.filter((task) => this.isWriter(task, name));
  }

  /** Every task on the way of a value, from the tasks that pass it on to those that wrote it. */
  private trail(from: readonly string[], name: string): string[] {
    const seen = new Set<string>();
    const visit = (task: string): void => {
      if (seen.has(task) || lookIn(this.scopes.after(task), name) === undefined) return;
      seen.add(task);
      if (!this.isWriter(task, name)) this.graph.sources(task).forEach(visit);
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

/** True if the read is of this name and found a value. */
function saw(read: { readonly name: string; readonly absent: boolean }, name: string): boolean {
  return read.name === name && !read.absent;
}
