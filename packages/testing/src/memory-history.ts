import { History, type ValueReader } from '@varve/client';
import {
  type Datastore,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunSummary,
  StoreError,
} from '@varve/core/contract';
import type { JournalPort, SmallBytes } from '@varve/core/internal';

/** A history of nothing but one run that has ended. */
export function historyOf(listing: RunListing, events: readonly RunEvent[], values: ValueReader): History {
  const { flow, id } = listing.record;
  const isIt = (one: { readonly flow?: string; readonly id?: string }) =>
    (one.flow ?? flow) === flow && (one.id ?? id) === id;
  const metadata: MetadataProvider = {
    name: 'memory',
    capabilities: { conditionalAppend: false },
    createRun: readOnly,
    append: readOnly,
    finishRun: readOnly,
    run: async (ofFlow, ofId) => (isIt({ flow: ofFlow, id: ofId }) ? listing : undefined),
    async *events(record) {
      if (isIt(record)) yield* events;
    },
    async *runs(query) {
      if (isIt(query.flow === undefined ? {} : { flow: query.flow })) yield listing;
    },
  };
  return new History(EMPTY, metadata, values, Date.now);
}

const EMPTY: Datastore = {
  name: 'memory',
  capabilities: { conditionalPut: true, rangeRead: true, maxObjectBytes: Number.POSITIVE_INFINITY },
  put: readOnly,
  get: async (key) => {
    throw new StoreError('not-found', `there is no ${key}`, { key });
  },
  stat: async () => undefined,
  async *list() {},
  async delete() {},
};

async function readOnly(): Promise<never> {
  throw new StoreError('unexpected', 'a test run is over: nothing is written');
}

/** The journal of a run that nobody reads after the process has ended. */
export class MemoryJournal implements JournalPort {
  readonly events: RunEvent[] = [];
  private readonly listeners: ((sequence: number) => void)[] = [];
  private telling = false;

  /** `keep` is given the bytes of small artifacts. */
  constructor(private readonly keep: (bytes: SmallBytes) => void) {}

  append(event: RunEvent, bytes?: SmallBytes): number {
    if (bytes) this.keep(bytes);
    const sequence = this.events.push(event);
    this.tell();
    return sequence;
  }

  onFlushed(listener: (sequence: number) => void): void {
    this.listeners.push(listener);
  }

  onStop(): void {}
  onWarning(): void {}
  onError(): void {}

  async flush(): Promise<void> {}

  async end({ endedAt, status }: RunSummary): Promise<void> {
    this.append({ type: 'run-ended', at: endedAt, status });
  }

  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    // Not `queueMicrotask`, which a test may let stand still.
    Promise.resolve().then(() => {
      this.telling = false;
      for (const listener of this.listeners) listener(this.events.length);
    });
  }
}
