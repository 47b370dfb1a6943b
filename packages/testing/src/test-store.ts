import { History, type ValueReader } from '@varve/client';
import type { Clock, Reference, Serializer, WrittenArtifact } from '@varve/core/contract';
import {
  ArtifactStore,
  DatastoreJournal,
  MemoryDatastore,
  Session,
  SessionBlobs,
  sha256Hasher,
  Values,
} from '@varve/core/internal';

/** The store of one test: a session over a Datastore in the memory of this process. */
export interface TestStore {
  readonly session: Session;
  readonly values: Values;
  readonly reader: ValueReader;
  readonly history: History;
  /** The stored bytes of an artifact. */
  bytes(reference: Reference): Uint8Array;
  /** Stores small artifacts that no event of a journal carries. */
  keep(artifacts: Iterable<WrittenArtifact>): Promise<void>;
  /** Removes the local files that steps asked for. What is in memory stays readable. */
  close(): Promise<void>;
}

/**
 * Background writes need no time of their own here: the journal is written when a batch is full and when the run ends,
 * and no other process waits for the heartbeat. So nothing depends on timers that a test may have replaced.
 */
const backgroundClock: Clock = {
  now: () => Date.now(),
  sleep: (_ms, signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
};

export async function openTestStore(serializer: Serializer): Promise<TestStore> {
  const store = new MemoryDatastore();
  const artifacts = new ArtifactStore({ store });
  const parts = { store, artifacts, metadata: undefined, serializer, clock: backgroundClock, stateDir: process.cwd() };
  const session = new Session(async () => ({ ...parts, close: async () => {} }));
  // Values are read without waiting, which needs a session that is open.
  await session.open();
  const blobs = new SessionBlobs(session);
  const values = new Values(blobs, serializer, sha256Hasher, Number.POSITIVE_INFINITY);
  const bytes = (reference: Reference) => blobs.read([reference])[0] ?? new Uint8Array(0);
  const reader: ValueReader = {
    readNow: (reference) => values.read(reference).value,
    read: async (reference) => values.read(reference).value,
    bytes: async (reference) => bytes(reference),
    stream: (reference) => blobs.chunks(reference),
  };
  return {
    ...{ session, values, reader, bytes },
    history: new History(store, new DatastoreJournal(store), reader, Date.now),
    keep: async (written) => {
      for (const one of written) if (one.bytes) await blobs.put(one.reference.digest, [one.bytes]);
    },
    close: async () => {
      blobs.close();
      await session.close();
    },
  };
}
