import type { Digest, RunEvent } from '../../contract/index.ts';

/** The events of one batch. Never changed: a failed write is repeated with the same bytes. */
export interface FrozenEvents {
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Sequence number of the last event in it. */
  readonly lastSequence: number;
}

/** Estimated bytes of an event in a batch, so that events without artifacts fill one too. */
const EVENT_BYTES = 300;

/** What these tell is made again at no cost: nothing was executed but the initialisers. */
function isCalm(event: RunEvent): boolean {
  if (event.type === 'task-succeeded') return event.via !== 'executed' || event.task === 'init';
  return event.type === 'run-keyed' || event.type === 'foreach-expanded' || event.type === 'task-skipped';
}

interface Entry {
  readonly event: RunEvent;
  /** Artifacts that no earlier event has stored. */
  readonly blobs: readonly (readonly [Digest, Uint8Array])[];
  readonly bytes: number;
}

/** Queue of events that wait for a batch, with the bytes of their artifacts. */
export class PendingEvents {
  private entries: Entry[] = [];
  /** Sequence number of the last event that was frozen. */
  private frozen = 0;
  /** Events among them that tell of work. */
  private urgent = 0;
  bytes = 0;

  get count(): number {
    return this.entries.length;
  }

  /** True when all of it would cost nothing to do again. */
  get isCalm(): boolean {
    return this.urgent === 0;
  }

  /** Sequence number of the last event added; the first one has 1. */
  get lastSequence(): number {
    return this.frozen + this.entries.length;
  }

  add(event: RunEvent, blobs: readonly (readonly [Digest, Uint8Array])[]): number {
    const bytes = blobs.reduce((sum, [, one]) => sum + one.byteLength, EVENT_BYTES);
    this.entries.push({ event, blobs, bytes });
    this.bytes += bytes;
    if (!isCalm(event)) this.urgent++;
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
    this.urgent -= taken.filter(({ event }) => !isCalm(event)).length;
    return {
      events: withoutEndedStarts(taken.map((entry) => entry.event)),
      blobs: new Map(taken.flatMap((entry) => entry.blobs)),
      lastSequence: this.frozen,
    };
  }
}

/** A start that becomes durable together with its end carries no information. */
function withoutEndedStarts(events: readonly RunEvent[]): RunEvent[] {
  const ended = new Set(events.flatMap((event) => (endsAttempt(event) ? [`${event.attempt} ${event.task}`] : [])));
  return events.filter((event) => event.type !== 'task-started' || !ended.has(`${event.attempt} ${event.task}`));
}

function endsAttempt(event: RunEvent): event is RunEvent & { readonly task: string; readonly attempt: number } {
  return event.type === 'task-succeeded' || event.type === 'task-failed' || event.type === 'task-cancelled';
}
