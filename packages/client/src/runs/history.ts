import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactName, StepName, TaskName, View } from '@varve/core';
import {
  type Datastore,
  type ListingQuery,
  type MetadataProvider,
  type Reference,
  type RunIndex,
  type RunListing,
  type RunRecord,
  type RunStatus,
  type RunSummary,
  type StoredError,
  type TaskStatus,
  VarveError,
} from '@varve/core/contract';
import {
  DatastoreJournal,
  type DirEntry,
  decodeManifest,
  FILE_CODEC,
  fenceRun,
  findRunId,
  foldAsync,
  listPins,
  pinKey,
  type RunState,
  readStatus,
  runPrefix,
  type StepState,
  unlessDamaged,
} from '@varve/core/internal';
import { artifactsOf, conflictsOf, referencesOf, type ValueReader } from './artifact-view.ts';
import { type Cancellation, cancelRun } from './cancel-run.ts';
import { type IndexedQuery, IndexedRuns } from './indexed-runs.ts';
import type { Pathspec } from './pathspec.ts';
import { RunData } from './run-data.ts';
import { hasStatus, isFilter, isLongBefore, matches, type RunQuery, selectionOf } from './run-filter.ts';
import { TaskView } from './task-view.ts';

/** Ms between two polls of a run that is waited for. */
const POLL_MS = 200;

/** A run in a list: its journal has not been folded. */
export interface ListedRun<F = Record<string, unknown>> extends RunListing {
  readonly status: RunStatus;
  /** Set for a run that `varve gc` keeps until it is unpinned. */
  readonly pinned?: true;
  /** Reads its journal. Throws `VARVE_NO_RUN` when it has been removed. */
  open(): Promise<RunView<F>>;
}

interface Listings {
  readonly capabilities: { readonly selectsRuns?: boolean };
  runs(query: IndexedQuery): AsyncIterable<RunListing>;
}

/** So many of the newest runs are read from the store sooner than an index is compared with it. */
const FEW = 100;

/** The runs in a store: finds, reads, cancels and fences them. */
export class History {
  private readonly listings: Listings;

  constructor(
    private readonly store: Datastore,
    private readonly metadata: MetadataProvider,
    private readonly values: ValueReader,
    /** The time by the store's clock, in ms since the Unix epoch: it alone tells the age of a heartbeat. */
    private readonly now: () => number | Promise<number>,
    /** Name of the user, written to the markers of runs. */
    private readonly who = 'client',
    /** Lists the runs whose journals are in the store, where there are very many. */
    index?: RunIndex,
  ) {
    this.listings = index ? new IndexedRuns(store, index) : metadata;
  }

  /** Newest first. */
  async *list(query: RunQuery = {}): AsyncGenerator<ListedRun> {
    let left = query.limit ?? Number.POSITIVE_INFINITY;
    const pins = await listPins(this.store);
    for await (const listing of this.select(query)) {
      if (left <= 0 || isLongBefore(listing, query.since)) return;
      if (!matches(listing, query)) continue;
      const status = await this.listedStatus(listing, query.onDamage);
      if (!hasStatus(status, query)) continue;
      left--;
      yield this.listed(listing, status, pins);
    }
  }

  /** Runs that resumed a run, newest first. */
  async resumedBy({ flow, id, createdAt }: RunRecord): Promise<ListedRun[]> {
    const found: ListedRun[] = [];
    const pins = await listPins(this.store);
    for await (const listing of this.listings.runs(only(flow, () => {}))) {
      if (isLongBefore(listing, createdAt)) break;
      if (listing.record.origin === id) found.push(this.listed(listing, await this.listedStatus(listing), pins));
    }
    return found;
  }

  /** The run of a pathspec. Throws `VARVE_NO_RUN`, naming the newest runs. */
  async find(path: Pathspec): Promise<RunView> {
    return this.open(await this.listing(path));
  }

  /** The same without reading its journal. */
  async listing(path: Pathspec): Promise<RunListing> {
    const listing = await this.lookUp(path);
    if (listing) return listing;
    const near = (await this.newest(path.flow)) || (path.flow === undefined ? '' : await this.newest(undefined));
    throw new VarveError('VARVE_NO_RUN', `there is no run ${describe(path)} in ${this.place}`, {
      hint: near === '' ? 'Nothing has run there yet: varve run flow.ts' : `Newest runs: ${near}`,
    });
  }

  /** Where runs are recorded, for people. */
  private get place(): string {
    return this.metadata instanceof DatastoreJournal ? this.store.name : this.metadata.name;
  }

  /** Names of the newest runs, for hints. */
  private async newest(flow: string | undefined): Promise<string> {
    const names: string[] = [];
    for await (const { record } of this.list({ ...only(flow, () => {}), limit: 3 }))
      names.push(`${record.flow}/${record.number}`);
    return names.join(', ');
  }

  /** The stored value of a reference. */
  value(reference: Reference): Promise<unknown> {
    return this.values.read(reference);
  }

  /** The stored bytes of an artifact or of one file of a folder. The stream fails at its end when they are damaged. */
  content(reference: Pick<Reference, 'digest' | 'size'> & Partial<Reference>): AsyncIterable<Uint8Array> {
    return this.values.stream({ codec: FILE_CODEC, ...reference });
  }

  /** The files of a folder stored with `artifact.dir`. */
  async files(folder: Reference): Promise<readonly DirEntry[]> {
    return decodeManifest(await this.values.bytes(folder));
  }

  /** Fences a run, so that a process that may still write to it fails. `by` is written to the fence. */
  async fence(run: { readonly flow: string; readonly id: string }, by: string): Promise<void> {
    await fenceRun(this.store, runPrefix(run.flow, run.id), by, { metadata: this.metadata });
  }

  /** Asks the process of a run to stop. Throws `VARVE_RUN_ENDED` for a run that has succeeded or failed. */
  async cancel(run: RunRecord): Promise<Cancellation> {
    return cancelRun(this.store, run, await this.statusNow(run), this.who);
  }

  /** Waits for the end of a run and returns its status. Rejects with the reason of `signal`. */
  async whenFinished(run: RunRecord, signal?: AbortSignal): Promise<RunStatus> {
    for (;;) {
      signal?.throwIfAborted();
      const status = await this.statusNow(run);
      if (status !== 'running') return status;
      await sleep(POLL_MS, undefined, signal && { signal }).catch(() => {});
    }
  }

  /** Reads the journal of a run. */
  async open(listing: RunListing): Promise<RunView> {
    const { record } = listing;
    const state = await foldAsync(record, this.metadata.events(record));
    const status = await this.statusOf({ ...listing, status: state.status });
    return new RunView(listing, state, status, this.values, this);
  }

  private select(query: RunQuery): AsyncIterable<RunListing> {
    const { flow, onDamage, onUnindexed, limit = Number.POSITIVE_INFINITY } = query;
    const listings = limit <= FEW && !isFilter(query) ? this.metadata : this.listings;
    const where = listings.capabilities.selectsRuns && selectionOf(query);
    return listings.runs({ ...only(flow, onDamage), ...(where && { where }), ...(onUnindexed && { onUnindexed }) });
  }

  private listed(listing: RunListing, status: RunStatus, pins: ReadonlySet<string>): ListedRun {
    const { flow, id } = listing.record;
    const open = () => this.find({ flow, run: { id } });
    return { ...listing, status, ...(pins.has(pinKey(flow, id)) && { pinned: true }), open };
  }

  private async statusNow({ flow, id }: RunRecord): Promise<RunStatus> {
    return this.listedStatus(await this.listing({ flow, run: { id } }));
  }

  /** `status` is the end recorded in the journal, where that was read. */
  private statusOf(listing: RunListing & { readonly status?: RunStatus }): Promise<RunStatus> {
    return readStatus(this.store, listing, async () => this.now());
  }

  /** The status in a list. The journal is read only for a run that looks lost: it may have ended without a summary. */
  private async listedStatus(listing: RunListing, onDamage?: ListingQuery['onDamage']): Promise<RunStatus> {
    const status = (await unlessDamaged(this.statusOf(listing), onDamage)) ?? 'lost';
    if (status !== 'lost') return status;
    return (await unlessDamaged(this.endIn(listing), onDamage)) ?? 'lost';
  }

  private async endIn({ record }: RunListing): Promise<RunStatus | undefined> {
    for await (const event of this.metadata.events(record)) if (event.type === 'run-ended') return event.status;
    return undefined;
  }

  private async lookUp(path: Pathspec): Promise<RunListing | undefined> {
    const { flow, run } = path;
    if ('alias' in run) return this.byAlias(run.alias, flow);
    if (flow !== undefined && 'number' in run) {
      const id = await findRunId(this.store, flow, run.number);
      return id === undefined ? undefined : this.metadata.run(flow, id);
    }
    let damage: VarveError | undefined;
    const query = only(flow, (error) => {
      damage ??= error;
    });
    for await (const { record } of this.metadata.runs(query)) {
      const sought = 'id' in run ? record.id === run.id : record.number === run.number;
      if (sought) return this.metadata.run(record.flow, record.id);
    }
    // The run may be the damaged one, so it cannot be reported as missing.
    if (damage) throw damage;
    return undefined;
  }

  private async byAlias(alias: 'last' | 'last-ok' | 'prev', flow: string | undefined): Promise<RunListing | undefined> {
    let skip = alias === 'prev' ? 1 : 0;
    for await (const listing of this.metadata.runs(only(flow))) {
      if (listing.record.spin !== undefined) continue;
      if (alias === 'last-ok' && (await this.listedStatus(listing)) !== 'succeeded') continue;
      if (skip-- === 0) return listing;
    }
    return undefined;
  }
}

/** Selects tasks of a run. A field that is left out matches every task. */
export interface TaskQuery<F = Record<string, unknown>> {
  readonly step?: StepName<F>;
  /** One of these. */
  readonly status?: TaskStatus | readonly TaskStatus[];
}

/** A snapshot of one run, as it was when it was read. `F` is the flow's class: it types the artifacts. */
export class RunView<F = Record<string, unknown>> {
  readonly record: RunRecord;
  readonly summary: RunSummary | undefined;
  readonly #data: RunData<RunView>;
  readonly #history: History;

  constructor(
    listing: RunListing,
    /** The folded journal. */
    readonly state: RunState,
    readonly status: RunStatus,
    values: ValueReader,
    history: History,
  ) {
    this.#history = history;
    this.record = listing.record;
    this.summary = listing.summary;
    this.#data = new RunData<RunView>(state, status, values, history);
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
  /** The history that it was read from. */
  get history(): History {
    return this.#history;
  }
  /** True once it has ended, whatever its result. A lost run counts: it goes on only when it is resumed. */
  get isFinished(): boolean {
    return this.status !== 'running';
  }
  get isSuccessful(): boolean {
    return this.status === 'succeeded';
  }
  /** The error of the task that failed first. */
  get error(): StoredError | undefined {
    return this.state.firstFailure?.error;
  }

  /** The artifacts the run left behind, each loaded on first read. Reading one that its last steps left differently throws. */
  get artifacts(): View<F> {
    return artifactsOf<F>(this.#data.scopes.ofRun(), this.#data.values);
  }

  /** References of the artifacts the run left behind, by name. */
  get references(): Readonly<Record<string, Reference>> {
    return referencesOf(this.#data.scopes.ofRun());
  }

  /** Names that its last steps left differently, with those steps. */
  get conflicts(): Readonly<Record<string, readonly string[]>> {
    return conflictsOf(this.#data.scopes.ofRun());
  }

  /** Steps in the order of the class, with the states of their tasks. */
  get steps(): readonly StepState[] {
    return [...this.state.steps.values()];
  }

  /**
   * Tasks in the journal, by step in the order of the class, then by element; without the virtual `init`. All of them,
   * those of one step, or those of a query: `run.tasks({ step: 'train', status: 'failed' })`.
   */
  tasks(which: StepName<F> | TaskQuery<F> = {}): TaskView<F>[] {
    const { step, status } = typeof which === 'string' ? { step: which } : (which as TaskQuery);
    const tasks = step === undefined ? this.#data.index.all() : this.#data.index.ofStep(step);
    const views = tasks.map((task) => new TaskView<F>(task, this.#data));
    return status === undefined ? views : views.filter((task) => [status].flat().includes(task.status));
  }

  /** One task by name (`train[2]`) or label (`train[knn]`). Throws `VARVE_NO_TASK`, naming tasks that exist. */
  task(name: TaskName<F>): TaskView<F> {
    return new TaskView<F>(this.#data.find(name), this.#data);
  }

  /** The task that wrote an artifact the run left behind; `undefined` when there is none or the last steps differ on it. */
  producerOf(artifact: ArtifactName<F>): TaskView<F> | undefined {
    const name = this.#data.lineage.producerOfRun(artifact);
    return name === undefined ? undefined : new TaskView<F>(this.#data.find(name), this.#data);
  }

  /** The run that this one resumed. Throws `VARVE_NO_RUN` when it has been removed. */
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
   * Asks the process of the run to stop: the run ends as cancelled and keeps the results of finished tasks. Asking again
   * is no error. Throws `VARVE_RUN_ENDED` when the run has succeeded or failed.
   */
  cancel(): Promise<Cancellation> {
    return this.history.cancel(this.record);
  }

  /** Waits for its end, whatever the result, and reads it again. Rejects with the reason of `signal`. */
  async whenFinished(options: { readonly signal?: AbortSignal } = {}): Promise<RunView<F>> {
    await this.history.whenFinished(this.record, options.signal);
    return this.refresh();
  }

  private async read(id: string): Promise<RunView<F>> {
    return (await this.history.find({ flow: this.flow, run: { id } })) as unknown as RunView<F>;
  }
}

function only(flow: string | undefined, onDamage?: ListingQuery['onDamage']): ListingQuery {
  return { ...(flow !== undefined && { flow }), ...(onDamage && { onDamage }) };
}

function describe({ flow, run }: Pathspec): string {
  const which = 'alias' in run ? `@${run.alias}` : 'number' in run ? `#${run.number}` : run.id;
  return flow === undefined ? which : `${flow}/${which.replace('#', '')}`;
}
