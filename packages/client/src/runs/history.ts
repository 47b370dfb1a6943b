import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Datastore,
  type ListingQuery,
  type MetadataProvider,
  type Reference,
  type RunListing,
  type RunRecord,
  type RunStatus,
  VarveError,
} from '@varve/core/contract';
import {
  type DirEntry,
  decodeManifest,
  FILE_CODEC,
  findRunId,
  foldAsync,
  listPins,
  pinKey,
  readHeartbeat,
  statusOf,
  unlessDamaged,
  writeFence,
} from '@varve/core/internal';
import type { ValueReader } from './artifact-view.ts';
import { type Cancellation, cancelRun } from './cancel-run.ts';
import type { Pathspec } from './pathspec.ts';
import { fits, hasStatus, isLongBefore, type ListedRun, type RunQuery } from './run-filter.ts';
import { RunView } from './run-view.ts';

/** Ms between two looks at a run that somebody waits for. */
const LOOK_MS = 200;

/** What a store remembers of runs: for reading, and for telling a run to stop. */
export class History {
  constructor(
    private readonly store: Datastore,
    private readonly metadata: MetadataProvider,
    private readonly values: ValueReader,
    private readonly now: () => number,
    /** Who is at work, for what is written about a run. */
    private readonly who = 'client',
  ) {}

  /** Newest first. */
  async *list(query: RunQuery = {}): AsyncGenerator<ListedRun> {
    let left = query.limit ?? Number.POSITIVE_INFINITY;
    const pins = await listPins(this.store);
    for await (const listing of this.metadata.runs(only(query.flow, query.onDamage))) {
      if (left <= 0 || isLongBefore(listing, query.since)) return;
      if (!fits(listing, query)) continue;
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
    for await (const listing of this.metadata.runs(only(flow, () => {}))) {
      if (isLongBefore(listing, createdAt)) break;
      if (listing.record.origin === id) found.push(this.listed(listing, await this.listedStatus(listing), pins));
    }
    return found;
  }

  /** The run a pathspec names. Throws `VARVE_NO_RUN`, saying what there is. */
  async find(path: Pathspec): Promise<RunView> {
    return this.open(await this.listing(path));
  }

  /** The same without reading its journal. */
  async listing(path: Pathspec): Promise<RunListing> {
    const listing = await this.lookUp(path);
    if (listing) return listing;
    const near = (await this.newest(path.flow)) || (path.flow === undefined ? '' : await this.newest(undefined));
    throw new VarveError('VARVE_NO_RUN', `there is no run ${describe(path)} in ${this.store.name}`, {
      hint: near === '' ? 'Nothing has run there yet: varve run flow.ts' : `Newest runs: ${near}`,
    });
  }

  /** The newest runs by name. */
  private async newest(flow: string | undefined): Promise<string> {
    const near: string[] = [];
    for await (const { record } of this.list({ ...only(flow, () => {}), limit: 3 }))
      near.push(`${record.flow}/${record.number}`);
    return near.join(', ');
  }

  /** A stored value by its reference. */
  value(reference: Reference): Promise<unknown> {
    return this.values.read(reference);
  }

  /** The stored bytes of an artifact or of one file of a folder. Fails at its end when they are damaged. */
  content(reference: Pick<Reference, 'digest' | 'size'> & Partial<Reference>): AsyncIterable<Uint8Array> {
    return this.values.stream({ codec: FILE_CODEC, ...reference });
  }

  /** The files of a folder stored with `artifact.dir`. */
  async files(folder: Reference): Promise<readonly DirEntry[]> {
    return decodeManifest(await this.values.bytes(folder));
  }

  /** Takes a run away from whoever may still write it. `by` says who does. */
  async fence(run: { readonly flow: string; readonly id: string }, by: string): Promise<void> {
    await writeFence(this.store, run, by);
  }

  /** Asks whoever drives a run to stop. Throws `VARVE_RUN_ENDED` for one that has succeeded or failed. */
  async cancel(run: RunRecord): Promise<Cancellation> {
    return cancelRun(this.store, run, await this.statusNow(run), this.who);
  }

  /** Waits until a run is over, and says how it ended. Rejects with the reason of `signal`. */
  async whenFinished(run: RunRecord, signal?: AbortSignal): Promise<RunStatus> {
    for (;;) {
      signal?.throwIfAborted();
      const status = await this.statusNow(run);
      if (status !== 'running') return status;
      await sleep(LOOK_MS, undefined, signal && { signal }).catch(() => {});
    }
  }

  /** Reads a run's journal. */
  async open(listing: RunListing): Promise<RunView> {
    const { record } = listing;
    const state = await foldAsync(record, this.metadata.events(record));
    const status = await this.statusOf({ ...listing, status: state.status });
    return new RunView(listing, state, status, this.values, this);
  }

  private listed(listing: RunListing, status: RunStatus, pins: ReadonlySet<string>): ListedRun {
    const { flow, id } = listing.record;
    const open = () => this.find({ flow, run: { id } });
    return { ...listing, status, ...(pins.has(pinKey(flow, id)) && { pinned: true }), open };
  }

  private async statusNow({ flow, id }: RunRecord): Promise<RunStatus> {
    return this.listedStatus(await this.listing({ flow, run: { id } }));
  }

  /** `status`: the end that the run's journal tells of, where it was read. */
  private async statusOf(listing: RunListing & { readonly status?: RunStatus }): Promise<RunStatus> {
    const heartbeat = listing.summary ? undefined : await readHeartbeat(this.store, listing.record);
    return statusOf(listing, heartbeat, this.now());
  }

  /** The status as a list shows it: a journal is read only where nothing else tells how the run ended. */
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
    // The run sought may be the damaged one: that there is none would be a lie.
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

function only(flow: string | undefined, onDamage?: ListingQuery['onDamage']): ListingQuery {
  return { ...(flow !== undefined && { flow }), ...(onDamage && { onDamage }) };
}

function describe({ flow, run }: Pathspec): string {
  const which = 'alias' in run ? `@${run.alias}` : 'number' in run ? `#${run.number}` : run.id;
  return flow === undefined ? which : `${flow}/${which.replace('#', '')}`;
}
