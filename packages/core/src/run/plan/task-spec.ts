import { framedDigest } from '../../cache/index.ts';
import type { CodeLocation, TaskSpec, ViewSpec } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, changesSince, flattenScope, taskName } from '../../store/index.ts';
import { elementsAround, type ForeachFrame, namesOf } from './frame.ts';

/** The part of a task's spec that all tasks of a run have in common. */
export interface RunIdentity {
  readonly flow: string;
  readonly runId: string;
  readonly runNumber: number;
  readonly origin?: string;
  /** Ms since the Unix epoch. */
  readonly startedAt: number;
  readonly code: CodeLocation;
  /** `TaskSpec.memos` by step. */
  readonly memos?: Readonly<Record<string, readonly string[]>>;
  /** `TaskSpec.variables` by step. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

/** Describes one attempt as plain data: its place, the artifacts it may read, the arguments of its method. */
export function specOf(
  run: RunIdentity,
  step: GraphStep,
  frame: ForeachFrame,
  artifacts: ArtifactScope,
  attempt: number,
): TaskSpec {
  const { references, conflicts } = flattenScope(artifacts);
  const { flow, runId, runNumber, origin, startedAt, code } = run;
  const { name, timeoutMs } = step;
  const { task, label } = namesOf(step, frame);
  const spec: Draft<TaskSpec> = {
    flow,
    runId,
    runNumber,
    step: name,
    task,
    label,
    attempt,
    code,
    inputs: references,
    elements: elementsOf(frame),
    now: startedAt,
    seed: seedOf(name, frame),
  };
  if (origin !== undefined) spec.origin = origin;
  if (Object.keys(conflicts).length > 0) spec.conflicts = conflicts;
  if (step.foreach !== undefined) spec.isForeach = true;
  if (timeoutMs !== undefined) spec.timeoutMs = timeoutMs;
  const memos = run.memos?.[name];
  if (memos) spec.memos = memos;
  if (run.variables) spec.variables = run.variables[name] ?? [];
  if (step.kind === 'foreach-join') spec.tasks = taskViews(step, frame);
  if (step.kind === 'branch-join') spec.branches = branchViews(step, frame);
  return spec;
}

/** The value of a parameter as it was given. `text`: it was written as text, as in a flag. */
export interface RawParameter {
  readonly value: unknown;
  readonly text?: boolean;
}

/** The step of the virtual first task. */
export const INIT: GraphStep = {
  name: 'init',
  kind: 'root',
  options: {},
  after: [],
  arity: 0,
  sees: { element: false, index: false },
  parents: [],
  children: [],
  scope: [],
};

/** Describes the virtual first task, which constructs the class once and stores its fields. */
export function initSpec(run: RunIdentity, given: Readonly<Record<string, RawParameter>>): TaskSpec {
  const { startedAt, memos: _, variables, ...identity } = run;
  const names = { step: 'init', task: 'init', label: 'init', ...(variables && { variables: [] }) };
  const parameters = Object.fromEntries(Object.entries(given).map(([name, { value }]) => [name, value]));
  const texts = Object.keys(given).filter((name) => given[name]?.text);
  const values = { parameters, ...(texts.length > 0 && { texts }) };
  return { ...identity, ...names, attempt: 1, inputs: {}, elements: [], ...values, now: startedAt };
}

type Draft<T> = { -readonly [k in keyof T]: T[k] };

/**
 * Depends on the step and the elements around it, not on the run: results that were drawn from it can be cached. Equal elements
 * are told apart by their place among each other, which stays when other elements come and go.
 */
function seedOf(step: string, frame: ForeachFrame): string {
  const around = elementsAround(frame);
  const [first] = around;
  // The numbers of steps outside of nested and equal elements are those of the first form.
  if (around.length === 0 || (around.length === 1 && first?.[1] === 0))
    return framedDigest('seed/1', [step, first?.[0] ?? null]);
  return framedDigest('seed/2', [step, around]);
}

function elementsOf(frame: ForeachFrame): TaskSpec['elements'] {
  const elements: TaskSpec['elements'][number][] = [];
  for (let at: ForeachFrame | undefined = frame; at?.fanout; at = at.fanout.outer) {
    const index = at.path.at(-1) ?? 0;
    elements.unshift({ list: at.fanout.list, index, label: at.fanout.labels[index] ?? String(index) });
  }
  return elements;
}

function branchViews(step: GraphStep, frame: ForeachFrame): NonNullable<TaskSpec['branches']> {
  const branches: Record<string, ViewSpec | null> = Object.create(null);
  for (const parent of step.parents) {
    const settled = frame.settled.get(parent);
    branches[parent] =
      settled?.status === 'done'
        ? { task: taskName(parent, frame.path), base: flattenScope(settled.artifacts).references, own: {} }
        : null;
  }
  return branches;
}

/** One view for each task of the joined step, in element order; elements in which it was skipped have none. */
function taskViews(step: GraphStep, frame: ForeachFrame): ViewSpec[] {
  const fanout = frame.fanouts?.get(step.closes ?? '');
  const joined = step.parents[0];
  if (!fanout || joined === undefined) return [];
  const base = flattenScope(fanout.artifacts).references;
  return fanout.frames.flatMap((element) => {
    const settled = element.settled.get(joined);
    if (settled?.status !== 'done') return [];
    const { own, deleted } = changesSince(settled.artifacts, fanout.artifacts);
    return [{ task: taskName(joined, element.path), base, own, ...(deleted.length > 0 && { deleted }) }];
  });
}
