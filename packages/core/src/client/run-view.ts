import {
  type Reference,
  type RunListing,
  type RunRecord,
  type RunStatus,
  type RunSummary,
  type TaskStatus,
  VarveError,
} from '../contract/index.ts';
import { createView, type View } from '../flow/index.ts';
import { pathOfTask, type RunState, type StepState, type TaskState, taskStatusIn } from '../journal/index.ts';
import { type Env, extendEnv, flattenEnv } from '../run/index.ts';
import { type LogLine, parseLog } from '../runner/index.ts';
import type { ValueReader } from './history.ts';
import { parseTaskName } from './pathspec.ts';
import { TaskEnvs } from './task-env.ts';

/** One run, as it was when it was read. `F` is the flow's class: it types the artifacts. */
export class RunView<F = Record<string, unknown>> {
  readonly record: RunRecord;
  readonly summary: RunSummary | undefined;
  private readonly envs: TaskEnvs;

  constructor(
    listing: RunListing,
    /** The folded journal. */
    readonly state: RunState,
    readonly status: RunStatus,
    private readonly values: ValueReader,
  ) {
    this.record = listing.record;
    this.summary = listing.summary;
    this.envs = new TaskEnvs(state);
  }

  get id(): string {
    return this.record.id;
  }
  get flow(): string {
    return this.record.flow;
  }
  /** Small and per flow: `12` in `Penguins#12`. */
  get number(): number {
    return this.record.number;
  }

  /** What the run left behind, each loaded when it is first read. What several last steps left differently throws. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.envs.ofRun(), this.values);
  }

  /** References of what the run left behind, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return flattenEnv(this.envs.ofRun() ?? NOTHING).references;
  }

  /** Names that several last steps left differently, with those steps. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return flattenEnv(this.envs.ofRun() ?? NOTHING).conflicts;
  }

  /** Steps in the order of the class, with how their tasks stand. */
  get steps(): readonly StepState[] {
    return [...this.state.steps.values()];
  }

  /** Tasks the journal knows, by step in the order of the class, then by element; without the virtual `init`. */
  tasks(step?: string): TaskView<F>[] {
    const all = [...this.state.tasks.values()].filter(
      (task) => task.step !== 'init' && (step === undefined || task.step === step),
    );
    const places = new Map(this.record.graph.map(({ name }, place) => [name, place]));
    const keyed = all.map((task) => ({ task, at: [places.get(task.step) ?? places.size, ...pathOfTask(task.task)] }));
    return keyed.sort((a, b) => comparePaths(a.at, b.at)).map(({ task }) => this.view(task));
  }

  /** One task by name (`train[2]`) or label (`train[knn]`). Throws `VARVE_NO_TASK`, saying what there is. */
  task(name: string): TaskView<F> {
    const found = this.state.tasks.get(name) ?? [...this.state.tasks.values()].find((task) => task.label === name);
    if (found) return this.view(found);
    const { step } = parseTaskName(name);
    const near = this.tasks(this.state.steps.has(step) ? step : undefined)
      .slice(0, 8)
      .map((task) => task.label);
    throw new VarveError('VARVE_NO_TASK', `${this.flow}/${this.number} has no task ${name}`, {
      hint: `Tasks: ${near.join(', ') || 'none yet'}`,
    });
  }

  private view(task: TaskState): TaskView<F> {
    return new TaskView<F>(task, taskStatusIn(this.status, task.status), () => this.envs.after(task.task), this.values);
  }
}

/** One task of a run. */
export class TaskView<F = Record<string, unknown>> {
  constructor(
    readonly state: TaskState,
    /** `lost` when its run died with it unfinished. */
    readonly status: TaskStatus,
    private readonly env: () => Env | undefined,
    private readonly values: ValueReader,
  ) {}

  /** `train[2]`. */
  get name(): string {
    return this.state.task;
  }
  /** `train[knn]`. */
  get label(): string {
    return this.state.label;
  }
  get step(): string {
    return this.state.step;
  }

  /** What the task left behind, with what it passed on, each loaded when it is first read. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.env(), this.values);
  }

  /** References of what the task left behind, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return flattenEnv(this.env() ?? NOTHING).references;
  }

  /** Names on which the branches before the task differ, with those branches. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return flattenEnv(this.env() ?? NOTHING).conflicts;
  }

  /** What its last attempt printed. */
  async log(): Promise<LogLine[]> {
    return this.state.log ? parseLog(await this.values.bytes(this.state.log)) : [];
  }
}

function comparePaths(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

const NOTHING = extendEnv(undefined, {});

function artifactsOf<F>(env: Env | undefined, values: ValueReader): View<F> {
  const { references, conflicts } = flattenEnv(env ?? NOTHING);
  const load = (name: string) => {
    const branches = Object.hasOwn(conflicts, name) ? conflicts[name] : undefined;
    if (branches) {
      throw new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
        hint: `Read it from one of them: run.task('${branches[0]}').artifacts.${name}`,
      });
    }
    const reference = Object.hasOwn(references, name) ? references[name] : undefined;
    return reference && values.readNow(reference);
  };
  return createView([...Object.keys(references), ...Object.keys(conflicts)], load, () => {}) as View<F>;
}
