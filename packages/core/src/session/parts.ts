import {
  type Clock,
  type Datastore,
  type Kind,
  type Kinds,
  type MetadataProvider,
  type Plugin,
  type PluginContext,
  type Serializer,
  StoreError,
  VarveError,
} from '../contract/index.ts';
import type { ArtifactStore, StoreUsage } from '../store/index.ts';

/** The parts of a stack that a session works on. */
export interface SessionParts {
  readonly store: Datastore;
  readonly artifacts: ArtifactStore;
  /** Absent: journals go into the datastore, in one object with the small artifacts. */
  readonly metadata: MetadataProvider | undefined;
  readonly serializer: Serializer;
  readonly clock: Clock;
  /** Counts the calls to the store; absent where nobody pays for them. */
  readonly usage?: StoreUsage;
  /** Absolute: the project's own folder, for local copies and for bytes on their way into the store. */
  readonly stateDir: string;
  /** Called when the session is closed. */
  close?(): Promise<void>;
}

/** Lets a plugin make its part. What it throws that says nothing to people is named with the plugin. */
export async function makePart<K extends Kind>(kind: K, plugin: Plugin<K>, context: PluginContext): Promise<Kinds[K]> {
  try {
    return await plugin.provides[kind](context);
  } catch (error) {
    if (VarveError.is(error) || StoreError.is(error)) throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new VarveError('VARVE_CONFIG', `the plugin ${plugin.name} could not make its ${kind}: ${what}`, {
      cause: error,
      hint: 'Check what the plugin is given in varve.config.ts; --debug shows where in the plugin it failed.',
    });
  }
}
