import type { ArtifactName, View } from '@varve/core';
import { type Read, type Reference, type StoredError, type TaskStatus, VarveError } from '@varve/core/contract';
import {
  type AttemptState,
  FINISHED,
  type LogLine,
  parseLog,
  pathOfTask,
  type RunState,
  type TaskState,
} from '@varve/core/internal';

import { AttemptView } from './attempt-view.ts';
import { parsePathspec } from './pathspec.ts';
import type { RunData } from './run-parts.ts';
import { artifactsOf, conflictsOf, referencesOf } from './stored-view.ts';

/** The element of a foreach that a task is for. */
export interface TaskElement {
  /** Its place in the list, from 0. */
  readonly index: number;
  /** What it is called: `knn` in `train[knn]`. */
  readonly label: string;
  /** The element itself, loaded when it is first read; `undefined` when the list is not known. */
  readonly value: unknown;
}

/** One task of a run. */
export class TaskView<F = Record<string, unknown>> {
  /** `lost` when its run died with it unfinished, `cancelled` when it ended so. */
  readonly status: TaskStatus;
  readonly #parts: RunData;

  constructor(
    readonly state: TaskState,
    parts: RunData,
  ) {
    this.#parts = parts;
    this.status = parts.statusOf(state);
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

  /** Whether it is done with, well or not: neither queued nor running. */
  get isFinished(): boolean {
    return this.status !== 'queued' && this.status !== 'running';
  }
  /** Whether its results are there: executed now, or taken from before. */
  get isSuccessful(): boolean {
    return FINISHED.includes(this.status);
  }

  /** When its first attempt began, ms since the Unix epoch; `undefined` when it was not executed. */
  get startedAt(): number | undefined {
    return this.state.attempts[0]?.startedAt;
  }
  /** Ms since the Unix epoch. */
  get endedAt(): number | undefined {
    return this.isFinished ? this.state.endedAt : undefined;
  }
  /** Wall time of its last attempt, ms; of a cached or cloned task, of the one that computed its results. */
  get ms(): number | undefined {
    return this.state.ms;
  }

  /** In order; none when it was not executed. */
  get attempts(): AttemptView[] {
    const { state } = this;
    return state.attempts.map((one) => new AttemptView(one, this.statusOfAttempt(one), this.#parts.values));
  }

  /** What its last attempt threw, also when the step's `catch` took it as its result. */
  get error(): StoredError | undefined {
    return this.state.attempts.at(-1)?.error ?? this.state.caught;
  }

  /** The element it is for, of the innermost foreach around it; `undefined` outside of every foreach. */
  get element(): TaskElement | undefined {
    const { state } = this;
    const parts = this.#parts;
    const index = pathOfTask(state.task).at(-1);
    if (index === undefined) return undefined;
    return {
      index,
      label: parts.labelOf(state),
      get value() {
        return parts.elementOf(state);
      },
    };
  }

  /** What the task left behind, with what it passed on, each loaded when it is first read. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.#parts.envs.after(this.name), this.#parts.values);
  }

  /** References of what the task left behind, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return referencesOf(this.#parts.envs.after(this.name));
  }

  /** Names on which the branches before the task differ, with those branches. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return conflictsOf(this.#parts.envs.after(this.name));
  }

  /** What its last attempt printed; of a cached or cloned task, what the one that computed its results did. */
  async log(): Promise<LogLine[]> {
    return this.state.log ? parseLog(await this.#parts.values.bytes(this.state.log)) : [];
  }

  /** The tasks that had to end before it; of a join all that it joins, in element order. */
  parents(): TaskView<F>[] {
    return this.views(this.#parts.graph.parents(this.name));
  }

  /** The tasks that could start once it had ended. */
  children(): TaskView<F>[] {
    return this.views(this.#parts.graph.children(this.name));
  }

  /** What it really looked at; empty for a task that failed. */
  get reads(): Read[] {
    return this.#parts.lineage.reads(this.state);
  }

  /**
   * The task that wrote what this one found in its own field, before it wrote there itself: `init` for initialisers and
   * parameters, `undefined` when there was nothing. Throws `VARVE_BRANCHES_DIFFER` when branches had left different values.
   */
  producerOf(artifact: ArtifactName<F>): TaskView<F> | undefined {
    if (this.#parts.lineage.isConflict(this.name, artifact)) throw differ(this.label, artifact);
    const found = this.#parts.lineage.producer(this.name, artifact);
    return found === undefined ? undefined : this.views([found])[0];
  }

  /** All tasks that wrote what this one could see under a name: in its own field, and through the views of a join. */
  producersOf(artifact: ArtifactName<F>): TaskView<F>[] {
    return this.views(this.#parts.lineage.producers(this.name, artifact));
  }

  /** The tasks after this one that read the value it wrote or passed on. What a failed task read is not known. */
  readersOf(artifact: ArtifactName<F>): TaskView<F>[] {
    return this.views(this.#parts.lineage.readers(this.name, artifact));
  }

  /** `Penguins/3/train[2]`, the task that computed its results, when this one is cached or cloned. */
  get from(): string | undefined {
    return this.state.from;
  }

  /** The task that computed its results: itself, unless it is cached or cloned. Throws `VARVE_NO_RUN` when that run is gone. */
  async original(): Promise<TaskView<F>> {
    const path = this.from === undefined ? undefined : parsePathspec(this.from);
    if (!path) return this;
    const run = await this.#parts.runOf(path);
    return run.task(path.task ?? this.name) as unknown as TaskView<F>;
  }

  private views(names: readonly string[]): TaskView<F>[] {
    const { tasks } = this.#parts.state as RunState;
    return names.flatMap((name) => {
      const task = tasks.get(name);
      return task ? [new TaskView<F>(task, this.#parts)] : [];
    });
  }

  private statusOfAttempt({ status }: AttemptState): AttemptView['status'] {
    if (status !== 'running' || this.#parts.status === 'running') return status;
    return this.#parts.status === 'lost' ? 'lost' : 'cancelled';
  }
}

function differ(task: string, name: string): VarveError {
  return new VarveError('VARVE_BRANCHES_DIFFER', `the branches before ${task} left different values of '${name}'`, {
    hint: `See who wrote them: run.task('${task}').producersOf('${name}')`,
  });
}
