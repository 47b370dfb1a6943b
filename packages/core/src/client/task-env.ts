import type { StepOutline } from '../contract/index.ts';
import { pathOfTask, type RunState, scopesOf } from '../journal/index.ts';
import { type Env, extendEnv, mergeEnvs, taskName } from '../run/index.ts';

/** Rebuilds, from what the journal holds, what each task left behind. The counterpart of the plan, after the fact. */
export class TaskEnvs {
  private readonly known = new Map<string, Env | undefined>();
  private readonly steps: ReadonlyMap<string, StepOutline>;
  private readonly scopes: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly state: RunState) {
    this.steps = new Map(state.record.graph.map((step) => [step.name, step]));
    this.scopes = scopesOf(state.record.graph);
  }

  /** What a task left behind; `undefined` when it did not end well. */
  after(task: string): Env | undefined {
    if (this.known.has(task)) return this.known.get(task);
    const env = this.compute(task);
    this.known.set(task, env);
    return env;
  }

  /** What the run as a whole left behind: of every step outside a foreach that nothing later has built on. */
  ofRun(): Env | undefined {
    const ended = [...this.steps.keys()].filter((name) => this.scopes.get(name)?.length === 0 && this.after(name));
    const covered = new Set(ended.flatMap((name) => this.ancestors(name)));
    const last = ended.filter((name) => !covered.has(name));
    const branches = last.flatMap((step) => {
      const env = this.after(step);
      return env ? [{ step, env }] : [];
    });
    return branches.length > 0 ? mergeEnvs(branches) : this.after('init');
  }

  private compute(task: string): Env | undefined {
    const state = this.state.tasks.get(task);
    if (!state || !(state.status === 'succeeded' || state.status === 'cached' || state.status === 'cloned'))
      return undefined;
    if (task === 'init') return extendEnv(undefined, state.writes);
    const before = this.before(state.step, pathOfTask(task));
    return before && extendEnv(before, state.writes, state.deletes);
  }

  private before(name: string, path: readonly number[]): Env | undefined {
    const step = this.steps.get(name);
    if (!step) return undefined;
    if (step.join !== undefined) {
      const split = this.scopes.get(step.join)?.at(-1);
      return split === undefined ? undefined : this.before(split, [...path, 0]);
    }
    const outer = step.foreach === undefined ? path : path.slice(0, -1);
    if (step.after.length === 0) return this.after('init');
    const branches = step.after.flatMap((parent) => {
      const env = this.after(taskName(parent, outer));
      return env ? [{ step: parent, env }] : [];
    });
    return branches.length > 0 ? mergeEnvs(branches) : undefined;
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
