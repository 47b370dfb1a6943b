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

/**
 * Lets a plugin make its part. What it throws that says nothing to people is named with the plugin. Throws
 * `VARVE_PLUGIN_PART` for something that lacks what the interface of its kind demands.
 */
export async function makePart<K extends Kind>(kind: K, plugin: Plugin<K>, context: PluginContext): Promise<Kinds[K]> {
  const part = await callFactory(kind, plugin, context);
  const missing = missingMembers(kind, part);
  if (missing.length === 0) return part;
  const what = isObject(part) ? `a ${kind} without ${missing.join(', ')}` : `${String(part)} instead of a ${kind}`;
  throw new VarveError('VARVE_PLUGIN_PART', `the plugin ${plugin.name} made ${what}`, {
    hint: `Ask the author of ${plugin.name}: the interface is in @varve/core/contract, and @varve/conformance tests it.`,
  });
}

/** What the interface of a kind demands. */
const MEMBERS: Readonly<Record<Kind, readonly string[]>> = {
  datastore: ['name', 'capabilities', 'put', 'get', 'stat', 'list', 'delete'],
  metadata: ['name', 'capabilities', 'createRun', 'append', 'finishRun', 'run', 'events', 'runs'],
  index: ['name', 'snapshot', 'put', 'remove', 'clear'],
  serializer: ['id', 'encode', 'decodes', 'decode'],
  hasher: ['algorithm', 'hash', 'create'],
  runner: ['name', 'capabilities', 'run'],
  loader: ['compile'],
  fingerprinter: ['id', 'fingerprint'],
};

/** Members that a value lacks to be a part of this kind; none for a part. */
export function missingMembers(kind: Kind, value: unknown): readonly string[] {
  if (!isObject(value)) return MEMBERS[kind];
  return MEMBERS[kind].filter((name) => (value as Readonly<Record<string, unknown>>)[name] === undefined);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

async function callFactory<K extends Kind>(kind: K, plugin: Plugin<K>, context: PluginContext): Promise<Kinds[K]> {
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
