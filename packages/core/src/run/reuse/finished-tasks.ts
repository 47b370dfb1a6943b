import type { RunRecord, StepKeyed, StepOutline } from '../../contract/index.ts';
import type { RunState } from '../../store/index.ts';
import { isSuccessful, pathOfTask, scopesOf, stepOfTask } from '../../store/index.ts';

import { taskName } from '../plan/frame.ts';
import { matchElements, type OriginTask, sameResult } from '../plan/resume-source.ts';
import { DirtyTasks } from './resume-plan.ts';

/** What runs that were resumed one after the other have finished, as the newest of them numbers its elements. */
export interface Finished {
  readonly tasks: ReadonlyMap<string, OriginTask>;
  /** Beginnings of the digests of elements, by the foreach task that was expanded. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  readonly graph: ReadonlyMap<string, StepOutline>;
  /** The foreach steps around each step. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
}

/** A run that ended, as its record and its folded journal tell. */
export interface PastRun {
  readonly record: RunRecord;
  readonly state: RunState;
}

const NONE: Finished = { tasks: new Map(), elements: new Map(), graph: new Map(), scopes: new Map() };

/**
 * Of each task what the newest run that finished it says; `chain` is newest first. A run that stopped early is filled up
 * from the one it resumed, but results that the newer one had made anew are not mixed with what the older one had made
 * of theirs: that is `outdated`.
 */
export function finishedTasks(chain: readonly PastRun[], bundle: string): Finished {
  return [...chain].reverse().reduce((older, view) => continued(older, view, bundle), NONE);
}

function continued(older: Finished, view: PastRun, bundle: string): Finished {
  const { graph } = view.record;
  const moved = renumbered(older, view.state.elements);
  const all: Finished = {
    tasks: ownTasks(moved.tasks, view, bundle),
    elements: new Map([...moved.elements, ...view.state.elements]),
    graph: new Map([...older.graph, ...graph.map((step) => [step.name, step] as const)]),
    scopes: new Map([...older.scopes, ...scopesOf(graph)]),
  };
  const changed = new DirtyTasks();
  for (const [name, task] of view.state.tasks) {
    const before = moved.tasks.get(name);
    const mine = all.tasks.get(name);
    const passedBy = task.status === 'skipped' && before !== undefined;
    if (passedBy || (mine && !(before && sameResult(before, mine.writes, mine.deletes)))) add(changed, name);
  }
  return { ...all, tasks: new Map([...kept(moved.tasks, all, changed), ...all.tasks]) };
}

/** What only the older run has finished, and whether it still follows from what the newer one has. */
function kept(older: Finished['tasks'], { tasks, graph, scopes }: Finished, changed: DirtyTasks) {
  const left = new Map<string, [string, OriginTask][]>();
  for (const entry of [...older].filter(([name]) => !tasks.has(name))) {
    const step = stepOfTask(entry[0]);
    left.set(step, [...(left.get(step) ?? []), entry]);
  }
  const found = new Map<string, OriginTask>();
  const visited = new Set<string>();
  const visit = (step: string): void => {
    if (visited.has(step)) return;
    visited.add(step);
    const parents = parentsOf(graph.get(step));
    parents.forEach(visit);
    for (const [name, task] of left.get(step) ?? []) {
      const path = pathOfTask(name);
      const outdated = parents.some((one) => changed.has(one, path.slice(0, scopes.get(one)?.length ?? 0)));
      if (outdated) add(changed, name);
      found.set(name, outdated ? { ...task, outdated } : task);
    }
  };
  for (const step of left.keys()) visit(step);
  return found;
}

function parentsOf(step: StepOutline | undefined): readonly string[] {
  if (!step) return [];
  if (step.join !== undefined) return [step.join];
  return step.after.length === 0 ? ['init'] : step.after;
}

function add(changed: DirtyTasks, name: string): void {
  changed.add(stepOfTask(name), pathOfTask(name));
}

/** The same tasks where the lists of a newer run have their elements. Those whose element is gone are left out. */
function renumbered(
  { tasks, elements, scopes }: Finished,
  now: Finished['elements'],
): Pick<Finished, 'tasks' | 'elements'> {
  const matches = new Map<string, readonly (number | undefined)[]>();
  const placeOf = (foreach: string, outer: readonly number[], moved: readonly number[], index: number) => {
    const name = taskName(foreach, outer);
    const [before, after] = [elements.get(name), now.get(taskName(foreach, moved))];
    if (!before || !after) return index;
    const places = matches.get(name) ?? matchElements(before, after);
    matches.set(name, places);
    return places[index];
  };
  const move = (name: string): string[] => {
    const [step, path, moved] = [stepOfTask(name), pathOfTask(name), [] as number[]];
    for (const [depth, index] of path.entries()) {
      const place = placeOf(scopes.get(step)?.[depth] ?? '', path.slice(0, depth), moved, index);
      if (place === undefined) return [];
      moved.push(place);
    }
    return [taskName(step, moved)];
  };
  const all = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].flatMap(([name, value]) => move(name).map((to) => [to, value] as const)));
  return { tasks: all(tasks), elements: all(elements) };
}

/** What one run has finished. A task that it had taken over is still that of the run which executed it. */
function ownTasks(older: Finished['tasks'], view: PastRun, bundle: string): Map<string, OriginTask> {
  const { record, state } = view;
  const { flow, number } = record;
  const keyed: Readonly<Record<string, StepKeyed>> = state.keyed ?? {};
  const tasks = new Map<string, OriginTask>();
  for (const [name, task] of state.tasks) {
    if (!isSuccessful(task.status)) continue;
    const { writes, deletes, reads, log, caught, ms = 0, from = `${flow}/${number}/${name}` } = task;
    const before = older.get(name);
    const taken = task.status === 'cloned';
    const origin = before?.from === from ? before : undefined;
    tasks.set(name, {
      ...{ writes, deletes, reads, ms, from, ...(log && { log }), ...(caught && { caught }) },
      key: taken ? origin?.key : keyed[task.step]?.key,
      sameBundle: taken ? (origin?.sameBundle ?? false) : record.bundle === bundle,
    });
  }
  return tasks;
}
