import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import { CONTRACT, type Kind, type Kinds, type PluginContext, VarveError } from '@varve/core/contract';
import {
  ArtifactStore,
  DatastoreJournal,
  makePart,
  noUsage,
  requireConditionalPut,
  sha256Hasher,
  systemClock,
  withMetadataRetry,
  withRetry,
  withUsage,
} from '@varve/core/internal';
import { instanceCachingFactory, container as root } from 'tsyringe';
import type { Settings } from './config/index.ts';
import { compressing, createContext } from './context.ts';
import { circle, closed, notConfigured } from './errors.ts';
import { type Configure, type PartContainer, type Parts, tokens } from './parts.ts';
import { type Patience, retryOptions } from './patience.ts';
import { choosePlugin, type PluginSource, settingsOf } from './plugins.ts';
import { readersOf, withReaders } from './readers.ts';

type Name = keyof Parts;
type Get = <K extends Name>(name: K) => Promise<Parts[K]>;
type Table = { readonly [K in Name]: (get: Get, stack: Composition) => Promise<Parts[K]> | Parts[K] };

/** One entry a part: makes it from others. The only place where parts of varve are wired together. */
const TABLE: Table = {
  datastore: (_, stack) => stack.require('datastore'),
  metadata: (_, stack) => stack.make('metadata'),
  index: (_, stack) => stack.make('index'),
  serializer: (_, stack) => stack.require('serializer'),
  hasher: async (_, stack) => (await stack.make('hasher')) ?? sha256Hasher,
  loader: (_, stack) => stack.require('loader'),
  fingerprinter: (_, stack) => stack.require('fingerprinter'),
  runner: (_, stack) => stack.make('runner'),
  context: (_, stack) => contextOf(stack),
  store: async (get, stack) => {
    const { usage, source, patience } = stack;
    const [datastore, { logger }] = await Promise.all([get('datastore'), get('context')]);
    const counted = withRetry(withUsage(datastore, usage), retryOptions(patience, logger));
    return compressing(counted, { stateDir: source.setup.stateDir, onSaved: stack.saved }, datastore);
  },
  artifacts: async (get, stack) => {
    const [store, hasher, alsoRead] = await Promise.all([get('store'), get('hasher'), stack.readers('hasher')]);
    return new ArtifactStore({ store, hasher, alsoRead });
  },
  journals: async (get, { patience }) => {
    const metadata = await get('metadata');
    if (!metadata) return new DatastoreJournal(await get('store'));
    const { logger } = await get('context');
    return withMetadataRetry(metadata, retryOptions(patience, logger));
  },
  session: async (get, { source, usage }) => {
    requireConditionalPut(await get('datastore'));
    const [store, artifacts, metadata, journals, serializer] = await Promise.all([
      get('store'),
      get('artifacts'),
      get('metadata'),
      get('journals'),
      get('serializer'),
    ]);
    const { stateDir } = source.setup;
    return { store, artifacts, metadata: metadata && journals, serializer, usage, clock: systemClock, stateDir };
  },
  // Loaded when it is needed: no worker reads history.
  history: async (get, { source, isLocal }) => (await import('./history.ts')).openHistory(get, source.setup, isLocal),
};

/** What is laid around a part, also around one that `configure` has made. */
const AROUND: { readonly [K in Name]?: (part: Parts[K], stack: Composition) => Promise<Parts[K]> } = {
  serializer: async (main, stack) => withReaders(main, await stack.readers('serializer')),
};

/** Parts that are closed with the stack; the others are made of them. */
const CLOSED: readonly Name[] = [...(Object.keys(CONTRACT) as Kind[]), 'history'];

/**
 * The parts of one stack in this thread, behind a container of its own: nothing is registered globally, so that two stacks
 * never touch. A part is made when it is first asked for, once.
 */
export class Composition {
  private readonly container = root.createChildContainer();
  private readonly made = new Map<Name, Promise<unknown>>();
  /** Parts in the order in which they were finished: each after those it was made of. */
  private readonly finished = new Set<Name>();
  /** Calls to the store of this stack so far. */
  readonly usage = noUsage();
  /** Counts bytes that compression has saved. */
  readonly saved = (bytes: number): void => {
    this.usage.bytesSaved += bytes;
  };
  /** How long a call to a store that does not answer is repeated. To be set before the store is asked for. */
  patience: Patience = 'long';
  private readonly beforeClose = new Set<() => Promise<void>>();
  private chosen: Promise<Settings> | undefined;
  private readonly waits = new WaitsFor();
  private readonly replaced = new Set<unknown>();
  private readonly users = new Map<Kind, number>();
  private closing: Promise<void> | undefined;

  constructor(
    readonly source: PluginSource,
    configure?: Configure,
    /** Parts are objects of this thread: no other thread can make them again. */
    readonly isLocal = source.given !== undefined || configure !== undefined,
  ) {
    for (const name of Object.keys(TABLE) as Name[]) this.register(name);
    if (configure) callConfigure(configure, this.recording());
  }

  /** True for a part that `configure` or the given plugins have replaced. */
  isReplaced(name: Name): boolean {
    return this.replaced.has(tokens[name]) || this.source.given?.[name as Kind] !== undefined;
  }

  /** Throws `VARVE_PART_CIRCLE` when parts wait for each other. */
  get<K extends Name>(name: K): Promise<Parts[K]> {
    return this.waits.wait(name, () => this.resolve(name));
  }

  /** Hands a part to an action and closes it once no action uses it: a compiler may hold a process open. */
  async use<K extends Kind, T>(name: K, action: (part: Parts[K]) => Promise<T>): Promise<T> {
    this.users.set(name, (this.users.get(name) ?? 0) + 1);
    try {
      return await action(await this.get(name));
    } finally {
      const left = (this.users.get(name) ?? 1) - 1;
      this.users.set(name, left);
      if (left === 0) await this.drop(name);
    }
  }

  /** The settings of the stack, read once. */
  settings(): Promise<Settings> {
    const chosen = this.chosen ?? settingsOf(this.source);
    this.chosen = chosen;
    chosen.catch(() => {
      this.chosen = undefined;
    });
    return chosen;
  }

  /** Has `end` called before the parts are closed, e.g. to stop a run that works on them. Returns a function that takes it back. */
  onClose(end: () => Promise<void>): () => void {
    this.beforeClose.add(end);
    return () => this.beforeClose.delete(end);
  }

  /**
   * Ends what works on the parts, then closes them, each before the parts it was made of. All are closed also when one fails;
   * then it rejects with the first error. Calling it again waits for the same end.
   */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  /** Lets the plugin of a kind make its part; `undefined` when there is none. */
  async make<K extends Kind>(kind: K): Promise<Kinds[K] | undefined> {
    const plugin = await choosePlugin(await this.settings(), this.source.setup, kind);
    return plugin && makePart(kind, plugin, await this.get('context'));
  }

  /** Throws `VARVE_CONFIG` when there is none. */
  async require<K extends Kind>(kind: K): Promise<Kinds[K]> {
    const part = await this.make(kind);
    if (part) return part;
    throw new VarveError('VARVE_CONFIG', `no plugin provides a ${kind}`, { hint: `Set ${kind} in varve.config.ts.` });
  }

  /** Parts of a kind that only read: see `readersOf`. */
  async readers<K extends 'serializer' | 'hasher'>(kind: K): Promise<readonly Kinds[K][]> {
    const isReplaced = this.replaced.has(tokens[kind]);
    const plugins = await readersOf(await this.settings(), this.source.setup, kind, isReplaced);
    const context = await this.get('context');
    return Promise.all(plugins.map((plugin) => makePart(kind, plugin, context)));
  }

  /** Closes one part; the next `get` makes it anew, unless the part was given as it is. */
  private async drop(name: Kind): Promise<void> {
    if (this.replaced.has(tokens[name])) return;
    const part = this.made.get(name);
    this.made.delete(name);
    this.finished.delete(name);
    this.register(name);
    await close(part);
  }

  private register<K extends Name>(name: K): void {
    const create = async () => (TABLE[name] as Table[K])((other) => this.get(other), this);
    this.container.register(tokens[name], { useFactory: instanceCachingFactory(create) });
  }

  /** The container as `configure` sees it: it notes what is replaced, and resolves each part once. */
  private recording(): PartContainer {
    const view: PartContainer = {
      register: (token, provider) => {
        const name = nameOf(token);
        this.replaced.add(token);
        if ('useValue' in provider) {
          // A rejection is for the first call that needs the part.
          provider.useValue.catch(() => {});
          return this.container.register(token, provider);
        }
        if (typeof provider.useFactory !== 'function')
          throw notConfigured(`registers ${name} with neither useFactory nor useValue`);
        const useFactory = instanceCachingFactory(() => provider.useFactory(view));
        return this.container.register(token, { useFactory });
      },
      resolve: (token) => this.get(nameOf(token)) as never,
    };
    return view;
  }

  private resolve<K extends Name>(name: K): Promise<Parts[K]> {
    if (this.closing) return Promise.reject(closed());
    const known = this.made.get(name) as Promise<Parts[K]> | undefined;
    if (known) return known;
    const inner = Promise.resolve(this.container.resolve<Promise<Parts[K]>>(tokens[name]));
    const around = AROUND[name];
    const part = around ? inner.then((one) => around(one, this)) : inner;
    this.made.set(name, part);
    part.then(
      () => this.finished.add(name),
      () => {},
    );
    // What could not be made is tried again by the next call, as when a store was out of reach.
    part.catch(() => {
      if (this.made.get(name) !== part) return;
      this.made.delete(name);
      if (!this.replaced.has(tokens[name])) this.register(name);
    });
    return part;
  }

  private async closeAll(): Promise<void> {
    const faults: unknown[] = [];
    const attempt = (end: () => Promise<void>) => end().catch((error: unknown) => void faults.push(error));
    for (const end of [...this.beforeClose]) await attempt(end);
    await Promise.allSettled(this.made.values());
    const names = [...this.finished].filter((name) => CLOSED.includes(name)).reverse();
    for (const name of names) await attempt(() => close(this.made.get(name)));
    this.container.reset();
    if (faults.length > 0) throw faults[0];
  }
}

function callConfigure(configure: Configure, container: PartContainer): void {
  if (typeof configure !== 'function') throw notConfigured('is not a function');
  const returned: unknown = configure(container);
  if (!(returned instanceof Promise)) return;
  returned.catch(() => {});
  throw notConfigured('returned a promise: register parts before it returns, and let a factory wait instead');
}

function nameOf(token: symbol): Name {
  const name = (Object.keys(tokens) as Name[]).find((one) => tokens[one] === token);
  if (name) return name;
  throw new VarveError('VARVE_CONFIG', `${String(token)} is not the token of a part`, {
    hint: `Use one of tokens: ${Object.keys(tokens).join(', ')}.`,
  });
}

async function close(part: Promise<unknown> | undefined): Promise<void> {
  const made = await part?.catch(() => undefined);
  await (made as { close?(): Promise<void> } | undefined)?.close?.();
}

function contextOf(stack: Composition): PluginContext {
  return createContext(stack.source.setup, stack.isLocal, (kind) => stack.get(kind) as Promise<never>, stack.saved);
}

/** Parts that are being made, and the parts they wait for: a circle would wait for ever. */
class WaitsFor {
  private readonly making = new AsyncLocalStorage<Name>();
  private readonly edges = new Map<Name, Set<Name>>();
  /** A timer that a factory has started outlives its part: then it asks for itself. */
  private readonly open = new Map<Name, number>();

  wait<T>(name: Name, resolve: () => Promise<T>): Promise<T> {
    const asker = this.making.getStore();
    if (asker === undefined || !this.open.get(asker)) return this.make(name, resolve);
    const path = this.path(name, asker, new Set());
    if (path) return Promise.reject(circle([asker, ...path]));
    const waiting = this.edges.get(asker) ?? new Set();
    this.edges.set(asker, waiting.add(name));
    return this.make(name, resolve).finally(() => waiting.delete(name));
  }

  private make<T>(name: Name, resolve: () => Promise<T>): Promise<T> {
    this.open.set(name, (this.open.get(name) ?? 0) + 1);
    return this.making.run(name, resolve).finally(() => this.open.set(name, (this.open.get(name) ?? 1) - 1));
  }

  private path(from: Name, to: Name, seen: Set<Name>): Name[] | undefined {
    if (from === to) return [to];
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const next of this.edges.get(from) ?? []) {
      const rest = this.path(next, to, seen);
      if (rest) return [from, ...rest];
    }
    return undefined;
  }
}
