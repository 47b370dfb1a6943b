import type { History, IndexUpdate, Maintenance, ResultCache, UpdateIndexOptions } from '@varve/client';
import type {
  Datastore,
  Fingerprinter,
  Hasher,
  Loader,
  MetadataProvider,
  PluginContext,
  RunIndex,
  Serializer,
  TaskRunner,
} from '@varve/core/contract';
import type { ArtifactStore, SessionParts } from '@varve/core/internal';

/** The history of a stack, read in this process. */
export interface OpenHistory {
  readonly history: History;
  /** Results kept for other runs. */
  readonly results: ResultCache;
  /** Name of the store. */
  readonly store: string;
  readonly upkeep: Maintenance;
  /** Name of the index of the runs; `undefined` when none is configured. */
  readonly index: string | undefined;
  /** Brings the index of the runs up to date with the store. Throws `VARVE_NO_INDEX` when none is configured. */
  updateIndex(options?: UpdateIndexOptions): Promise<IndexUpdate>;
  /** Absolute: the paths of flows are relative to it. */
  readonly projectRoot: string;
  /** Absolute: the project's own folder. */
  readonly stateDir: string;
  close(): Promise<void>;
}

/** The parts of a stack. Each is made when it is first asked for, once, and closed with the stack. */
export interface Parts {
  /** The store as the plugin made it, without retries. */
  readonly datastore: Datastore;
  /** Keeps the history of runs; `undefined`: the datastore does. */
  readonly metadata: MetadataProvider | undefined;
  /** Lists the runs in the datastore, where there are very many; `undefined`: the datastore does. */
  readonly index: RunIndex | undefined;
  readonly serializer: Serializer;
  readonly hasher: Hasher;
  readonly loader: Loader;
  readonly fingerprinter: Fingerprinter;
  /** The configured runner, beside the built-in ones. */
  readonly runner: TaskRunner | undefined;
  /** Handed to plugins when their part is made. */
  readonly context: PluginContext;
  /** The datastore, with its retries. */
  readonly store: Datastore;
  readonly artifacts: ArtifactStore;
  /** The journals of runs: in `metadata`, else in the store. */
  readonly journals: MetadataProvider;
  /** The parts that a session of this thread works on. */
  readonly session: SessionParts;
  readonly history: OpenHistory;
}

/** Name of a part in the container. Each resolves to a promise: plugins may be asynchronous, and the container is not. */
export type PartToken<K extends keyof Parts> = symbol & { readonly part?: K };

/** The container of one stack, as `configure` sees it. */
export interface PartContainer {
  /** Registers another way to make a part. The last registration counts. */
  register<K extends keyof Parts>(
    token: PartToken<K>,
    provider:
      | { readonly useValue: Promise<Parts[K]> }
      | { readonly useFactory: (container: PartContainer) => Promise<Parts[K]> },
  ): unknown;
  /** The part, made if need be. */
  resolve<K extends keyof Parts>(token: PartToken<K>): Promise<Parts[K]>;
}

/** Replaces parts of a stack by registering others under their tokens. */
export type Configure = (container: PartContainer) => void;

const token = <K extends keyof Parts>(name: K): PartToken<K> => Symbol.for(`varve.${name}`) as PartToken<K>;

/**
 * The tokens of the parts, for `configure`:
 * `createVarve({ configure: (c) => c.register(tokens.datastore, { useValue: Promise.resolve(myStore) }) })`.
 */
export const tokens: { readonly [K in keyof Parts]: PartToken<K> } = {
  datastore: token('datastore'),
  metadata: token('metadata'),
  index: token('index'),
  serializer: token('serializer'),
  hasher: token('hasher'),
  loader: token('loader'),
  fingerprinter: token('fingerprinter'),
  runner: token('runner'),
  context: token('context'),
  store: token('store'),
  artifacts: token('artifacts'),
  journals: token('journals'),
  session: token('session'),
  history: token('history'),
};
