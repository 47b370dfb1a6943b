import { History, Maintenance, ResultCache, updateIndex, type ValueReader } from '@varve/client';
import { type MetadataProvider, type Reference, type Serializer, VarveError } from '@varve/core/contract';
import {
  type ArtifactStore,
  decodeStored,
  isFileCodec,
  Session,
  SessionBlobs,
  StoreClock,
  sha256Hasher,
  systemClock,
  Values,
} from '@varve/core/internal';
import { createBlobAccess } from '../io/blob-client.ts';
import { userName } from '../runs/identity.ts';
import { linkTo, startIo } from '../workers/threads.ts';
import { closed } from './errors.ts';
import type { OpenHistory, Parts } from './parts.ts';
import type { Setup } from './setup.ts';

/**
 * Opens the store for reading. Artifacts read as plain fields come from this thread where the parts are objects of it; else
 * from an I/O thread, started when the first one is read.
 */
export async function openHistory(
  get: <K extends keyof Parts>(name: K) => Promise<Parts[K]>,
  setup: Setup,
  isLocal: boolean,
): Promise<OpenHistory> {
  const [store, artifacts, metadata, configured, journals, serializer] = await Promise.all([
    get('store'),
    get('artifacts'),
    get('metadata'),
    get('index'),
    get('journals'),
    get('serializer'),
  ]);
  const sync = isLocal ? await openLocal(get, serializer) : undefined;
  const values = new HistoryValues(artifacts, serializer, sync, () => openRemote(setup, serializer));
  const storeClock = new StoreClock(store, systemClock);
  // It is compared with the records in the store, where a metadata plugin leaves none.
  const index = metadata ? undefined : configured;
  const history = new History(store, journals, values, () => storeClock.now(), userName(), index);
  return {
    history,
    results: new ResultCache(store, artifacts, history),
    store: store.name,
    upkeep: new Maintenance({ store, artifacts, metadata: metadata && journals, clock: systemClock }),
    index: index?.name,
    updateIndex: async (options) => updateIndex(store, index ?? noIndex(metadata), options),
    projectRoot: setup.projectRoot,
    stateDir: setup.stateDir,
    close: () => values.close(),
  };
}

function noIndex(metadata: MetadataProvider | undefined): never {
  if (metadata) {
    throw new VarveError(
      'VARVE_NO_INDEX',
      `an index is of the runs in a datastore, and these are in ${metadata.name}`,
      {
        hint: 'Leave metadata out of varve.config.ts to have runs recorded in the datastore, or use varve list as it is.',
      },
    );
  }
  throw new VarveError('VARVE_NO_INDEX', 'no index of the runs is configured', {
    hint: 'npm install @varve/metadata-sqlite, then index: sqliteIndex() in varve.config.ts, imported from there.',
  });
}

/** Values that can be read without waiting, and how to let go of what that takes. */
interface SyncValues {
  readonly values: Values;
  close(): Promise<void>;
}

async function openLocal(
  get: <K extends keyof Parts>(name: K) => Promise<Parts[K]>,
  serializer: Serializer,
): Promise<SyncValues> {
  const session = new Session(() => get('session'));
  await session.open();
  const blobs = new SessionBlobs(session);
  const close = async () => blobs.close();
  return { values: new Values(blobs, serializer, await get('hasher')), close };
}

/** The thread must not keep a script alive that has read what it wanted. */
function openRemote(setup: Setup, serializer: Serializer): SyncValues {
  const { io, thread } = startIo(setup);
  const values = new Values(createBlobAccess(linkTo(io)), serializer, sha256Hasher);
  thread.unref();
  const close = () => {
    thread.ref();
    return io.close();
  };
  return { values, close };
}

class HistoryValues implements ValueReader {
  private isClosed = false;

  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly serializer: Serializer,
    private sync: SyncValues | undefined,
    private readonly open: () => SyncValues,
  ) {}

  readNow(reference: Reference): unknown {
    if (this.isClosed) throw closed();
    this.sync ??= this.open();
    return this.sync.values.read(reference).value;
  }

  async read(reference: Reference): Promise<unknown> {
    if (isFileCodec(reference.codec)) return this.readNow(reference);
    return decodeStored(this.serializer, reference, await this.artifacts.read(reference));
  }

  bytes(reference: Reference): Promise<Uint8Array> {
    return this.artifacts.read(reference);
  }

  stream(reference: Reference): AsyncIterable<Uint8Array> {
    return this.artifacts.open(reference);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.sync?.close();
  }
}
