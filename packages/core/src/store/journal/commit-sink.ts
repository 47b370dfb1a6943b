import {
  type CallOptions,
  type Datastore,
  type Digest,
  type Location,
  type MetadataProvider,
  type RunEvent,
  type RunRecord,
  StoreError,
} from '../../contract/index.ts';
import { createOnce } from '../objects/body.ts';
import { batchKey, bytesKey } from '../objects/keys.ts';
import { encodeBatch } from './batch.ts';
import { mapEventReferences, withLocation } from './references.ts';

/** What became of a write: `taken` when somebody else wrote at this place of the journal. */
export type WriteResult =
  | { readonly taken: true }
  | { readonly taken: false; readonly locations: ReadonlyMap<Digest, Location> };

/** Makes frozen events durable, in order. A write that rejected is repeated with the same events, and nothing else. */
export interface CommitSink {
  write(frozen: FrozenEvents, locate: Locate, options?: CallOptions): Promise<WriteResult>;
}

export type Locate = (digest: Digest) => Location | undefined;

/** Events and bytes in one object: the built-in journal. */
export class BatchSink implements CommitSink {
  private batch = 0;
  private first = 0;

  constructor(
    private readonly store: Datastore,
    private readonly run: RunRecord,
    private readonly writer: string,
  ) {}

  async write(frozen: FrozenEvents, locate: Locate, options: CallOptions = {}): Promise<WriteResult> {
    const key = batchKey(this.run.flow, this.run.id, this.batch);
    const content = { ...frozen, runId: this.run.id, batch: this.batch, first: this.first, writer: this.writer };
    const { parts, locations } = encodeBatch(key, content, locate);
    if (!(await createOnce(this.store, key, parts, options))) return { taken: true };
    this.batch++;
    this.first += frozen.events.length;
    return { taken: false, locations };
  }
}

/** Bytes into the Datastore first, then the events to a MetadataProvider that is somewhere else. */
export class ProviderSink implements CommitSink {
  private batch = 0;
  private length = 0;
  /** The events of the last write may have arrived although it was said to have failed. */
  private unsure = false;

  constructor(
    private readonly store: Datastore,
    private readonly metadata: MetadataProvider,
    private readonly run: RunRecord,
    private readonly writer: string,
  ) {}

  async write(frozen: FrozenEvents, locate: Locate, options: CallOptions = {}): Promise<WriteResult> {
    const locations = await this.writeBytes(frozen, options);
    if (!locations) return { taken: true };
    const events = frozen.events.map((event) =>
      mapEventReferences(event, (reference) =>
        withLocation(reference, (digest) => locations.get(digest) ?? locate(digest)),
      ),
    );
    if (!(this.unsure && (await this.holds(events, options)))) {
      if (!(await this.append(events, options))) return { taken: true };
    }
    this.unsure = false;
    this.length += events.length;
    if (locations.size > 0) this.batch++;
    return { taken: false, locations };
  }

  private async writeBytes(
    frozen: FrozenEvents,
    options: CallOptions,
  ): Promise<ReadonlyMap<Digest, Location> | undefined> {
    if (frozen.blobs.size === 0) return new Map();
    const key = bytesKey(this.run.flow, this.run.id, this.batch);
    const content = {
      runId: this.run.id,
      batch: this.batch,
      first: 0,
      writer: this.writer,
      events: [],
      blobs: frozen.blobs,
    };
    const { parts, locations } = encodeBatch(key, content, () => undefined);
    return (await createOnce(this.store, key, parts, options)) ? locations : undefined;
  }

  private async append(events: readonly RunEvent[], options: CallOptions): Promise<boolean> {
    try {
      this.unsure = true;
      await this.metadata.append(this.run, events, { ...options, expectedLength: this.length });
      return true;
    } catch (error) {
      if (StoreError.is(error, 'already-exists')) return this.holds(events, options);
      throw error;
    }
  }

  /** Whether the journal is exactly as long as after these events, and ends with them. */
  private async holds(events: readonly RunEvent[], options: CallOptions): Promise<boolean> {
    let position = 0;
    for await (const event of this.metadata.events(this.run, options)) {
      const mine = events[position - this.length];
      if (position >= this.length && !(mine && JSON.stringify(mine) === JSON.stringify(event))) return false;
      position++;
    }
    return position === this.length + events.length;
  }
}

/** Rough bytes of an event in a batch, so that bare events fill one too. */
const EVENT_BYTES = 300;

interface Entry {
  readonly event: RunEvent;
  /** Artifacts that are stored with this event because nothing before it stored them. */
  readonly blobs: readonly (readonly [Digest, Uint8Array])[];
  readonly bytes: number;
}

/** A piece of the queue as it goes into one batch. Never changed: a failed write is repeated with the same bytes. */
export interface FrozenEvents {
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Sequence number of the last event in it. */
  readonly lastSequence: number;
}

/** Events that wait for a batch, in order, with the bytes they bring. */
export class PendingEvents {
  private entries: Entry[] = [];
  /** Sequence number of the last event that was frozen. */
  private frozen = 0;
  bytes = 0;

  get count(): number {
    return this.entries.length;
  }

  /** Sequence number of the last event added; the first one has 1. */
  get lastSequence(): number {
    return this.frozen + this.entries.length;
  }

  add(event: RunEvent, blobs: readonly (readonly [Digest, Uint8Array])[]): number {
    const bytes = blobs.reduce((sum, [, one]) => sum + one.byteLength, EVENT_BYTES);
    this.entries.push({ event, blobs, bytes });
    this.bytes += bytes;
    return this.lastSequence;
  }

  /** Takes as many from the front as fit, at least one; `undefined` when there are none. */
  freeze(maxEvents: number, maxBytes: number): FrozenEvents | undefined {
    let count = 0;
    let bytes = 0;
    for (const entry of this.entries) {
      if (count === maxEvents || (count > 0 && bytes + entry.bytes > maxBytes)) break;
      count++;
      bytes += entry.bytes;
    }
    if (count === 0) return undefined;
    const taken = this.entries.slice(0, count);
    this.entries = this.entries.slice(count);
    this.bytes -= bytes;
    this.frozen += count;
    return {
      events: withoutEndedStarts(taken.map((entry) => entry.event)),
      blobs: new Map(taken.flatMap((entry) => entry.blobs)),
      lastSequence: this.frozen,
    };
  }
}

/** A start whose end becomes durable in the same moment tells nobody anything. */
function withoutEndedStarts(events: readonly RunEvent[]): RunEvent[] {
  const ended = new Set(events.flatMap((event) => (endsAttempt(event) ? [`${event.attempt} ${event.task}`] : [])));
  return events.filter((event) => event.type !== 'task-started' || !ended.has(`${event.attempt} ${event.task}`));
}

function endsAttempt(event: RunEvent): event is RunEvent & { readonly task: string; readonly attempt: number } {
  return event.type === 'task-succeeded' || event.type === 'task-failed' || event.type === 'task-cancelled';
}
