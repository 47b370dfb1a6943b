import type { ArtifactName, View } from '@varve/core';
import { type Read, type Reference, type StoredError, type TaskStatus, VarveError } from '@varve/core/contract';
import {
  type AttemptState,
  isSuccessful,
  type LogLine,
  parseLog,
  pathOfTask,
  type TaskState,
} from '@varve/core/internal';
import { artifactsOf, conflictsOf, referencesOf, type ValueReader } from './artifact-view.ts';
import { parsePathspec } from './pathspec.ts';
import type { RunData } from './run-data.ts';

/** The element of a foreach that a task is for. */
export interface TaskElement {
  /** Position in the list, from 0. */
  readonly index: number;
  /** `knn` in `train[knn]`. */
  readonly label: string;
  /** The element itself, loaded on first read; `undefined` when the list is not known. */
  readonly value: unknown;
}

/** One attempt of a task. */
export class AttemptView {
  readonly #values: ValueReader;

  constructor(
    private readonly state: AttemptState,
    /** `lost` when its run died before it ended. */
    readonly status: AttemptState['status'] | 'lost',
    values: ValueReader,
  ) {
    this.#values = values;
  }

  /** From 1. */
  get number(): number {
    return this.state.attempt;
  }
  /** Ms since the Unix epoch; `undefined` when it never started. */
  get startedAt(): number | undefined {
    return this.state.startedAt;
  }
  /** Ms since the Unix epoch; `undefined` while it is running. */
  get endedAt(): number | undefined {
    return this.state.endedAt;
  }
  /** Wall time, ms; `undefined` while it is running, and when it was stopped. */
  get ms(): number | undefined {
    return this.state.ms;
  }
  /** The error it threw, as plain data: `name`, `message`, `code`, `hint`, `stack`, `cause`. */
  get error(): StoredError | undefined {
    return this.state.error;
  }

  /** The lines it printed. */
  async log(): Promise<LogLine[]> {
    return this.state.log ? parseLog(await this.#values.bytes(this.state.log)) : [];
  }
}

/** A view of a run that gives views of its tasks. */
interface RunOfTasks {
  task(name: string): TaskView;
}

/** One task of a run. */
export class TaskView<F = Record<string, unknown>> {
  /** For an unfinished task, `lost` when its run died and `cancelled` when its run ended. */
  readonly status: TaskStatus;
  readonly #run: RunData<RunOfTasks>;

  constructor(
    readonly state: TaskState,
    run: RunData<RunOfTasks>,
  ) {
    this.#run = run;
    this.status = run.statusOf(state);
  }

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

  /** True once it is neither queued nor running, whatever its result. */
  get isFinished(): boolean {
    return this.status !== 'queued' && this.status !== 'running';
  }
  /** True if it has results: executed in this run, or taken from an earlier one. */
  get isSuccessful(): boolean {
    return isSuccessful(this.status);
  }

  /** Start of its first attempt, ms since the Unix epoch; `undefined` when it was not executed. */
  get startedAt(): number | undefined {
    return this.state.attempts[0]?.startedAt;
  }
  /** Ms since the Unix epoch. */
  get endedAt(): number | undefined {
    return this.isFinished ? this.state.endedAt : undefined;
  }
  /** Wall time of its last attempt, ms; for a cached or cloned task, that of the task which computed its results. */
  get ms(): number | undefined {
    return this.state.ms;
  }

  /** In order; empty when it was not executed. */
  get attempts(): AttemptView[] {
    const { state } = this;
    return state.attempts.map((one) => new AttemptView(one, this.statusOfAttempt(one), this.#run.values));
  }

  /** The error of its last attempt, also when the step's `catch` made it the result. */
  get error(): StoredError | undefined {
    return this.state.attempts.at(-1)?.error ?? this.state.caught;
  }

  /** Its element of the innermost foreach around it; `undefined` outside of every foreach. */
  get element(): TaskElement | undefined {
    const { state } = this;
    const run = this.#run;
    const index = pathOfTask(state.task).at(-1);
    if (index === undefined) return undefined;
    return {
      index,
      label: run.labelOf(state),
      get value() {
        return run.elementOf(state);
      },
    };
  }

  /** The artifacts after the task, those it passed on included, each loaded on first read. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.#run.scopes.after(this.name), this.#run.values);
  }

  /** References of the artifacts after the task, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return referencesOf(this.#run.scopes.after(this.name));
  }

  /** Names on which the branches before the task differ, with those branches. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return conflictsOf(this.#run.scopes.after(this.name));
  }

  /** The lines its last attempt printed; for a cached or cloned task, those of the task which computed its results. */
  async log(): Promise<LogLine[]> {
    return this.state.log ? parseLog(await this.#run.values.bytes(this.state.log)) : [];
  }

  /** The tasks that had to end before it; for a join all that it joins, in element order. */
  parents(): TaskView<F>[] {
    return this.views(this.#run.graph.parents(this.name));
  }

  /** The tasks that could start once it had ended. */
  children(): TaskView<F>[] {
    return this.views(this.#run.graph.children(this.name));
  }

  /** Everything it read, as recorded for the cache; empty for a failed task. */
  get reads(): Read[] {
    return this.#run.lineage.reads(this.state);
  }

  /**
   * The task that wrote the value this one found in its own field when it started: `init` for initialisers and parameters,
   * `undefined` when the field was empty. Throws `VARVE_BRANCHES_DIFFER` when branches had left different values.
   */
  producerOf(artifact: ArtifactName<F>): TaskView<F> | undefined {
    if (this.#run.lineage.isConflict(this.name, artifact)) throw differ(this.label, artifact);
    const found = this.#run.lineage.producer(this.name, artifact);
    return found === undefined ? undefined : this.views([found])[0];
  }

  /** All tasks that wrote a value this one could see under a name: in its own field and through the views of a join. */
  producersOf(artifact: ArtifactName<F>): TaskView<F>[] {
    return this.views(this.#run.lineage.producers(this.name, artifact));
  }

  /** The later tasks that read the value it wrote or passed on, failed ones excepted: their reads are not recorded. */
  readersOf(artifact: ArtifactName<F>): TaskView<F>[] {
    return this.views(this.#run.lineage.readers(this.name, artifact));
  }

  /** Path of the task that computed its results, as `Penguins/3/train[2]`, when this one is cached or cloned. */
  get from(): string | undefined {
    return this.state.from;
  }

  /** The task that computed its results: itself, unless cached or cloned. Throws `VARVE_NO_RUN` when that run was removed. */
  async original(): Promise<TaskView<F>> {
    const path = this.from === undefined ? undefined : parsePathspec(this.from);
    if (!path) return this;
    const original = await this.#run.runOf(path);
    return original.task(path.task ?? this.name) as unknown as TaskView<F>;
  }

  private views(names: readonly string[]): TaskView<F>[] {
    const { tasks } = this.#run.state;
    return names.flatMap((name) => {
      const task = tasks.get(name);
      return task ? [new TaskView<F>(task, this.#run)] : [];
    });
  }

  private statusOfAttempt({ status }: AttemptState): AttemptView['status'] {
    if (status !== 'running' || this.#run.status === 'running') return status;
    return this.#run.status === 'lost' ? 'lost' : 'cancelled';
  }
}

function differ(task: string, name: string): VarveError {
  return new VarveError('VARVE_BRANCHES_DIFFER', `the branches before ${task} left different values of '${name}'`, {
    hint: `See who wrote them: run.task('${task}').producersOf('${name}')`,
  });
}
