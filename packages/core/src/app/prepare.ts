import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock, CodeLocation, Compilation, TaskRunner, TaskSpec } from '../contract/index.ts';
import type { FlowDescription } from '../flow/index.ts';
import { createBlobAccess, type FlowCalls, flowCalls, InlineRunner, type IoClient, Values } from '../runner/index.ts';
import { openHasher, openPart } from './open-parts.ts';
import { startProcesses } from './processes.ts';
import { findSetup, placeBundle, type Setup, type SetupOptions } from './setup.ts';
import { systemClock } from './system-clock.ts';
import { linkTo, startIo, startThreads } from './threads.ts';

/** What executes runs: a store behind its thread, a runner over it, and someone who knows the flow. */
export interface Engine {
  readonly io: IoClient;
  readonly runner: TaskRunner;
  readonly flow: FlowCalls;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** A flow that is compiled, loaded and described, and the engine that can run it. */
export interface Preparation {
  readonly setup: Setup;
  readonly compilation: Compilation;
  readonly code: CodeLocation;
  readonly description: FlowDescription;
  readonly engine: Engine;
}

/** Where tasks run. */
export type RunnerName = 'threads' | 'process' | 'inline';

export interface PrepareOptions extends SetupOptions {
  readonly runner?: RunnerName;
  /** Worker threads. Default: one a core. */
  readonly workers?: number;
}

/** `flow.ts`, or `flow.ts#Name` when the file holds several flows. */
export interface Target {
  readonly file: string;
  readonly flow?: string;
}

/** Compiles the file, starts the threads, and asks the flow what it is. Close the engine when done. */
export async function prepare(defaults: string, target: Target, options: PrepareOptions): Promise<Preparation> {
  const file = resolve(target.file);
  const from = existsSync(file) && statSync(file).isDirectory() ? file : dirname(file);
  const setup = await findSetup(defaults, () => openDefaultLoader(defaults, from), { from, ...options });
  const loader = await openPart(setup, 'loader');
  // The threads start while the file is compiled.
  const engine = await startEngine(setup, options);
  try {
    const compilation = await loader.compile(file);
    const bundle = placeBundle(setup.stateDir, 'flow', compilation);
    const description = await engine.flow.describe({ bundle, ...(target.flow !== undefined && { flow: target.flow }) });
    engine.introduce(description);
    return {
      setup,
      compilation,
      code: { bundle, digest: compilation.digest, flow: description.name },
      description,
      engine,
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The config itself is compiled by the default loader: nobody knows another one yet. */
function openDefaultLoader(defaults: string, projectRoot: string) {
  return openPart({ defaults, projectRoot, stateDir: projectRoot }, 'loader');
}

async function startEngine(
  setup: Setup,
  options: PrepareOptions,
): Promise<Engine & { introduce(description: FlowDescription): void }> {
  const { io } = startIo(setup);
  let concurrent = new Set<string>();
  const close = async (runner: TaskRunner) => {
    await runner.close?.();
    await io.close();
  };
  const introduce = (description: FlowDescription) => {
    concurrent = new Set(description.steps.filter((s) => s.concurrency !== undefined).map((s) => s.name));
  };
  if (options.runner === 'inline') {
    const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
    const runner = new InlineRunner(new Values(createBlobAccess(linkTo(io)), serializer, hasher));
    return { io, runner, flow: flowCalls as FlowCalls, clock: systemClock, close: () => close(runner), introduce };
  }
  const start = options.runner === 'process' ? startProcesses : startThreads;
  const runner = start({
    setup,
    io,
    isMultiplexed: (spec: TaskSpec) => concurrent.has(spec.step),
    width: options.workers,
  });
  runner.anyWorker();
  const introduceAll = (description: FlowDescription) => {
    introduce(description);
    runner.introduce(description);
  };
  const flow: FlowCalls = {
    describe: (code) => runner.anyWorker().call('describe', code),
    parse: (question) => runner.anyWorker().call('parse', question),
  };
  return { io, runner, flow, clock: systemClock, close: () => close(runner), introduce: introduceAll };
}
