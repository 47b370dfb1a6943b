import { type History, parseTaskName, type RunView } from '@varve/client';
import type { FlowClass, ParameterValues, TaskName, View } from '@varve/core';
import type { StoredError, TaskLogLine } from '@varve/core/contract';
import { isFileCodec } from '@varve/core/internal';
import { prepare, type SetupOptions, storedTarget } from '@varve/runtime';

import { openPast } from '../from-code.ts';
import type { Stacks } from '../stacks.ts';
import type { SpunArtifact } from './compare-results.ts';
import { type SpunTask, spin } from './spin.ts';

/** Options of an attempt. All that they leave out is as it was in the run. */
export interface SpinFromCodeOptions<F = Record<string, unknown>> extends SetupOptions {
  /** Parameters and artifacts that have another value for the task. */
  readonly set?: ParameterValues<F>;
  /** Replaces the element of a foreach step. */
  readonly element?: unknown;
  /** Also a step that has an effect outside: it is done again. */
  readonly effects?: boolean;
  /** Writes the attempt to the history, as a run of its own. */
  readonly keep?: boolean;
  /** `now` (default): the flow's file as it is. `stored`: the code that the run has kept. */
  readonly code?: 'now' | 'stored';
  /** `import.meta.url` of the flow's file, where varve cannot see it by itself. */
  readonly module?: string;
  readonly signal?: AbortSignal;
  /** Called for each line that the task prints. */
  readonly onLog?: (line: TaskLogLine) => void;
}

/** One attempt of one task. `F` is the flow's class: it types the artifacts. */
export interface Spun<F = Record<string, unknown>> {
  readonly status: 'succeeded' | 'failed';
  /** `train[knn]`. */
  readonly label: string;
  /** The run its inputs are from: `Penguins/12`. */
  readonly from: string;
  /** Wall time, ms. */
  readonly ms: number;
  readonly error?: StoredError;
  /** The artifacts it wrote, and no others. */
  readonly artifacts: Partial<View<F>>;
  /** Each of those beside what the task had written in that run. */
  readonly changes: readonly SpunArtifact[];
  /** `Penguins/13`, when the attempt was kept. */
  readonly kept?: string;
}

/** Tries a task of a run, or of the newest run of a flow. Errors as of `spin`. */
export async function spinFromCode(
  stacks: Stacks,
  what: FlowClass | RunView,
  task: TaskName<Record<string, unknown>>,
  { set, element, effects, keep, code, module, signal, onLog, ...options }: SpinFromCodeOptions,
): Promise<Spun> {
  const { flow, run, file, stack, setup, past } = await openPast(stacks, 'spin', what, module, options);
  const from = run ?? (await past.history.find({ flow, run: { alias: 'last' } }));
  const target = code === 'stored' ? await storedTarget(past.history, from.record, past) : file(from.record);
  const prepared = await prepare(stack, target, { ...setup, runner: 'inline' });
  try {
    const overrides = Object.entries(set ?? {}).map(([name, value]) => [name, { value }] as const);
    const request = {
      ...{
        task: parseTaskName(task),
        set: Object.fromEntries(overrides),
        effects: effects ?? false,
        keep: keep ?? false,
      },
      ...(element !== undefined && { element: { value: element } }),
    };
    const more = { ...(signal && { signal }), ...(onLog && { onLog }) };
    return await shown(await spin(prepared, from, past.history, request, more), past.history);
  } finally {
    await prepared.close();
  }
}

/** Values are decoded while their bytes are at hand; stored files are read through what stays open. */
async function shown(spun: SpunTask, history: History): Promise<Spun> {
  const { path, label, outcome, artifacts, read, isStored, kept } = spun;
  const keptAs = kept && (await history.find({ flow: kept.flow, run: { id: kept.id } })).task(spun.task).references;
  const values = artifacts.map(async ({ name, change, before, now }) => {
    if (!now) return [];
    const stored = isStored(now) ? now : change === 'same' ? before : keptAs?.[name];
    return [[name, isFileCodec(now.codec) && stored ? await history.value(stored) : read(now)] as const];
  });
  return {
    ...{ status: outcome.ok ? 'succeeded' : 'failed', label, from: path, ms: outcome.ms, changes: artifacts },
    artifacts: Object.fromEntries((await Promise.all(values)).flat()),
    ...(!outcome.ok && { error: outcome.error }),
    ...(kept && { kept: `${kept.flow}/${kept.number}` }),
  };
}
