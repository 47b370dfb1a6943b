import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunView } from '@varve/client';
import type { FlowClass, ParameterValues, TaskName } from '@varve/core';
import { type RunRecord, VarveError } from '@varve/core/contract';
import {
  describeFlow,
  type GivenParameter,
  isFlowClass,
  isLoadingFlow,
  type ProgressListener,
} from '@varve/core/internal';
import {
  type CacheRequest,
  executePrepared,
  fileOfOrigin,
  openOrigin,
  type PrepareOptions,
  prepare,
  type ResumeRequest,
  type SetupOptions,
  type StartOptions,
  storedTarget,
  type Target,
} from '@varve/runtime';

import type { Stacks } from './stacks.ts';

export interface RunFromCodeOptions extends PrepareOptions {
  /** `import.meta.url` of the flow's file, where varve cannot see it by itself. */
  readonly module?: string;
  readonly tags?: readonly string[];
  readonly signal?: AbortSignal;
  readonly failFast?: boolean;
  /** Most tasks at once. */
  readonly concurrency?: number;
  /** How results of earlier runs are used, as with `--cache`, `--force` and `--max-age`; what is left out is as configured. */
  readonly cache?: CacheRequest;
  readonly onProgress?: ProgressListener;
}

/** Options of a resumed run; those left out are as in the run that is resumed. */
export interface ResumeFromCodeOptions<F = Record<string, unknown>> extends Omit<RunFromCodeOptions, 'from'> {
  /** Steps or single tasks that are executed again, with what follows from them; `init` for the initialisers. */
  readonly from?: TaskName<F> | readonly TaskName<F>[];
  /** Parameters that get another value; all others keep theirs. */
  readonly set?: ParameterValues<F>;
  /** `verify` (default): finished tasks count if their code is the same. `position`: they count. */
  readonly trust?: 'verify' | 'position';
  /** `now` (default): the flow's file as it is. `stored`: the code that the run has kept, whatever is on disk. */
  readonly code?: 'now' | 'stored';
}

type Values = Readonly<Record<string, unknown>>;

/** Runs a flow to its end. */
export async function runFromCode(
  stacks: Stacks,
  flow: FlowClass,
  parameters: Values,
  { module, cache, ...options }: RunFromCodeOptions,
): Promise<RunView> {
  if (isLoadingFlow()) throw whileLoading('run', flow.name);
  const file = module === undefined ? fileOf(flow) : fileURLToPath(module);
  const setup = { from: dirname(file), ...options };
  return execute(stacks, { file, flow: flow.name }, setup, {
    ...options,
    ...(cache && { cacheRequest: cache }),
    parameters: given(parameters, 'run()'),
  });
}

/** Goes on with a run, or with the newest of a flow that has stopped. */
export async function resumeFromCode(
  stacks: Stacks,
  what: FlowClass | RunView,
  { from, set, trust, code, module, cache, ...options }: ResumeFromCodeOptions,
): Promise<RunView> {
  const { flow, run, file, setup, past } = await openPast(stacks, 'resume', what, module, options);
  const of = await openOrigin(past.history, run ? { flow, run: { id: run.id } } : flow);
  const request: ResumeRequest = {
    ...(from !== undefined && { from: [from].flat() }),
    ...(set && { set: given(set, 'resume()') }),
    ...(trust && { trust }),
  };
  const target = code === 'stored' ? await storedTarget(past.history, of.run.record, past) : file(of.run.record);
  return execute(stacks, target, setup, {
    ...options,
    ...(cache && { cacheRequest: cache }),
    resume: { of, request },
  });
}

/** Finds the run or flow that was named, its file and its stack. */
export async function openPast(
  stacks: Stacks,
  call: string,
  what: FlowClass | RunView,
  module: string | undefined,
  options: SetupOptions,
) {
  const Class = isFlowClass(what) ? what : undefined;
  const run = Class ? undefined : (what as RunView);
  const flow = run?.flow ?? (what as FlowClass).name;
  if (isLoadingFlow()) throw whileLoading(call, flow);
  // What is new is written where the old run was read.
  const found = run ? stacks.optionsOf(run.history) : { from: (Class && folderOf(Class)) ?? process.cwd() };
  const setup = { ...found, ...options };
  const stack = await stacks.open(setup);
  const past = await stack.get('history');
  const known = module === undefined ? Class && describeFlow(Class).file : fileURLToPath(module);
  const file = (record: RunRecord): Target => ({
    file: known ?? resolve(past.projectRoot, fileOfOrigin(record)),
    flow,
  });
  return { flow, run, file, stack, setup, past };
}

async function execute(
  stacks: Stacks,
  target: Target,
  setup: SetupOptions & PrepareOptions,
  start: StartOptions,
): Promise<RunView> {
  const from = setup.from ?? process.cwd();
  const stack = await stacks.open({ ...setup, from });
  const prepared = await prepare(stack, target, setup);
  try {
    const { record } = await executePrepared(prepared, start);
    const { history } = await stack.get('history');
    return await history.find({ flow: record.flow, run: { id: record.id } });
  } finally {
    await prepared.close();
  }
}

function given(values: Values, from: string): Record<string, GivenParameter> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, from }]));
}

/** Each worker that loads the file would do it again, and so on without an end. */
function whileLoading(call: string, flow: string): VarveError {
  return new VarveError(
    'VARVE_RUN_IN_FLOW_FILE',
    `${call}(${flow}) is called by the file that holds ${flow}, as it is loaded`,
    {
      hint: `Workers load that file too: put the flow in a file of its own, and call ${call}() from another one.`,
    },
  );
}

function fileOf(flow: FlowClass): string {
  const { file } = describeFlow(flow);
  if (file !== undefined) return file;
  throw new VarveError('VARVE_NO_FILE', `varve cannot see in which file ${flow.name} is written`, {
    hint: `Say it: run(${flow.name}, {}, { module: import.meta.url })`,
  });
}

/** The folder of a flow's file; `undefined` when varve cannot see it. */
export function folderOf(flow: FlowClass): string | undefined {
  const { file } = describeFlow(flow);
  return file === undefined ? undefined : dirname(file);
}
