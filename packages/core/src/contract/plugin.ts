import type { Datastore } from './datastore.ts';
import type { Fingerprinter } from './fingerprinter.ts';
import type { Hasher } from './hasher.ts';
import type { MetadataProvider } from './metadata.ts';
import type { Loader } from './modules.ts';
import type { RunIndex } from './run-index.ts';
import type { TaskRunner } from './runner.ts';
import type { Serializer } from './serializer.ts';

/** Time behind an interface, so that tests control it. */
export interface Clock {
  /** Ms since the Unix epoch. */
  now(): number;
  /** Ms. Rejects with `signal.reason` on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Receives a plugin's own messages. Fields never hold secrets. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** The parts a plugin may provide. */
export interface Kinds {
  datastore: Datastore;
  metadata: MetadataProvider;
  index: RunIndex;
  serializer: Serializer;
  hasher: Hasher;
  runner: TaskRunner;
  loader: Loader;
  fingerprinter: Fingerprinter;
}
export type Kind = keyof Kinds;

/** Major version of each interface. Raised when a change would break a plugin that was built before it. */
export const CONTRACT: Readonly<Record<Kind, number>> = {
  datastore: 1,
  metadata: 1,
  index: 1,
  serializer: 1,
  hasher: 1,
  runner: 1,
  loader: 1,
  fingerprinter: 1,
};

/** Passed to a plugin's factory. */
export interface PluginContext {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Absolute: the folder of `varve.config.ts`, or of the nearest `package.json`. */
  readonly projectRoot: string;
  /** Absolute: the project's own `.varve` folder. */
  readonly stateDir: string;
  /**
   * Another part of the same stack, made when it is first asked for: `await context.get('datastore')`. Rejects with
   * `VARVE_PART_CIRCLE` when the parts would wait for each other, and with `VARVE_CONFIG` when no plugin provides it.
   */
  get<K extends Kind>(kind: K): Promise<Kinds[K]>;
  /**
   * A store as varve itself uses it: artifacts that it keeps compressed are read as they were before. For a plugin that keeps
   * copies of what is in another store. Absent where nobody compresses.
   */
  plain?(store: Datastore): Datastore;
  /**
   * The stack as plain data, for a runner to send to its workers: `openTaskParts(stack)` of `varve` opens the same parts in
   * another process that sees the same files. Absent when parts were given as objects of this thread. Not to be looked into.
   */
  readonly stack?: unknown;
}

/** A plugin as the config lists it. */
export interface Plugin<K extends Kind = never> {
  readonly name: string;
  /** Stamped by `definePlugin` from the contract the plugin was built with. */
  readonly contract: Readonly<Record<Kind, number>>;
  readonly provides: { readonly [k in K]: (context: PluginContext) => Kinds[k] | Promise<Kinds[k]> };
}

const PLUGIN: unique symbol = Symbol.for('varve.Plugin');

/**
 * Creates a plugin. A complete store:
 * `export const myStore = (o: Options) => definePlugin({ name: 'my-store', provides: { datastore: () => new MyStore(o) } })`.
 * The shape, a function of options that returns a plain object with a name, is rollup's.
 */
export function definePlugin<K extends Kind>(spec: Pick<Plugin<K>, 'name' | 'provides'>): Plugin<K> {
  const plugin = { name: spec.name, contract: CONTRACT, provides: spec.provides };
  Object.defineProperty(plugin, PLUGIN, { value: { core: import.meta.url } });
  return plugin;
}

/**
 * File URL inside the copy of this package that has made a plugin: several may be installed. `undefined` for a plugin of a
 * copy that does not say so.
 */
export function coreOf(plugin: Plugin<Kind>): string | undefined {
  return (plugin as { readonly [PLUGIN]?: { readonly core?: string } })[PLUGIN]?.core;
}

/** True for a result of `definePlugin`, of any installed copy of this package. */
export function isPlugin(value: unknown): value is Plugin<Kind> {
  return typeof value === 'object' && value !== null && PLUGIN in value;
}
