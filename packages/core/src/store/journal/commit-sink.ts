import {
  type CallOptions,
  type Datastore,
  type Digest,
  type Location,
  type MetadataProvider,
  type Reference,
  type References,
  type RunEvent,
  type RunRecord,
  type StepKeyed,
  StoreError,
} from '../../contract/index.ts';
import { createOnce } from '../objects/create-once.ts';
import { batchKey, bytesKey } from '../objects/key.ts';
import { encodeBatch } from './batch.ts';
import type { FrozenEvents } from './pending-events.ts';

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
export class ForeignSink implements CommitSink {
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
      locateReferences(event, (digest) => locations.get(digest) ?? locate(digest)),
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

function locateReferences(event: RunEvent, locate: Locate): RunEvent {
  const place = (reference: Reference): Reference => {
    const at = reference.at ?? locate(reference.digest);
    return at ? { ...reference, at } : reference;
  };
  if (event.type === 'run-keyed') return { ...event, steps: placeSteps(event.steps, place) };
  if (event.type === 'task-failed') return event.log ? { ...event, log: place(event.log) } : event;
  if (event.type !== 'task-succeeded') return event;
  return { ...event, writes: placeAll(event.writes, place), ...(event.log && { log: place(event.log) }) };
}

function placeSteps(
  steps: Readonly<Record<string, StepKeyed>>,
  place: (reference: Reference) => Reference,
): Readonly<Record<string, StepKeyed>> {
  const placed: Record<string, StepKeyed> = Object.create(null);
  for (const [name, step] of Object.entries(steps)) placed[name] = { ...step, components: place(step.components) };
  return placed;
}

function placeAll(references: References, place: (reference: Reference) => Reference): References {
  const placed: Record<string, Reference> = Object.create(null);
  for (const [name, reference] of Object.entries(references)) placed[name] = place(reference);
  return placed;
}
