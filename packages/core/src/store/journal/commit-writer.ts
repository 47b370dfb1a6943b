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
  VarveError,
} from '../../contract/index.ts';
import { checkMarkers, HEARTBEAT_MS, HeartbeatTimer, type Markers } from '../coordination/heartbeat.ts';

import { requireConditionalPut } from '../objects/body.ts';
import { BatchSink, type CommitSink, type FrozenEvents, PendingEvents, ProviderSink } from './commit-sink.ts';
import { DatastoreJournal } from './journal-store.ts';

/**
 * Writes the journal of one run: collects events for some milliseconds and publishes them, with the bytes of the small
 * artifacts they name, as one commit batch. One write is under way at a time.
 */
export class CommitWriter {
  private readonly metadata: MetadataProvider;
  private readonly sink: CommitSink;
  /** From `soon` events on a batch does not wait any longer; while one is on its way the next may get larger. */
  private readonly limits: { readonly soon: number; readonly maxEvents: number; readonly maxBytes: number };
  private readonly pending = new PendingEvents();
  private readonly unflushed = new Map<Digest, Uint8Array>();
  private readonly locations = new Map<Digest, Location>();
  private readonly closed = new AbortController();
  private frozen: FrozenEvents | undefined;
  private writing: Promise<void> | undefined;
  /** Last sequence number that is in the store, and last one that is known to count there. */
  private written = 0;
  private flushed = 0;
  private timer = false;
  private failing = false;
  private fenced = false;
  private cancelled = false;
  private ended = false;

  constructor(private readonly options: CommitWriterOptions) {
    const { store, metadata, run, writer = randomUUID() } = options;
    const { maxEvents, maxBytes = 4 * 1024 * 1024 } = options;
    this.limits = { soon: maxEvents ?? 512, maxEvents: maxEvents ?? 4096, maxBytes };
    this.metadata = metadata ?? new DatastoreJournal(store, writer);
    this.sink = metadata ? new ProviderSink(store, metadata, run, writer) : new BatchSink(store, run, writer);
  }

  /** Records the run, gives the first heartbeat and keeps giving them. Rejects with `already-exists` if the id is taken. */
  async begin(): Promise<void> {
    requireConditionalPut(this.options.store);
    const { store, run, clock, heartbeatMs = HEARTBEAT_MS } = this.options;
    const pulse = new HeartbeatTimer({
      store,
      run,
      clock,
      intervalMs: heartbeatMs,
      onMarkers: (markers) => this.heed(markers),
    });
    await Promise.all([this.metadata.createRun(run), pulse.beat()]);
    void pulse.keep(this.closed.signal);
  }

  /**
   * Takes an event in order and returns its sequence number, from 1, at once. `bytes` are those of small artifacts that
   * it names; what the run has stored before is not stored again. Large ones must be durable already.
   */
  append(event: RunEvent, bytes: ReadonlyMap<Digest, Uint8Array> = new Map()): number {
    const fresh = [...bytes].filter(([digest]) => !this.locations.has(digest) && !this.unflushed.has(digest));
    for (const [digest, one] of fresh) this.unflushed.set(digest, one);
    this.ended ||= event.type === 'run-ended';
    const sequence = this.pending.add(event, fresh);
    this.schedule();
    return sequence;
  }

  /** Bytes of a small artifact that is not in the store yet. */
  bytesOf(digest: Digest): Uint8Array | undefined {
    return this.unflushed.get(digest);
  }

  /** Where a small artifact of this run lies, once it is durable. */
  locate(digest: Digest): Location | undefined {
    return this.locations.get(digest);
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
    await this.metadata.finishRun(this.options.run, summary);
    this.close();
  }

  /** Stops timers. What is not flushed is lost; the run is lost when its heartbeat gets old. */
  close(): void {
    this.closed.abort();
  }

  private schedule(): void {
    if (this.failing || this.fenced || this.closed.signal.aborted) return;
    const { flushMs = 40, clock } = this.options;
    if (this.pending.count >= this.limits.soon || this.pending.bytes >= this.limits.maxBytes) {
      this.writeInBackground();
      return;
    }
    if (this.timer) return;
    this.timer = true;
    clock.sleep(flushMs, this.closed.signal).then(
      () => {
        this.timer = false;
        this.writeInBackground();
      },
      () => {},
    );
  }

  private writeInBackground(): void {
    // Whoever asked for a write hears of its failure through `onError` or through `flush`.
    if (!this.writing && this.pending.count > 0) this.write().catch(() => {});
  }

  /** One write at a time: whoever comes meanwhile waits for the one under way. */
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
      if (this.written > this.flushed && !this.fenced)
        this.heed(await checkMarkers(this.options.store, this.options.run));
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

  private async writeFrozen(): Promise<void> {
    this.frozen ??= this.pending.freeze(this.limits.maxEvents, this.limits.maxBytes);
    const { frozen } = this;
    if (!frozen) return;
    const result = await this.sink.write(frozen, (digest) => this.locations.get(digest));
    if (result.taken) return this.heed({ fenced: true, cancelled: false });
    for (const [digest, location] of result.locations) {
      this.locations.set(digest, location);
      this.unflushed.delete(digest);
    }
    this.written = frozen.lastSequence;
    this.frozen = undefined;
  }

  private heed(markers: Markers): void {
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

export interface CommitWriterOptions {
  readonly store: Datastore;
  /** Where events go; absent: into the store, together with the bytes. */
  readonly metadata?: MetadataProvider;
  readonly run: RunRecord;
  readonly clock: Clock;
  /** Ms an event waits for company. Default 40. */
  readonly flushMs?: number;
  /** Events in one batch at most. Default 4,096; from 512 on a batch does not wait for more. */
  readonly maxEvents?: number;
  /** Bytes of one batch at which it is full; one event with its artifacts may exceed it. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Ms. Default 5,000. */
  readonly heartbeatMs?: number;
  /** Unlike any other process's; default random. */
  readonly writer?: string;
  /** Everything up to this sequence number is durable. */
  readonly onFlushed?: (sequence: number) => void;
  /** Somebody else ended the run from outside. Each reason is told once. */
  readonly onStop?: (reason: 'fenced' | 'cancelled') => void;
  /** A write failed; told once until a write succeeds. Nothing is lost: `flush` tries again. */
  readonly onError?: (error: unknown) => void;
}
