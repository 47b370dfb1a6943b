import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Datastore,
  type Digest,
  type Location,
  type MetadataProvider,
  type RunEvent,
  type RunRecord,
  type RunSummary,
  StoreError,
  VarveError,
} from '../../contract/index.ts';
import { checkMarkers, HEARTBEAT_MS, HeartbeatTimer, type Markers } from '../coordination/heartbeat.ts';
import { type Moment, momentOf, msSince } from '../coordination/moment.ts';
import { requireConditionalPut } from '../objects/body.ts';
import { BatchSink, type CommitSink, ProviderSink } from './commit-sink.ts';
import { DatastoreJournal } from './journal-store.ts';
import { type FrozenEvents, PendingEvents } from './pending-events.ts';
import { RecentBytes } from './recent-bytes.ts';

/** Ms between two looks for a cancel, and for a fence while none can be missed. */
const LOOK_MS = 1_000;
/** An event waits this many times as long as the last write took: a slow store gets fewer, larger batches... */
const WAIT_WRITES = 3;
/** ...but no longer than this. Ms. */
const WAIT_MAX_MS = 250;
/** What would cost nothing to do again waits so long, ms: a run that takes everything from the cache is one batch or two. */
const CALM_MS = 1_000;
/** Bytes of small artifacts that stay in memory after they were written. */
const RECENT_BYTES = 32 * 1024 * 1024;

export interface CommitWriterOptions {
  readonly store: Datastore;
  /** Receives the events; default: they go into the store, together with the bytes. */
  readonly metadata?: MetadataProvider;
  readonly run: RunRecord;
  readonly clock: Clock;
  /**
   * Ms an event waits for further ones; longer, up to 250 ms, when the store is slow, and up to a second when nothing has been
   * executed. Default 40.
   */
  readonly flushMs?: number;
  /** Events in one batch at most. Default 4,096; from 512 on a batch does not wait for more. */
  readonly maxEvents?: number;
  /** Bytes at which a batch is full; one event with its artifacts may exceed them. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Ms. Default 5,000. */
  readonly heartbeatMs?: number;
  /** When the heartbeat of the run was written, if it was before it began. */
  readonly beatenAt?: Moment | undefined;
  /** Unlike any other process's; default random. */
  readonly writer?: string;
  /** Called when everything up to this sequence number is durable. */
  readonly onFlushed?: (sequence: number) => void;
  /** The run was cancelled or fenced by another process. Called once for each reason. */
  readonly onStop?: (reason: 'fenced' | 'cancelled') => void;
  /** A write failed; called once until a write succeeds. Nothing is lost: `flush` tries again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Writes the journal of one run: collects events for some milliseconds and publishes them, with the bytes of the small
 * artifacts they name, as one commit batch. One write is under way at a time.
 */
export class CommitWriter {
  private readonly metadata: MetadataProvider;
  private readonly sink: CommitSink;
  /** From `flushAt` events on a batch does not wait any longer; during a write the next one may grow further. */
  private readonly limits: { readonly flushAt: number; readonly maxEvents: number; readonly maxBytes: number };
  private readonly pending = new PendingEvents();
  private readonly unflushed = new Map<Digest, Uint8Array>();
  private readonly recent = new RecentBytes(RECENT_BYTES);
  private readonly locations = new Map<Digest, Location>();
  private readonly closed = new AbortController();
  private readonly heartbeat: HeartbeatTimer;
  private frozen: FrozenEvents | undefined;
  private writing: Promise<void> | undefined;
  /** Last sequence number in the store, and last one written before any fence. */
  private written = 0;
  private flushed = 0;
  /** Ms that the last write took, and the time of the last look for requests of other processes. */
  private lastWriteMs = 0;
  private lookedAt: Moment;
  /** Waits that are under way. One that is calm ends no other. */
  private readonly waits = { calm: false, soon: false };
  private failing = false;
  private fenced = false;
  private cancelled = false;
  private ended = false;

  constructor(private readonly options: CommitWriterOptions) {
    const { store, metadata, run, writer = randomUUID() } = options;
    const { maxEvents, maxBytes = 4 * 1024 * 1024 } = options;
    this.limits = { flushAt: maxEvents ?? 512, maxEvents: maxEvents ?? 4096, maxBytes };
    const { clock, heartbeatMs: intervalMs = HEARTBEAT_MS, beatenAt } = options;
    const onMarkers = (markers: Markers) => this.handleMarkers(markers);
    this.heartbeat = new HeartbeatTimer({ store, run, clock, intervalMs, beatenAt, onMarkers });
    this.lookedAt = momentOf(clock);
    this.metadata = metadata ?? new DatastoreJournal(store, writer);
    this.sink = metadata ? new ProviderSink(store, metadata, run, writer) : new BatchSink(store, run, writer);
  }

  /** Records the run and starts its heartbeat. Rejects with `already-exists` if the id is taken. */
  async begin(): Promise<void> {
    requireConditionalPut(this.options.store);
    const { run, clock, beatenAt } = this.options;
    this.lookedAt = momentOf(clock);
    const before = clock.now();
    await Promise.all([this.metadata.createRun(run), beatenAt ?? this.heartbeat.beat()]);
    this.lastWriteMs = clock.now() - before;
    void this.heartbeat.keep(this.closed.signal);
  }

  /**
   * Queues an event and returns its sequence number, from 1. `bytes` are those of small artifacts that it names; they are
   * stored once in a run. Large ones must be durable already.
   */
  append(event: RunEvent, bytes: ReadonlyMap<Digest, Uint8Array> = new Map()): number {
    const fresh = [...bytes].filter(([digest]) => !this.locations.has(digest) && !this.unflushed.has(digest));
    for (const [digest, one] of fresh) this.unflushed.set(digest, one);
    this.ended ||= event.type === 'run-ended';
    const sequence = this.pending.add(event, fresh);
    this.schedule();
    return sequence;
  }

  /** Bytes of a small artifact that is not in the store yet, or was written just now. */
  bytesOf(digest: Digest): Uint8Array | undefined {
    return this.unflushed.get(digest) ?? this.recent.get(digest);
  }

  /** The place of a small artifact of this run, once it is durable. */
  locate(digest: Digest): Location | undefined {
    return this.locations.get(digest);
  }

  /** Resolves when it is certain whether another process has taken over: `onStop` was called before. See `HeartbeatTimer`. */
  async confirm(): Promise<void> {
    if (!this.closed.signal.aborted) await this.heartbeat.confirm();
  }

  /** Resolves when everything appended so far is durable. Throws `VARVE_FENCED` when another process has taken over. */
  async flush(): Promise<void> {
    const target = this.pending.lastSequence;
    while (this.flushed < target) {
      await this.write();
    }
  }

  /** Writes the last event and the summary, then stops the heartbeat. */
  async end(summary: RunSummary): Promise<void> {
    if (!this.ended) this.append({ type: 'run-ended', at: summary.endedAt, status: summary.status });
    await this.flush();
    await this.confirm();
    if (this.fenced) throw fencedError(this.options.run);
    await this.metadata.finishRun(this.options.run, summary);
    this.close();
  }

  /** Stops timers. Events that are not flushed are lost, and the run counts as lost once its heartbeat is stale. */
  close(): void {
    this.closed.abort();
  }

  private schedule(): void {
    if (this.failing || this.fenced || this.closed.signal.aborted) return;
    const { isCalm } = this.pending;
    const isFull = !isCalm && this.pending.count >= this.limits.flushAt;
    if (isFull || this.pending.count >= this.limits.maxEvents || this.pending.bytes >= this.limits.maxBytes) {
      this.writeInBackground();
      return;
    }
    if (!this.waits.soon) this.wait(isCalm ? 'calm' : 'soon');
  }

  private wait(kind: 'calm' | 'soon'): void {
    if (this.waits[kind]) return;
    this.waits[kind] = true;
    const { flushMs = 40, clock } = this.options;
    const soonMs = Math.max(flushMs, Math.min(WAIT_WRITES * this.lastWriteMs, WAIT_MAX_MS));
    clock.sleep(kind === 'calm' ? Math.max(CALM_MS, soonMs) : soonMs, this.closed.signal).then(
      () => {
        this.waits[kind] = false;
        this.writeInBackground();
      },
      () => {},
    );
  }

  private writeInBackground(): void {
    // Failures are reported through `onError` and through `flush`.
    if (!this.writing && this.pending.count > 0) this.write().catch(() => {});
  }

  /** One write at a time: further calls wait for the one under way. */
  private write(): Promise<void> {
    this.writing ??= this.writeBatch().finally(() => {
      this.writing = undefined;
      if (this.pending.count > 0) this.schedule();
    });
    return this.writing;
  }

  private async writeBatch(): Promise<void> {
    if (this.fenced) throw fencedError(this.options.run);
    try {
      await this.writeFrozen();
      // After the write, not beside it: a process that takes the run over reads the journal after it has set its fence.
      if (this.written > this.flushed && !this.fenced) await this.look();
    } catch (error) {
      if (!this.failing) this.options.onError?.(error);
      this.failing = true;
      throw error;
    }
    if (this.fenced) throw fencedError(this.options.run);
    this.failing = false;
    if (this.written === this.flushed) return;
    this.flushed = this.written;
    this.options.onFlushed?.(this.flushed);
  }

  /**
   * A sealed journal refuses the next batch by itself, so only a process that has slept must look at once. For the same reason
   * a look that fails is no harm there: what was written is durable, and the next write looks again.
   */
  private async look(): Promise<void> {
    const { store, run, clock } = this.options;
    try {
      if (!this.heartbeat.isSure) await this.heartbeat.confirm();
      else if (this.sink.isSealed && msSince(this.lookedAt, clock) < LOOK_MS) return;
      else this.handleMarkers(await checkMarkers(store, run));
      this.lookedAt = momentOf(clock);
    } catch (error) {
      if (!this.sink.isSealed || !StoreError.is(error) || !error.retryable) throw error;
    }
  }

  private async writeFrozen(): Promise<void> {
    this.frozen ??= this.pending.freeze(this.limits.maxEvents, this.limits.maxBytes);
    const { frozen } = this;
    if (!frozen) return;
    const startedAt = this.options.clock.now();
    const result = await this.sink.write(frozen, (digest) => this.locations.get(digest));
    if (result.taken) return this.handleMarkers({ fenced: true, cancelled: false });
    for (const [digest, location] of result.locations) {
      this.locations.set(digest, location);
      const bytes = this.unflushed.get(digest);
      if (bytes) this.recent.add(digest, bytes);
      this.unflushed.delete(digest);
    }
    this.lastWriteMs = this.options.clock.now() - startedAt;
    this.written = frozen.lastSequence;
    this.frozen = undefined;
  }

  private handleMarkers(markers: Markers): void {
    if (markers.fenced && !this.fenced) {
      this.fenced = true;
      this.options.onStop?.('fenced');
    }
    if (markers.cancelled && !this.cancelled) {
      this.cancelled = true;
      this.options.onStop?.('cancelled');
    }
  }
}

function fencedError(run: RunRecord): VarveError {
  return new VarveError('VARVE_FENCED', `${run.flow}#${run.number} was taken over by another process.`, {
    hint: `What it had recorded by then is kept. Follow the run that resumed it: varve list ${run.flow}`,
  });
}
