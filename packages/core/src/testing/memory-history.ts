import { History } from '../client/runs/history.ts';
import type { ValueReader } from '../client/runs/value-reader.ts';
import {
  type Datastore,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  StoreError,
} from '../contract/index.ts';

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
