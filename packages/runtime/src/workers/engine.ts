import { availableParallelism } from 'node:os';
import { type Clock, type Finding, type TaskRunner, type TaskSpec, VarveError } from '@varve/core/contract';
import {
  type BlobAccess,
  type FlowCalls,
  type FlowDescription,
  flowCalls,
  InlineRunner,
  locateReferences,
  type PoolRunner,
  RunnerSet,
  SessionBlobs,
  systemClock,
  Values,
} from '@varve/core/internal';

import type { Composition } from '../compose/compose.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import type { RemoteSession } from '../io/io-client.ts';
import { LocalSession } from '../io/local-session.ts';
import { installObservers } from '../observe/install.ts';
import { lookAround } from '../observe/load/index.ts';
import { type ObserveOptions, observeOptions } from '../observe/options.ts';
import { startProcesses } from './processes.ts';
import { linkTo, type PoolSettings, startIo, startThreads } from './threads.ts';

/** Executes runs, one at a time: a session on the store, runners over it, and calls that describe the flow. */
export interface Engine {
  readonly io: RemoteSession;
  readonly runners: RunnerSet;
  readonly flow: FlowCalls;
  readonly clock: Clock;
  /** The settings with which tasks are observed. */
  readonly observe: ObserveOptions;
  /** Stored bytes for tasks that run in this thread. */
  blobs(): Promise<BlobAccess>;
  /** Tells the runners about the flow, and says which of its steps name a runner that is not there. */
  setDescription(description: FlowDescription): Finding[];
  close(): Promise<void>;
}

export interface EngineOptions {
  /** `threads`, `process`, `inline`, or the name of the configured one. Default: the configured one, else `threads`. */
  readonly runner?: string;
  /** Most worker threads or processes. Default: one a core. */
  readonly workers?: number;
  /** Ms that running tasks may take after the run was told to stop. Default 10 s. */
  readonly graceMs?: number;
}

/**
 * Starts the I/O thread, and the first worker of the run's own runner. Throws `VARVE_UNKNOWN_RUNNER`, and
 * `VARVE_STACK_OBJECTS` for workers that cannot make the parts of the stack again.
 */
export async function startEngine(stack: Composition, options: EngineOptions): Promise<Engine> {
  const plugged = await stack.get('runner');
  const own = options.runner ?? plugged?.name ?? (needsThisThread(stack) ? 'inline' : 'threads');
  checkRunner(stack, own);
  const { inputs } = await stack.settings();
  const setup = { ...stack.source.setup, ...(inputs && { inputs }) };
  const io = stack.isLocal ? new LocalSession(() => stack.get('session')) : startIo(setup).io;
  const pools: Pools = new Pools({
    stack,
    setup,
    io,
    width: options.workers ?? availableParallelism(),
    graceMs: options.graceMs,
    isMultiplexed: (spec) => pools.isMultiplexed(spec),
  });
  const runners = new RunnerSet(pools.makers(plugged), own);
  const close = once(async () => {
    forget();
    try {
      await runners.close();
    } finally {
      pools.close();
      await io.close();
    }
  });
  // A stack that is closed under a run ends the run before its parts.
  const forget = stack.onClose(close);
  try {
    runners.runner();
    const flow =
      own === 'inline' || !canServe(stack, 'threads')
        ? (flowCalls as FlowCalls)
        : callsThrough(() => pools.forQuestions(own, runners));
    return {
      io,
      runners,
      flow,
      clock: systemClock,
      observe: observeOptions(setup),
      blobs: () => pools.openBlobs(),
      setDescription: (d) => pools.setDescription(d, runners.names),
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** The action, performed by the first call; later calls wait for the same end. */
function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}

/** Workers make the serializer and the hasher of a stack again, from its setup: objects cannot be made again. */
function needsThisThread(stack: Composition): boolean {
  return stack.isReplaced('serializer') || stack.isReplaced('hasher');
}

function canServe(stack: Composition, runner: 'threads' | 'process'): boolean {
  return !stack.isLocal || (runner === 'threads' && !needsThisThread(stack));
}

function checkRunner(stack: Composition, name: string): void {
  if ((name !== 'threads' && name !== 'process') || canServe(stack, name)) return;
  const what = name === 'process' ? 'datastore' : 'serializer or hasher';
  throw new VarveError('VARVE_STACK_OBJECTS', `runner '${name}' cannot make the ${what} of this stack again`, {
    hint: "Parts were given as objects of this thread. Choose runner: 'inline', or name the stack by its file: createVarve({ stack: import.meta.resolve('./varve.config.ts') }).",
  });
}

/** The configured runner without `close`: the stack closes it itself, and one run of several must not. */
function keptOpen(runner: TaskRunner): TaskRunner {
  return { name: runner.name, capabilities: runner.capabilities, run: (spec, options) => runner.run(spec, options) };
}

/** A runner whose workers read the store themselves: what a task reads is made durable, and found, before it is sent. */
function located(runner: TaskRunner, io: RemoteSession): TaskRunner {
  return {
    name: runner.name,
    capabilities: runner.capabilities,
    run: async (spec, options) => runner.run(await locateReferences(spec, (digests) => io.locate(digests)), options),
    close: async () => runner.close?.(),
  };
}

/** True for runners whose workers cannot reach the session of this process. */
function readsStoreItself({ capabilities: { isolation } }: TaskRunner): boolean {
  return isolation === 'process' || isolation === 'remote';
}

/** The built-in runners, and what all of them have to know about the flow. */
class Pools {
  private readonly started = new Map<string, PoolRunner>();
  private description: FlowDescription | undefined;
  private concurrent: ReadonlySet<string> = new Set();
  private blobs: SessionBlobs | undefined;

  constructor(private readonly settings: PoolSettings & { readonly stack: Composition }) {}

  makers(plugged: TaskRunner | undefined): Map<string, () => TaskRunner> {
    const { stack, io } = this.settings;
    const fit = (runner: TaskRunner) => (readsStoreItself(runner) ? located(runner, io) : runner);
    const makers = new Map<string, () => TaskRunner>();
    if (canServe(stack, 'threads')) makers.set('threads', () => this.begin(startThreads(this.settings)));
    if (canServe(stack, 'process')) makers.set('process', () => fit(this.begin(startProcesses(this.settings))));
    makers.set('inline', () => this.inline());
    return plugged ? makers.set(plugged.name, () => fit(keptOpen(plugged))) : makers;
  }

  isMultiplexed(spec: TaskSpec): boolean {
    return this.concurrent.has(spec.step);
  }

  setDescription(description: FlowDescription, names: readonly string[]): Finding[] {
    this.description = description;
    this.concurrent = new Set(description.steps.filter((s) => s.concurrency !== undefined).map((s) => s.name));
    for (const pool of this.started.values()) pool.setDescription(description);
    return description.steps.flatMap(({ name, runner, location }) => {
      if (runner === undefined || names.includes(runner)) return [];
      const message = `'${name}' has runner '${runner}', and there is no such runner`;
      const hint = `Runners: ${names.join(', ')}.`;
      return [{ code: 'VARVE_UNKNOWN_RUNNER', message, hint, ...(location && { location }) }];
    });
  }

  /** The pool that describes the flow: the user's code is not loaded into this thread unless it runs there. */
  forQuestions(own: string, runners: RunnerSet): PoolRunner {
    const name = own === 'process' ? 'process' : 'threads';
    runners.runner(name);
    return this.started.get(name) as PoolRunner;
  }

  /** The first worker starts while the flow is still being compiled. */
  private begin(pool: PoolRunner): PoolRunner {
    this.started.set(pool.name, pool);
    if (this.description) pool.setDescription(this.description);
    pool.anyWorker();
    return pool;
  }

  /** A thread that waits for an I/O thread is woken by it; a session of this thread has to be read directly. */
  async openBlobs(): Promise<BlobAccess> {
    const { io } = this.settings;
    if (!(io instanceof LocalSession)) return createBlobAccess(linkTo(io));
    await io.open();
    this.blobs ??= new SessionBlobs(io);
    return this.blobs;
  }

  /** Removes local copies of stored files. */
  close(): void {
    this.blobs?.close();
  }

  private inline(): InlineRunner {
    const { stack, graceMs, isMultiplexed } = this.settings;
    // Before the flow is loaded: stacks of modules that are loaded already stay as they are.
    process.setSourceMapsEnabled(true);
    installObservers(observeOptions(this.settings.setup));
    const values = async () => {
      const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
      return new Values(await this.openBlobs(), serializer, hasher);
    };
    return new InlineRunner({ values, isMultiplexed, graceMs, lookAround });
  }
}

function callsThrough(pool: () => PoolRunner): FlowCalls {
  return {
    describe: (code) => pool().anyWorker().call('describe', code),
    parse: (question) => pool().anyWorker().call('parse', question),
    loaded: (code) => pool().anyWorker().call('loaded', code),
  };
}
