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
import { endsWith } from '../objects/layers/with-metadata-retry.ts';
import { encodeBatch } from './batch.ts';
import type { FrozenEvents } from './pending-events.ts';
import { mapEventReferences, withLocation } from './references.ts';

/** Result of a write. `taken`: another process has written at this position of the journal. */
export type WriteResult =
  | { readonly taken: true }
  | { readonly taken: false; readonly locations: ReadonlyMap<Digest, Location> };

/** Makes frozen events durable, in order. A write that rejected is repeated with exactly the same events. */
export interface CommitSink {
  /** A process that takes the run over makes the next write fail (`taken`). */
  readonly isSealed: boolean;
  write(frozen: FrozenEvents, locate: Locate, options?: CallOptions): Promise<WriteResult>;
}

export type Locate = (digest: Digest) => Location | undefined;

/** Writes events and bytes as one object: the built-in journal. */
export class BatchSink implements CommitSink {
  readonly isSealed = true;
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

/** Writes the bytes to the Datastore first, then the events to another MetadataProvider. */
export class ProviderSink implements CommitSink {
  readonly isSealed = false;
  private batch = 0;
  private length = 0;
  /** The last write failed, but its events may have arrived. */
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

  private holds(events: readonly RunEvent[], options: CallOptions): Promise<boolean> {
    return endsWith(this.metadata, this.run, this.length, events, options);
  }
}
