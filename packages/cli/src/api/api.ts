import { FlowClient, type IndexUpdate, type RunView, type UpdateIndexOptions } from '@varve/client';
import type { Flow, FlowClass, ParameterValues, TaskName } from '@varve/core';
import type { SetupOptions } from '@varve/runtime';

import {
  folderOf,
  type ResumeFromCodeOptions,
  type RunFromCodeOptions,
  resumeFromCode,
  runFromCode,
} from './from-code.ts';
import { type SpinFromCodeOptions, type Spun, spinFromCode } from './spin/spin-from-code.ts';
import type { Stacks } from './stacks.ts';

export interface ClientOptions extends SetupOptions {}

export interface IndexFromCodeOptions extends SetupOptions, UpdateIndexOptions {}

/** The functions of varve for code: run, resume, spin and client. */
export interface Api {
  /** The history of a flow: `const run = await client(Penguins).last(); run.artifacts.best`. */
  client<F extends Flow>(flow: FlowClass<F>, options?: ClientOptions): FlowClient<F>;
  client<F = Record<string, unknown>>(flow: string, options?: ClientOptions): FlowClient<F>;
  /**
   * Runs a flow in worker threads and resolves with the finished run, also when it failed: see its `status`. Throws
   * `VarveError` when it could not start.
   */
  run<F extends Flow>(
    flow: FlowClass<F>,
    parameters?: NoInfer<ParameterValues<F>>,
    options?: RunFromCodeOptions,
  ): Promise<RunView<F>>;
  /**
   * Goes on with a run that stopped: resolves with a new run that keeps every finished task of the old one and executes the
   * rest. Given a flow, with its newest run that did not succeed and was not resumed yet. Throws `VARVE_NOTHING_TO_RESUME`,
   * `VARVE_RESUME_OPTION`, and `VARVE_RUN_LIVE` for a run that is still going.
   */
  resume<F extends Flow>(flow: FlowClass<F>, options?: NoInfer<ResumeFromCodeOptions<F>>): Promise<RunView<F>>;
  resume<F>(run: RunView<F>, options?: NoInfer<ResumeFromCodeOptions<F>>): Promise<RunView<F>>;
  /**
   * Executes one task in this process, with the code as it is now, on what a run had left for it; given a flow, on what its
   * newest run had. Nothing is written unless `keep` says so. Resolves also when the task failed: see its `status`. Throws
   * `VARVE_NO_TASK`, `VARVE_NO_INPUTS`, `VARVE_SPIN_VALUE`, and `VARVE_SPIN_EFFECT` for a step that has an effect outside.
   */
  spin<F extends Flow>(
    flow: FlowClass<F>,
    task: NoInfer<TaskName<F>>,
    options?: NoInfer<SpinFromCodeOptions<F>>,
  ): Promise<Spun<F>>;
  spin<F>(run: RunView<F>, task: NoInfer<TaskName<F>>, options?: NoInfer<SpinFromCodeOptions<F>>): Promise<Spun<F>>;
  /** Brings the index of the runs up to date with the store, as `varve index`. Throws `VARVE_NO_INDEX` without one. */
  updateIndex(options?: IndexFromCodeOptions): Promise<IndexUpdate>;
}

/** Binds the functions of the API to stacks. */
export function createApi(stacks: Stacks, defaults: RunFromCodeOptions = {}): Api {
  const client = (flow: FlowClass | string, options: ClientOptions = {}) => {
    const [name, folder] = typeof flow === 'string' ? [flow, undefined] : [flow.name, folderOf(flow)];
    const from = options.from ?? folder;
    const opened = () => stacks.open({ ...options, ...(from !== undefined && { from }) });
    return new FlowClient(name, async () => (await (await opened()).get('history')).history);
  };
  return {
    client: client as unknown as Api['client'],
    run: async (flow, parameters = {}, options = {}) =>
      (await runFromCode(stacks, flow, parameters, { ...defaults, ...options })) as never,
    resume: async (what: FlowClass | RunView, options: ResumeFromCodeOptions = {}) =>
      (await resumeFromCode(stacks, what, { ...defaults, ...options })) as never,
    spin: async (what: FlowClass | RunView, task: string, options: SpinFromCodeOptions = {}) =>
      (await spinFromCode(stacks, what, task, options)) as never,
    updateIndex: async ({ from, config, profile, store, ...options }: IndexFromCodeOptions = {}) => {
      const setup = { from, config, profile, store } as SetupOptions;
      return (await (await stacks.open(setup)).get('history')).updateIndex(options);
    },
  };
}
