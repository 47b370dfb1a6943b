import { History, Maintenance, ResultCache, type ValueReader } from '@varve/client';
import type { Reference, Serializer } from '@varve/core/contract';
import { ArtifactStore, DatastoreJournal, isFileCodec, sha256Hasher, Values, withRetry } from '@varve/core/internal';

import { createBlobAccess } from '../io/blob-client.ts';
import type { RemoteSession } from '../io/io-client.ts';
import { userName } from '../runs/identity.ts';
import { linkTo, startIo } from '../workers/threads.ts';
import { openParts } from './open-parts.ts';
import type { Setup } from './setup.ts';

/** History of a setup, opened in this process. */
export interface OpenHistory {
  readonly history: History;
  /** Results kept for other runs. */
  readonly results: ResultCache;
  /** What the store is called. */
  readonly store: string;
  readonly upkeep: Maintenance;
  /** Absolute: what files of flows are relative to. */
  readonly projectRoot: string;
  /** Absolute: the project's own folder. */
  readonly stateDir: string;
  close(): Promise<void>;
}

/** Opens the store for reading. Artifacts read as plain fields go through an I/O thread, started when one is read. */
export async function openHistory(setup: Setup): Promise<OpenHistory> {
  const { parts, context, close } = await openParts(setup, ['datastore', 'metadata', 'serializer', 'hasher']);
  const store = withRetry(parts.datastore, { clock: context.clock });
  const artifacts = new ArtifactStore({ store, hasher: parts.hasher ?? sha256Hasher });
  const values = new StoreValueReader(setup, artifacts, parts.serializer);
  const history = new History(
    store,
    parts.metadata ?? new DatastoreJournal(store),
    values,
    context.clock.now,
    userName(),
  );
  return {
    history,
    results: new ResultCache(store, artifacts, history),
    store: store.name,
    upkeep: new Maintenance({ store, artifacts, metadata: parts.metadata, clock: context.clock }),
    projectRoot: setup.projectRoot,
    stateDir: context.stateDir,
    close: async () => {
      await values.close();
      await close();
    },
  };
}

class StoreValueReader implements ValueReader {
  private io: RemoteSession | undefined;
  private now: Values | undefined;

  constructor(
    private readonly setup: Setup,
    private readonly artifacts: ArtifactStore,
    private readonly serializer: Serializer,
  ) {}

  readNow(reference: Reference): unknown {
    this.now ??= this.start();
    return this.now.read(reference).value;
  }

  async read(reference: Reference): Promise<unknown> {
    if (isFileCodec(reference.codec)) return this.readNow(reference);
    return this.serializer.decode(reference.codec, await this.artifacts.read(reference));
  }

  bytes(reference: Reference): Promise<Uint8Array> {
    return this.artifacts.read(reference);
  }

  stream(reference: Reference): AsyncIterable<Uint8Array> {
    return this.artifacts.open(reference);
  }

  async close(): Promise<void> {
    await this.io?.close();
  }

  /** The thread must not keep a script alive that has read what it wanted. */
  private start(): Values {
    const { io, thread } = startIo(this.setup);
    this.io = io;
    const values = new Values(createBlobAccess(linkTo(io)), this.serializer, sha256Hasher);
    thread.unref();
    return values;
  }
}
