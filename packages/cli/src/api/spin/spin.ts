import type { RunView } from '@varve/client';
import {
  type References,
  type RunRecord,
  type RunTaskOptions,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
  type WrittenArtifact,
} from '@varve/core/contract';
import {
  checkedGraph,
  extendScope,
  flattenScope,
  type Graph,
  type RunIdentity,
  specOf,
  suggest,
  type TaskState,
} from '@varve/core/internal';
import { type Preparation, requireFlow } from '@varve/runtime';

import {
  chooseTask,
  type NamedTask,
  type Override,
  type Overrides,
  readOverrides,
  readValue,
  requireStep,
} from './choose-task.ts';
import { compareResults, type SpunArtifact } from './compare-results.ts';
import { keepSpin } from './keep-spin.ts';
import { type ReachedTask, replayRun } from './replay-run.ts';
import { rootOf } from './root-artifacts.ts';
import { SpinSession } from './spin-session.ts';

/** The task to try, and the changes to its inputs. */
export interface SpinRequest {
  readonly task: NamedTask;
  /** Parameters and artifacts that have another value for the task. */
  readonly set?: Readonly<Record<string, Override>>;
  /** Replaces the element of a foreach step. */
  readonly element?: Override;
  /** Also a step that has an effect outside: it is done again. */
  readonly effects?: boolean;
  /** Writes the attempt to the history, as a run of its own. */
  readonly keep?: boolean;
  /** No timeout, for a debugger. */
  readonly untimed?: boolean;
}

export interface SpinOptions extends Pick<RunTaskOptions, 'onLog'> {
  readonly signal?: AbortSignal;
  /** The task is about to start. */
  readonly onStart?: (task: Pick<SpunTask, 'path' | 'label'>, warnings: readonly string[]) => void;
}

/** One attempt of one task on the stored inputs of a past run. */
export interface SpunTask {
  /** The run its inputs are from: `Penguins/12`. */
  readonly path: string;
  readonly task: string;
  readonly label: string;
  readonly outcome: TaskOutcome;
  /** The state of the task in that run, if it got there. */
  readonly before: TaskState | undefined;
  readonly artifacts: readonly SpunArtifact[];
  /** The value of an artifact, then or now. */
  readonly read: SpinSession['read'];
  /** False for a value that only this attempt has. */
  readonly isStored: SpinSession['isStored'];
  /** The run in the history, if the attempt was kept. */
  readonly kept?: RunRecord;
}

/**
 * Executes one task with the code as it is now, on what a past run had left for it. Nothing is written unless it is to be
 * kept. Throws `VARVE_NO_TASK`, `VARVE_NO_INPUTS`, `VARVE_SPIN_VALUE`, `VARVE_SPIN_EFFECT`, `VARVE_PARAMETERS`.
 */
export async function spin(
  prepared: Preparation,
  run: RunView,
  history: Parameters<typeof rootOf>[2],
  request: SpinRequest,
  options: SpinOptions = {},
): Promise<SpunTask> {
  const { description, code } = prepared;
  const graph = checkedGraph(description);
  requireFlow(run, description.name);
  requireStep(graph, request.task);
  requireConsent(graph, request);
  const overrides = readOverrides(request.set ?? {}, description);
  const session = await SpinSession.open(prepared, request.keep ?? false);
  const identity = identityOf(run, code);
  const { env, parameters } = await rootOf(prepared, run, history, overrides.parameters, session, identity);
  const walk = await replayRun(graph, run.state, env, session, request.task.step);
  const found = chooseTask(walk, request.task, run);
  const spec = await specFor(identity, found, overrides, request, session);
  const path = `${run.flow}/${run.number}`;
  const { label, task, then: before } = found;
  options.onStart?.({ path, label }, [...prepared.warnings, ...unknownNames(found, overrides, path)]);
  const outcome = await session.run(spec, { ...options, signal: options.signal ?? new AbortController().signal });
  const kept = request.keep ? await keepSpin(prepared, run, found, { spec, parameters, outcome, session }) : undefined;
  return {
    ...{
      path,
      task,
      label,
      outcome,
      before,
      read: (one) => session.read(one),
      isStored: (one) => session.isStored(one),
    },
    // A task that failed has left nothing to compare: that it wrote something else now would be a lie.
    artifacts: outcome.ok ? compareResults(before, referencesOf(outcome.writes)) : [],
    ...(kept && { kept }),
  };
}

/** The attempt sees the run whose inputs it has: `this.now()` and `this.random()` give what they gave then. */
function identityOf({ flow, id, number, record }: RunView, code: RunIdentity['code']): RunIdentity {
  const { createdAt, origin } = record;
  return { flow, runId: id, runNumber: number, startedAt: createdAt, code, ...(origin !== undefined && { origin }) };
}

function requireConsent({ steps }: Graph, { task, effects }: SpinRequest): void {
  const step = steps.find(({ name }) => name === task.step);
  if (!step?.effect || effects) return;
  throw new VarveError('VARVE_SPIN_EFFECT', `${task.step} has an effect outside, and spinning it would do that again`, {
    ...(step.location && { location: step.location }),
    hint: 'If that is wanted: varve spin --effects',
  });
}

/** The spec of the task, with the artifacts and the element that the request replaces. */
async function specFor(
  identity: RunIdentity,
  { step, frame, env }: ReachedTask,
  { artifacts }: Overrides,
  { element, untimed }: SpinRequest,
  session: SpinSession,
): Promise<TaskSpec> {
  const entries = Object.entries(artifacts).map(async ([name, value]) => [name, await session.write(value)] as const);
  const written = Object.fromEntries(await Promise.all(entries));
  const { timeoutMs, ...spec } = specOf(identity, step, frame, extendScope(env, referencesOf(written)), 1);
  const timed = untimed || timeoutMs === undefined ? spec : { ...spec, timeoutMs };
  if (!element) return timed;
  const innermost = spec.elements.at(-1);
  if (step.foreach === undefined || !innermost) {
    throw new VarveError('VARVE_SPIN_VALUE', `${step.name} is not a foreach: it is handed no element`, {
      hint: 'Leave out --element.',
    });
  }
  // A spec names an element by its list: the other elements of this one are never read.
  const list = Array.from({ length: innermost.index + 1 }, () => null as unknown);
  list[innermost.index] = 'text' in element ? readValue(element.text) : element.value;
  const { reference } = await session.write(list);
  return { ...timed, elements: [...spec.elements.slice(0, -1), { ...innermost, list: reference }] };
}

/** A name that nothing had set may be new in the code, or misspelt. */
function unknownNames({ env, label }: ReachedTask, { artifacts }: Overrides, path: string): string[] {
  const { references, conflicts } = flattenScope(env);
  const known = [...Object.keys(references), ...Object.keys(conflicts)];
  return Object.keys(artifacts).flatMap((name) =>
    known.includes(name) ? [] : [`${label} had no '${name}' in ${path}. ${suggest(name, known, 'artifacts')}`],
  );
}

function referencesOf(written: Readonly<Record<string, WrittenArtifact>>): References {
  return Object.fromEntries(Object.entries(written).map(([name, { reference }]) => [name, reference]));
}
