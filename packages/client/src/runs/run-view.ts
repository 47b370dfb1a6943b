import type { ArtifactName, StepName, TaskName, View } from '@varve/core';
import type {
  Reference,
  RunListing,
  RunRecord,
  RunStatus,
  RunSummary,
  StoredError,
  TaskStatus,
} from '@varve/core/contract';
import type { RunState, StepState } from '@varve/core/internal';
import { artifactsOf, conflictsOf, referencesOf, type ValueReader } from './artifact-view.ts';
import type { Cancellation } from './cancel-run.ts';
import type { History } from './history.ts';
import { RunData } from './run-data.ts';
import type { ListedRun } from './run-filter.ts';
import { TaskView } from './task-view.ts';

/** Which tasks of a run are meant; what is left out is not asked for. */
export interface TaskQuery<F = Record<string, unknown>> {
  readonly step?: StepName<F>;
  /** One of these. */
  readonly status?: TaskStatus | readonly TaskStatus[];
}

/** One run, as it was when it was read. `F` is the flow's class: it types the artifacts. */
export class RunView<F = Record<string, unknown>> {
  readonly record: RunRecord;
  readonly summary: RunSummary | undefined;
  readonly #parts: RunData;

  constructor(
    listing: RunListing,
    /** The folded journal. */
    readonly state: RunState,
    readonly status: RunStatus,
    values: ValueReader,
    history: History,
  ) {
    this.record = listing.record;
    this.summary = listing.summary;
    this.#parts = new RunData(state, status, values, history);
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
  /** The store it was read from. */
  get history(): History {
    return this.#parts.history;
  }

  /** Whether it is over, well or not. A lost run counts: nobody goes on with it unless it is resumed. */
  get isFinished(): boolean {
    return this.status !== 'running';
  }
  get isSuccessful(): boolean {
    return this.status === 'succeeded';
  }
  /** What its first task to fail threw. */
  get error(): StoredError | undefined {
    return this.state.firstFailure?.error;
  }

  /** What the run left behind, each loaded when it is first read. What several last steps left differently throws. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.#parts.envs.ofRun(), this.#parts.values);
  }

  /** References of what the run left behind, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return referencesOf(this.#parts.envs.ofRun());
  }

  /** Names that several last steps left differently, with those steps. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return conflictsOf(this.#parts.envs.ofRun());
  }

  /** Steps in the order of the class, with how their tasks stand. */
  get steps(): readonly StepState[] {
    return [...this.state.steps.values()];
  }

  /**
   * Tasks the journal knows, by step in the order of the class, then by element; without the virtual `init`. All of them,
   * those of one step, or those of a query: `run.tasks({ step: 'train', status: 'failed' })`.
   */
  tasks(which: StepName<F> | TaskQuery<F> = {}): TaskView<F>[] {
    const { step, status } = typeof which === 'string' ? { step: which } : (which as TaskQuery);
    const tasks = step === undefined ? this.#parts.index.all() : this.#parts.index.ofStep(step);
    const views = tasks.map((task) => new TaskView<F>(task, this.#parts));
    return status === undefined ? views : views.filter((task) => [status].flat().includes(task.status));
  }

  /** One task by name (`train[2]`) or label (`train[knn]`). Throws `VARVE_NO_TASK`, saying what there is. */
  task(name: TaskName<F>): TaskView<F> {
    return new TaskView<F>(this.#parts.find(name), this.#parts);
  }

  /** The task that wrote an artifact the run left behind; `undefined` when there is none, or several that differ. */
  producerOf(artifact: ArtifactName<F>): TaskView<F> | undefined {
    const name = this.#parts.lineage.producerOfRun(artifact);
    return name === undefined ? undefined : new TaskView<F>(this.#parts.find(name), this.#parts);
  }

  /** The run that this one resumed. Throws `VARVE_NO_RUN` when that has been removed. */
  async resumes(): Promise<RunView<F> | undefined> {
    const { origin } = this.record;
    return origin === undefined ? undefined : this.read(origin);
  }

  /** Runs that resumed this one, newest first. */
  async resumedBy(): Promise<ListedRun<F>[]> {
    return (await this.history.resumedBy(this.record)) as unknown as ListedRun<F>[];
  }

  /** Reads it again, as it is now. Throws `VARVE_NO_RUN` when it has been removed. */
  refresh(): Promise<RunView<F>> {
    return this.read(this.id);
  }

  /**
   * Asks the process that drives the run to stop: it ends as cancelled and keeps what had finished. Says what became of
   * that; asking again is no error. Throws `VARVE_RUN_ENDED` when the run had succeeded or failed.
   */
  cancel(): Promise<Cancellation> {
    return this.history.cancel(this.record);
  }

  /** Waits until it is over, however it ends, and reads it then. Rejects with the reason of `signal`. */
  async whenFinished(options: { readonly signal?: AbortSignal } = {}): Promise<RunView<F>> {
    await this.history.whenFinished(this.record, options.signal);
    return this.refresh();
  }

  private async read(id: string): Promise<RunView<F>> {
    return (await this.history.find({ flow: this.flow, run: { id } })) as unknown as RunView<F>;
  }
}
