import type { Reference } from '@varve/core/contract';
import {
  type ArtifactScope,
  extendScope,
  isSuccessful,
  mergeScopes,
  type RunState,
  stepOfTask,
} from '@varve/core/internal';

import type { TaskGraph } from './task-graph.ts';

/** Rebuilds from the journal the artifacts that each task started with and left behind. */
export class TaskScopes {
  private readonly known = new Map<string, ArtifactScope | undefined>();
  private readonly merged = new Map<string, ArtifactScope | undefined>();

  constructor(
    private readonly state: RunState,
    private readonly graph: TaskGraph,
  ) {}

  /** The artifacts that a task left behind; `undefined` unless it succeeded or was taken from another run. */
  after(task: string): ArtifactScope | undefined {
    if (this.known.has(task)) return this.known.get(task);
    const scope = this.compute(task);
    this.known.set(task, scope);
    return scope;
  }

  /** The artifacts that a task had as its own fields when it started; known of a failed task, too. */
  before(task: string): ArtifactScope | undefined {
    const sources = this.graph.sources(task);
    // All elements of a foreach start from one scope: it is merged, and later flattened, once for all of them.
    const key = sources.join('\n');
    if (this.merged.has(key)) return this.merged.get(key);
    const scope = this.merge(sources);
    this.merged.set(key, scope);
    return scope;
  }

  /** The artifacts that the run as a whole left behind: those of its last tasks. */
  ofRun(): ArtifactScope | undefined {
    const last = this.last();
    return last.length > 0 ? this.merge(last) : this.after('init');
  }

  /** The tasks outside of every foreach that succeeded and that no later successful task builds on. */
  last(): string[] {
    const { steps, foreaches } = this.graph;
    const ended = [...steps.keys()].filter((name) => foreaches.get(name)?.length === 0 && this.after(name));
    const covered = new Set(ended.flatMap((name) => [...this.graph.ancestors(name)]));
    return ended.filter((name) => !covered.has(name));
  }

  private compute(task: string): ArtifactScope | undefined {
    const state = this.state.tasks.get(task);
    if (!state || !isSuccessful(state.status)) return undefined;
    if (task === 'init') return extendScope(undefined, state.writes);
    const before = this.before(task);
    return before && extendScope(before, state.writes, state.deletes);
  }

  private merge(tasks: readonly string[]): ArtifactScope | undefined {
    const branches = tasks.flatMap((task) => {
      const scope = this.after(task);
      return scope ? [{ step: stepOfTask(task), env: scope }] : [];
    });
    return branches.length > 0 ? mergeScopes(branches) : undefined;
  }
}

/** Looks up one name without listing all of them: `conflict` when branches differ on it. */
export function lookIn(scope: ArtifactScope | undefined, name: string): Reference | 'conflict' | undefined {
  for (let at = scope; at !== undefined; at = at.base) {
    if (at.conflicts && Object.hasOwn(at.conflicts, name)) return 'conflict';
    if (Object.hasOwn(at.own, name)) return at.own[name];
    if (at.deleted.includes(name)) return undefined;
  }
  return undefined;
}
