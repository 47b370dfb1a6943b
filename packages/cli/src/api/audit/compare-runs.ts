import type { RunView, TaskView } from '@varve/client';
import type { CodeFingerprint } from '@varve/core/contract';
import type { Graph } from '@varve/core/internal';

/** One thing that a task did with the results of earlier runs, and another that it did without. */
export interface AuditDifference {
  readonly task: string;
  /** For people: `train[knn]`. */
  readonly label: string;
  readonly step: string;
  /** Absent when the task itself is another: it ended otherwise, or is there in one of the runs only. */
  readonly artifact?: string;
  /** The run with results: a digest, or how the task ended. Absent when there was neither. */
  readonly cached?: string;
  readonly fresh?: string;
  /** `Flow/12/train[2]`: whose result was used. */
  readonly from?: string;
}

/** Same tasks, same path, same artifacts: whatever is not, in the order of the class. */
export function compareRuns(cached: RunView, fresh: RunView): AuditDifference[] {
  const inFresh = new Map(fresh.tasks().map((task) => [task.name, task]));
  const inCached = new Map(cached.tasks().map((task) => [task.name, task]));
  const more = fresh.tasks().filter(({ name }) => !inCached.has(name));
  return [
    ...cached.tasks().flatMap((task) => compareTasks(task, inFresh.get(task.name))),
    ...more.flatMap((task) => compareTasks(undefined, task)),
  ];
}

function compareTasks(cached: TaskView | undefined, fresh: TaskView | undefined): AuditDifference[] {
  const one = cached ?? fresh;
  if (!one) return [];
  const { from } = cached?.state ?? {};
  const task = { task: one.name, label: one.label, step: one.step, ...(from !== undefined && { from }) };
  const [before, now] = [endOf(cached), endOf(fresh)];
  if (before !== now) return [{ ...task, ...sides(before, now) }];
  return compareArtifacts(leftBy(cached), leftBy(fresh)).map((sides) => ({ ...task, ...sides }));
}

/** A result that was used is a success like another. */
function endOf(task: TaskView | undefined): string | undefined {
  if (!task) return undefined;
  if (task.state.caught) return 'caught';
  return task.status === 'cached' ? 'succeeded' : task.status;
}

type Left = ReadonlyMap<string, string>;

/** The artifacts that a task itself wrote and deleted. */
function leftBy(task: TaskView | undefined): Left {
  const { writes = {}, deletes = [] } = task?.state ?? {};
  return new Map([
    ...deletes.map((name) => [name, 'deleted'] as const),
    ...Object.entries(writes).map(([name, { digest }]) => [name, digest] as const),
  ]);
}

function compareArtifacts(cached: Left, fresh: Left) {
  const names = [...new Set([...cached.keys(), ...fresh.keys()])];
  return names
    .filter((name) => cached.get(name) !== fresh.get(name))
    .map((artifact) => ({ artifact, ...sides(cached.get(artifact), fresh.get(artifact)) }));
}

function sides(cached: string | undefined, fresh: string | undefined) {
  return { ...(cached !== undefined && { cached }), ...(fresh !== undefined && { fresh }) };
}

/** Why a task is probably not the same: `impure` has the call, `follows` the step before that differs already. */
export type AuditCause =
  | { readonly kind: 'impure'; readonly call: string; readonly file: string; readonly line: number }
  | { readonly kind: 'follows'; readonly step: string }
  /** Both times it was executed: it is not deterministic, whatever is kept. */
  | { readonly kind: 'unsteady' }
  /** Its result depends on something that is neither in its code nor among what it reads. */
  | { readonly kind: 'unseen' };

export interface ExplainedDifference extends AuditDifference {
  readonly cause: AuditCause;
}

/** Adds to each difference where it probably comes from. */
export function explain(
  differences: readonly AuditDifference[],
  graph: Graph,
  fingerprints: readonly CodeFingerprint[],
): ExplainedDifference[] {
  const differing = new Set(differences.map(({ step }) => step));
  const code = new Map(fingerprints.map((one) => [one.step, one]));
  const parents = new Map(graph.steps.map(({ name, parents }) => [name, parents]));
  return differences.map((one) => {
    const [call] = code.get(one.step)?.purity ?? [];
    if (call) return { ...one, cause: { kind: 'impure', ...call } };
    const before = differingBefore(one.step, parents, differing);
    if (before !== undefined) return { ...one, cause: { kind: 'follows', step: before } };
    return { ...one, cause: { kind: one.from === undefined ? 'unsteady' : 'unseen' } };
  });
}

/** The nearest step before it that differs. */
function differingBefore(
  step: string,
  parents: ReadonlyMap<string, readonly string[]>,
  differing: ReadonlySet<string>,
): string | undefined {
  const seen = new Set([step]);
  let level = parents.get(step) ?? [];
  while (level.length > 0) {
    const found = level.find((name) => differing.has(name));
    if (found !== undefined) return found;
    for (const name of level) seen.add(name);
    level = level.flatMap((name) => parents.get(name) ?? []).filter((name) => !seen.has(name));
  }
  return undefined;
}
