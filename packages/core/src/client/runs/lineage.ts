import { parseRead, type Read, type StepOutline } from '../../contract/index.ts';
import type { RunState, TaskState } from '../../store/journal/run-state.ts';
import { stepOfTask } from '../../store/journal/task-name.ts';
import { lookIn, type TaskEnvs } from './task-env.ts';
import type { TaskIndex } from './task-index.ts';
import type { TaskKin } from './task-kin.ts';

type Readers = ReadonlyMap<string, readonly string[]>;

/** Which task wrote what another one saw, and which tasks read what one wrote: by task names. */
export class Lineage {
  private readonly steps: ReadonlyMap<string, StepOutline>;
  private readonly parsed = new Map<string, Read | undefined>();
  private readonly readersOf = new Map<string, Readers>();

  constructor(
    private readonly state: RunState,
    private readonly envs: TaskEnvs,
    private readonly kin: TaskKin,
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
