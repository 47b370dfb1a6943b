import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlowClient, type RunView } from '../client/index.ts';
import { VarveError } from '../contract/index.ts';
import { describeFlow, type Flow, type FlowClass } from '../flow/index.ts';
import type { ProgressListener } from '../run/index.ts';
import { isLoadingFlow } from '../runner/index.ts';
import { type OpenHistory, openHistory } from './open-history.ts';
import { openPart } from './open-parts.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { executePrepared } from './run-flow.ts';
import { findSetup, type SetupOptions } from './setup.ts';

export interface ClientOptions extends SetupOptions {}

export interface RunFromCodeOptions extends PrepareOptions {
  /** `import.meta.url` of the flow's file, where varve cannot see it by itself. */
  readonly module?: string;
  readonly tags?: readonly string[];
  readonly signal?: AbortSignal;
  readonly failFast?: boolean;
  /** Most tasks at once. */
  readonly concurrency?: number;
  readonly onProgress?: ProgressListener;
}

/** What users call from their own code. */
export interface Api {
  /** The history of a flow: `const run = await client(Penguins).last(); run.artifacts.best`. */
  client<F extends Flow>(flow: FlowClass<F> | string, options?: ClientOptions): FlowClient<F>;
  /**
   * Runs a flow in worker threads and resolves with the finished run, also when it failed: see its `status`. Throws
   * `VarveError` when it could not start.
   */
  run<F extends Flow>(
    flow: FlowClass<F>,
    parameters?: Readonly<Record<string, unknown>>,
    options?: RunFromCodeOptions,
  ): Promise<RunView<F>>;
}

/** Binds the functions of the API to a set of default plugins. `defaults` is the file URL of their module. */
export function createApi(defaults: string): Api {
  const opened = new Map<string, Promise<OpenHistory>>();
  const historyOf = (options: SetupOptions): Promise<OpenHistory> => {
    const key = JSON.stringify(options);
    const known = opened.get(key);
    if (known) return known;
    const fresh = findSetup(defaults, () => loaderOf(defaults, options.from ?? process.cwd()), options).then(
      openHistory,
    );
    opened.set(key, fresh);
    fresh.catch(() => opened.delete(key));
    return fresh;
  };
  return {
    client: (flow, options = {}) => {
      const name = typeof flow === 'string' ? flow : flow.name;
      const from = options.from ?? (typeof flow === 'string' ? undefined : folderOf(flow));
      return new FlowClient(
        name,
        async () => (await historyOf({ ...setupOptions(options), ...(from !== undefined && { from }) })).history,
      );
    },
    run: async (flow, parameters = {}, options = {}) => {
      if (isLoadingFlow()) throw runWhileLoading(flow.name);
      const file = options.module === undefined ? fileOf(flow) : fileURLToPath(options.module);
      const prepared = await prepare(defaults, { file, flow: flow.name }, options);
      try {
        const given = Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [name, { value, from: 'run()' }]),
        );
        const { record } = await executePrepared(prepared, { ...options, parameters: given });
        const { history } = await historyOf({ ...setupOptions(options), from: dirname(file) });
        return (await history.find({ flow: record.flow, run: { id: record.id } })) as never;
      } finally {
        await prepared.engine.close();
      }
    },
  };
}

/** What decides which history is opened. */
function setupOptions({ config, profile, store }: SetupOptions): SetupOptions {
  return {
    ...(config !== undefined && { config }),
    ...(profile !== undefined && { profile }),
    ...(store !== undefined && { store }),
  };
}

/** Each worker that loads the file would run it again, and so on without an end. */
function runWhileLoading(flow: string): VarveError {
  return new VarveError(
    'VARVE_RUN_IN_FLOW_FILE',
    `run(${flow}) is called by the file that holds ${flow}, as it is loaded`,
    {
      hint: 'Workers load that file too: put the flow in a file of its own, and call run() from another one.',
    },
  );
}

function loaderOf(defaults: string, projectRoot: string) {
  return openPart({ defaults, projectRoot, stateDir: projectRoot }, 'loader');
}

function fileOf(flow: FlowClass): string {
  const { file } = describeFlow(flow);
  if (file !== undefined) return file;
  throw new VarveError('VARVE_NO_FILE', `varve cannot see in which file ${flow.name} is written`, {
    hint: `Say it: run(${flow.name}, {}, { module: import.meta.url })`,
  });
}

function folderOf(flow: FlowClass): string | undefined {
  const { file } = describeFlow(flow);
  return file === undefined ? undefined : dirname(file);
}
