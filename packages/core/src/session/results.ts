import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import {
  COMPONENTS_CODEC,
  loadPages,
  mergePages,
  type PageRecord,
  PageWriter,
  readComponents,
  type StoredPage,
} from '../cache/index.ts';
import type { Clock, Datastore, RunEvent, RunRecord } from '../contract/index.ts';
import type { EarlierStep } from '../run/index.ts';
import {
  acquireLease,
  type CommitWriter,
  DatastoreJournal,
  type Lease,
  readHeartbeat,
  releaseLease,
  releaseOwn,
  type StoredHeartbeat,
  stepOfTask,
  withPatience,
  writeHeartbeat,
} from '../store/index.ts';

import type { SessionParts } from './parts.ts';
import type { WatchedFile } from './run-session.ts';

/** Events of a run looked through for why its results were not kept. */
const EVENTS_BACK = 5000;
/** Runs looked through for what a step's key was made of before. */
const RUNS_BACK = 10;

/** Ms that the store may take to answer a question that a run can do without. */
export const PATIENCE_MS = 5_000;

/** Results of earlier runs, and those of the one under way, in the thread that owns the store. */
export class RunResults {
  private readonly pages: PageWriter;
  /** For what the run goes on without. */
  private readonly optional: Datastore;
  private readonly seen = new Map<string, string>();
  private readonly leases: TaskLeases;
  private merging: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: SessionParts,
    private readonly run: RunRecord,
    private readonly writer: CommitWriter,
    private readonly watched: readonly WatchedFile[],
    private readonly say: (message: string) => void,
  ) {
    const { store, clock } = parts;
    this.optional = withPatience(store, clock, PATIENCE_MS);
    this.leases = new TaskLeases(this.optional, run, clock, () => this.skew());
    this.pages = new PageWriter({
      ...{ store, clock, origin: this.origin },
      locate: (digest) => writer.locate(digest),
      changedSources: () => this.changedSources(),
      onWarning: say,
    });
  }

  add(record: PageRecord, event: RunEvent, sequence: number): void {
    this.pages.add(record, event, sequence);
  }

  onFlushed(sequence: number): void {
    this.pages.onFlushed(sequence);
  }

  /** Takes a task for this process, unless another one that lives has it. */
  lease(name: string): Promise<boolean> {
    return this.leases.take(name);
  }

  /** `publish`: the next process that takes the task finds its result. */
  async release(name: string, publish: boolean): Promise<void> {
    if (publish) {
      await this.writer.flush();
      await this.pages.publish();
    }
    await this.leases.release(name);
  }

  /** True while `end` needs the events of this run to be durable. */
  get isOpen(): boolean {
    return this.pages.isOpen || this.leases.isOpen;
  }

  /** Stops timers. */
  close(): void {
    this.pages.close();
  }

  /** Publishes all that is durable, and keeps nothing from anybody any more. After it nothing is written. */
  async end(): Promise<void> {
    this.close();
    await this.pages.publish();
    await this.merging;
    await this.leases
      .releaseAll()
      .catch((error: Error) => this.say(`a lease could not be given back: ${error.message}`));
  }

  /** Everything kept under a step's key; many small pages are merged in the background. */
  async load(key: string): Promise<readonly StoredPage[]> {
    const stored = await loadPages(this.optional, key);
    if (this.watched.length > 0) {
      const merge = mergePages(this.parts.store, key, stored, this.origin).catch((error: Error) =>
        this.say(`pages of results could not be merged: ${error.message}`),
      );
      this.merging = Promise.all([this.merging, merge]);
    }
    return stored;
  }

  /** Ms that the store's clock is ahead of this one's, read from a fresh heartbeat. */
  async skew(): Promise<number> {
    const { clock } = this.parts;
    await this.writer.confirm();
    const known = await readHeartbeat(this.optional, this.run);
    if (!known) return 0;
    const { host, pid, intervalMs } = known;
    await writeHeartbeat(this.optional, this.run, { host, pid, intervalMs });
    const now = await readHeartbeat(this.optional, this.run);
    return now ? now.modifiedAt - clock.now() : 0;
  }

  /** What these steps were in the last run that had them. */
  async before(flow: string, steps: readonly string[]): Promise<Record<string, EarlierStep>> {
    const { metadata = new DatastoreJournal(this.optional) } = this.parts;
    const found: Record<string, EarlierStep> = Object.create(null);
    let runs = 0;
    for await (const { record } of metadata.runs({ flow, except: this.run.id, ahead: 1, onDamage: () => {} })) {
      if (record.id === this.run.id) continue;
      const [first, ...events] = await take(metadata.events(record), EVENTS_BACK);
      if (first?.type === 'run-keyed') {
        const ended = lastOf(events);
        for (const step of steps)
          if (!found[step]) await this.readStep(found, step, first.steps[step]?.components, ended.get(step));
      }
      if (++runs === RUNS_BACK || steps.every((step) => found[step])) break;
    }
    return found;
  }

  private async readStep(
    found: Record<string, EarlierStep>,
    step: string,
    reference: Parameters<SessionParts['artifacts']['read']>[0] | undefined,
    { reads, unkept }: LastTask = {},
  ): Promise<void> {
    if (reference?.codec !== COMPONENTS_CODEC) return;
    const bytes = await this.parts.artifacts.read(reference);
    const components = readComponents(JSON.parse(Buffer.from(bytes).toString('utf8')));
    found[step] = { ...components, ...(unkept !== undefined && { unkept }), ...(reads && { reads }) };
  }

  private get origin() {
    return { flow: this.run.flow, runId: this.run.id, number: this.run.number };
  }

  /** A file is read again only when it looks as if it had been written. */
  private async changedSources(): Promise<string[]> {
    const changed = await Promise.all(this.watched.map((file) => this.isChanged(file)));
    return this.watched.filter((_, i) => changed[i]).map(({ path }) => path);
  }

  private async isChanged({ path, digest, look: loaded }: WatchedFile): Promise<boolean> {
    try {
      const { mtimeMs, ctimeMs, size } = await stat(path);
      const look = `${ctimeMs} ${mtimeMs} ${size}`;
      if (digest === undefined) return look !== loaded;
      if (this.seen.get(path) === look) return false;
      const same =
        `sha256:${createHash('sha256')
          .update(await readFile(path))
          .digest('hex')}` === digest;
      if (same) this.seen.set(path, look);
      return !same;
    } catch {
      return true;
    }
  }
}

type LastTask = Pick<EarlierStep, 'reads' | 'unkept'>;

/** By step: what its last task read, and why a result of it was not kept. */
function lastOf(events: readonly RunEvent[]): Map<string, LastTask> {
  const tasks = new Map<string, LastTask>();
  for (const event of events) {
    if (event.type !== 'task-succeeded') continue;
    const step = stepOfTask(event.task);
    const unkept = event.unkept ?? tasks.get(step)?.unkept;
    tasks.set(step, { ...(unkept !== undefined && { unkept }), ...(event.reads && { reads: event.reads }) });
  }
  return tasks;
}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

/** A run that missed this many heartbeats has its tasks taken over. */
const MISSED_BEATS = 3;

/** Tasks that this run executes on behalf of all that share the store. */
export class TaskLeases {
  private readonly held = new Map<string, Lease>();
  /** Names of leases of which no answer came: this run may have them or not. */
  private readonly unsure = new Set<string>();

  constructor(
    private readonly store: Datastore,
    private readonly run: RunRecord,
    private readonly clock: Clock,
    /** Ms that the store's clock is ahead. */
    private readonly skew: () => Promise<number>,
  ) {}

  get isOpen(): boolean {
    return this.held.size + this.unsure.size > 0;
  }

  async take(name: string): Promise<boolean> {
    if (this.held.has(name)) return true;
    const { flow, id } = this.run;
    const owner = { host: hostname(), pid: process.pid, flow, runId: id, takenAt: this.clock.now() };
    if (this.unsure.has(name)) await releaseOwn(this.store, name, id);
    this.unsure.add(name);
    const answer = await acquireLease(this.store, name, owner, {
      isAlive: (other) => this.isAlive(other),
      isLikelyFree: true,
    });
    this.unsure.delete(name);
    if (answer.held) this.held.set(name, answer.lease);
    return answer.held;
  }

  async release(name: string): Promise<void> {
    const lease = this.held.get(name);
    this.held.delete(name);
    if (this.unsure.delete(name)) await releaseOwn(this.store, name, this.run.id);
    if (lease) await releaseLease(this.store, lease);
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.held.keys(), ...this.unsure].map((name) => this.release(name)));
  }

  /** By the store's clock alone: the clocks of two machines may be far apart. */
  private async isAlive({ owner: { flow, runId } }: Lease): Promise<boolean> {
    if (flow === undefined || runId === undefined) return false;
    if (runId === this.run.id) return true;
    const beat = await readHeartbeat(this.store, { flow, id: runId });
    if (!beat) return false;
    const now = this.clock.now() + (await this.skew());
    const isFresh = ({ modifiedAt, intervalMs }: StoredHeartbeat) => now - modifiedAt <= MISSED_BEATS * intervalMs;
    if (isFresh(beat)) return true;
    // A slow store may have taken so long for the answers that a fresh one aged meanwhile.
    const again = await readHeartbeat(this.store, { flow, id: runId });
    return again !== undefined && isFresh(again);
  }
}
