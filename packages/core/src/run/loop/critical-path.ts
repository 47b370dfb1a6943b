import type { GraphStep } from '../../flow/describe/graph.ts';

/** What is needed of a step. */
export type PathStep = Pick<GraphStep, 'name' | 'kind' | 'parents'>;

/** How long a task took. */
export interface TaskTime {
  readonly step: string;
  /** Element index of each foreach around it, outermost first. */
  readonly path: readonly number[];
  readonly ms: number;
}

/**
 * The least ms in which these tasks could have been done one after what they wait for, with room for all at once: the
 * length of the critical path. Tasks are given parents first. A step that left no task, such as one that was skipped or
 * was to go over an empty list, takes no time.
 */
export function criticalPath(steps: ReadonlyMap<string, PathStep>, tasks: Iterable<TaskTime>): number {
  const ends = new Ends(steps);
  let longest = 0;
  for (const task of tasks) longest = Math.max(longest, ends.add(task));
  return longest;
}

class Ends {
  private readonly ofTask = new Map<string, number>();
  /** Of all tasks of a step inside one element of the foreach around it: what a join waits for. */
  private readonly ofGroup = new Map<string, number>();

  constructor(private readonly steps: ReadonlyMap<string, PathStep>) {}

  add({ step, path, ms }: TaskTime): number {
    const end = this.startOf(step, path) + ms;
    this.ofTask.set(keyOf(step, path), end);
    const group = keyOf(step, path.slice(0, -1));
    if (path.length > 0) this.ofGroup.set(group, Math.max(end, this.ofGroup.get(group) ?? 0));
    return end;
  }

  private startOf(name: string, path: readonly number[]): number {
    const step = this.steps.get(name);
    return (step?.parents ?? []).reduce((most, parent) => Math.max(most, this.endBefore(step, parent, path)), 0);
  }

  private endBefore(step: PathStep | undefined, parent: string, path: readonly number[]): number {
    if (step?.kind === 'foreach') return this.endOf(parent, path.slice(0, -1));
    if (step?.kind !== 'foreach-join') return this.endOf(parent, path);
    return this.ofGroup.get(keyOf(parent, path)) ?? this.startOf(parent, [...path, 0]);
  }

  private endOf(name: string, path: readonly number[]): number {
    return this.ofTask.get(keyOf(name, path)) ?? this.startOf(name, path);
  }
}

function keyOf(step: string, path: readonly number[]): string {
  return `${step} ${path.join()}`;
}
