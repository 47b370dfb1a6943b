import type { Reference, StepOutline } from '@varve/core/contract';
import {
  type ArtifactScope,
  extendScope,
  mergeScopes,
  pathOfTask,
  type RunState,
  scopesOf,
  stepOfTask,
  taskName,
} from '@varve/core/internal';

/** Rebuilds, from what the journal holds, what each task left behind. The counterpart of the plan, after the fact. */
export class TaskScopes {
  private readonly known = new Map<string, ArtifactScope | undefined>();
  private readonly merged = new Map<string, ArtifactScope | undefined>();
  private readonly steps: ReadonlyMap<string, StepOutline>;
  private readonly scopes: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly state: RunState) {
    this.steps = new Map(state.record.graph.map((step) => [step.name, step]));
    this.scopes = scopesOf(state.record.graph);
  }

  /** What a task left behind; `undefined` when it did not end well. */
  after(task: string): ArtifactScope | undefined {
    if (this.known.has(task)) return this.known.get(task);
    const env = this.compute(task);
    this.known.set(task, env);
    return env;
  }

  /** What a task had as its own fields when it started, also when it failed. */
  before(task: string): ArtifactScope | undefined {
    const sources = this.sources(task);
    // All elements of a foreach start from one environment: it is merged, and later flattened, once for all of them.
    const key = sources.join('\n');
    if (this.merged.has(key)) return this.merged.get(key);
    const env = this.merge(sources);
    this.merged.set(key, env);
    return env;
  }

  /** The tasks whose fields a task starts with: those before it, and for a join those before the foreach it closes. */
  sources(task: string): string[] {
    return task === 'init' ? [] : this.sourcesAt(stepOfTask(task), pathOfTask(task));
  }

  /** What the run as a whole left behind: of every step outside a foreach that nothing later has built on. */
  ofRun(): ArtifactScope | undefined {
    const last = this.last();
    return last.length > 0 ? this.merge(last) : this.after('init');
  }

  /** The tasks outside of every foreach that ended well and that nothing later has built on. */
  last(): string[] {
    const ended = [...this.steps.keys()].filter((name) => this.scopes.get(name)?.length === 0 && this.after(name));
    const covered = new Set(ended.flatMap((name) => this.ancestors(name)));
    return ended.filter((name) => !covered.has(name));
  }

  private compute(task: string): ArtifactScope | undefined {
    const state = this.state.tasks.get(task);
    if (!state || !(state.status === 'succeeded' || state.status === 'cached' || state.status === 'cloned'))
      return undefined;
    if (task === 'init') return extendScope(undefined, state.writes);
    const before = this.before(task);
    return before && extendScope(before, state.writes, state.deletes);
  }

  private merge(tasks: readonly string[]): ArtifactScope | undefined {
    const branches = tasks.flatMap((task) => {
      const env = this.after(task);
      return env ? [{ step: stepOfTask(task), env }] : [];
    });
    return branches.length > 0 ? mergeScopes(branches) : undefined;
  }

  private sourcesAt(name: string, path: readonly number[]): string[] {
    const step = this.steps.get(name);
    if (!step) return [];
    if (step.join !== undefined) {
      const split = this.scopes.get(step.join)?.at(-1);
      return split === undefined ? [] : this.sourcesAt(split, [...path, 0]);
    }
    const isElement = step.foreach !== undefined && path.length === this.scopes.get(name)?.length;
    const outer = isElement ? path.slice(0, -1) : path;
    return step.after.length === 0 ? ['init'] : step.after.map((parent) => taskName(parent, outer));
  }

  private ancestors(name: string, seen = new Set<string>()): string[] {
    const step = this.steps.get(name);
    for (const parent of step?.join === undefined ? (step?.after ?? []) : [step.join]) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      this.ancestors(parent, seen);
    }
    return [...seen];
  }
}

/** What a name stands for in an environment, without listing all names: `conflict` when branches differ on it. */
export function lookIn(env: ArtifactScope | undefined, name: string): Reference | 'conflict' | undefined {
  for (let at = env; at !== undefined; at = at.base) {
    if (at.conflicts && Object.hasOwn(at.conflicts, name)) return 'conflict';
    if (Object.hasOwn(at.own, name)) return at.own[name];
    if (at.deleted.includes(name)) return undefined;
  }
  return undefined;
}
