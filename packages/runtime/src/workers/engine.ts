import { availableParallelism } from 'node:os';
import type { Clock, Finding, TaskRunner, TaskSpec } from '@varve/core/contract';
import {
  type FlowCalls,
  type FlowDescription,
  flowCalls,
  InlineRunner,
  type PoolRunner,
  RunnerSet,
  systemClock,
  Values,
} from '@varve/core/internal';

import { choosePlugins, openHasher, openPart } from '../compose/open-parts.ts';
import type { Setup } from '../compose/setup.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import type { RemoteSession } from '../io/io-client.ts';
import { startProcesses } from './processes.ts';
import { linkTo, type PoolSettings, startIo, startThreads } from './threads.ts';

/** What executes runs, one at a time: a store behind its thread, runners over it, and someone who knows the flow. */
export interface Engine {
  readonly io: RemoteSession;
  readonly runners: RunnerSet;
  readonly flow: FlowCalls;
  readonly clock: Clock;
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

/** Starts the I/O thread, and the first worker of the run's own runner. Throws `VARVE_UNKNOWN_RUNNER`. */
export async function startEngine(setup: Setup, options: EngineOptions): Promise<Engine> {
  const plugged = await openRunner(setup);
  const { io } = startIo(setup);
  const pools: Pools = new Pools({
    setup,
    io,
    width: options.workers ?? availableParallelism(),
    graceMs: options.graceMs,
    isMultiplexed: (spec) => pools.isMultiplexed(spec),
  });
  const own = options.runner ?? plugged?.name ?? 'threads';
  const runners = new RunnerSet(pools.makers(plugged), own);
  const close = async () => {
    await runners.close();
    await io.close();
  };
  try {
    runners.runner();
    const flow = own === 'inline' ? (flowCalls as FlowCalls) : callsThrough(() => pools.forQuestions(own, runners));
    return {
      io,
      runners,
      flow,
      clock: systemClock,
      setDescription: (d) => pools.setDescription(d, runners.names),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRunner(setup: Setup): Promise<TaskRunner | undefined> {
  const { plugins } = await choosePlugins(setup, ['runner']);
  return plugins.has('runner') ? openPart(setup, 'runner') : undefined;
}

/** The built-in runners, and what all of them have to know about the flow. */
class Pools {
  private readonly started: PoolRunner[] = [];
  private description: FlowDescription | undefined;
  private concurrent: ReadonlySet<string> = new Set();

  constructor(private readonly settings: PoolSettings) {}

  makers(plugged: TaskRunner | undefined): Map<string, () => TaskRunner> {
    const makers = new Map<string, () => TaskRunner>([
      ['threads', () => this.begin(startThreads(this.settings))],
      ['process', () => this.begin(startProcesses(this.settings))],
      ['inline', () => this.inline()],
    ]);
    return plugged ? makers.set(plugged.name, () => plugged) : makers;
  }

  isMultiplexed(spec: TaskSpec): boolean {
    return this.concurrent.has(spec.step);
  }

  setDescription(description: FlowDescription, names: readonly string[]): Finding[] {
    this.description = description;
    this.concurrent = new Set(description.steps.filter((s) => s.concurrency !== undefined).map((s) => s.name));
    for (const pool of this.started) pool.setDescription(description);
    return description.steps.flatMap(({ name, runner, location }) => {
      if (runner === undefined || names.includes(runner)) return [];
      const message = `'${name}' has runner '${runner}', and there is no such runner`;
      const hint = `Runners: ${names.join(', ')}.`;
      return [{ code: 'VARVE_UNKNOWN_RUNNER', message, hint, ...(location && { location }) }];
    });
  }

  /** The user's code is not loaded into this thread unless somebody asked for that. */
  forQuestions(own: string, runners: RunnerSet): PoolRunner {
    return runners.runner(own === 'process' ? 'process' : 'threads') as PoolRunner;
  }

  /** The first worker starts while the flow is still being compiled. */
  private begin(pool: PoolRunner): PoolRunner {
    this.started.push(pool);
    if (this.description) pool.setDescription(this.description);
    pool.anyWorker();
    return pool;
  }

  private inline(): InlineRunner {
    const { setup, io, graceMs, isMultiplexed } = this.settings;
    // Before the flow is loaded: stacks of modules that are loaded already stay as they are.
    process.setSourceMapsEnabled(true);
    const values = async () => {
      const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
      return new Values(createBlobAccess(linkTo(io)), serializer, hasher);
    };
    return new InlineRunner({ values, isMultiplexed, graceMs });
  }
}

function callsThrough(pool: () => PoolRunner): FlowCalls {
  return {
    describe: (code) => pool().anyWorker().call('describe', code),
    parse: (question) => pool().anyWorker().call('parse', question),
  };
}
