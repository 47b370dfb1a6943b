import type { RunRecord, StepKeyed, StepOutline } from '../../contract/index.ts';
import { scopesOf } from '../../flow/index.ts';
import { isSuccessful, pathOfTask, type RunState, stepOfTask, taskName } from '../../store/index.ts';
import { matchElements, type OriginTask, sameResult } from '../plan/resume-source.ts';
import { DirtyTasks } from './resume-plan.ts';

/** Finished tasks of a chain of resumed runs, under the element numbers of the newest one. */
export interface Finished {
  readonly tasks: ReadonlyMap<string, OriginTask>;
  /** Beginnings of the digests of elements, by the foreach task that was expanded. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  readonly graph: ReadonlyMap<string, StepOutline>;
  /** The foreach steps around each step. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
}

/** A run that has ended: its record and its folded journal. */
export interface PastRun {
  readonly record: RunRecord;
  readonly state: RunState;
}

const NONE: Finished = { tasks: new Map(), elements: new Map(), graph: new Map(), scopes: new Map() };

/**
 * Collects, for each task, the result of the newest run that finished it; `chain` is newest first. A run that stopped
 * early is completed from the one it resumed. A result of the older run is `outdated` when the newer one has other
 * results of tasks before it.
 */
export function finishedTasks(chain: readonly PastRun[], bundle: string): Finished {
  return [...chain].reverse().reduce((older, run) => addRun(older, run, bundle), NONE);
}

function addRun(older: Finished, run: PastRun, bundle: string): Finished {
  const { graph } = run.record;
  const moved = renumbered(older, run.state.elements);
  const all: Finished = {
    tasks: ownTasks(moved.tasks, run, bundle),
    elements: new Map([...moved.elements, ...run.state.elements]),
    graph: new Map([...older.graph, ...graph.map((step) => [step.name, step] as const)]),
    scopes: new Map([...older.scopes, ...scopesOf(graph)]),
  };
  const dirty = new DirtyTasks();
  for (const [name, task] of run.state.tasks) {
    const before = moved.tasks.get(name);
    const now = all.tasks.get(name);
    const skippedNow = task.status === 'skipped' && before !== undefined;
    if (skippedNow || (now && !(before && sameResult(before, now.writes, now.deletes)))) addTask(dirty, name);
  }
  return { ...all, tasks: new Map([...onlyOlder(moved.tasks, all, dirty), ...all.tasks]) };
}

/** Tasks that only the older run has finished, `outdated` when they do not follow from results of the newer one. */
function onlyOlder(older: Finished['tasks'], { tasks, graph, scopes }: Finished, dirty: DirtyTasks) {
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
      const outdated = parents.some((one) => dirty.has(one, path.slice(0, scopes.get(one)?.length ?? 0)));
      if (outdated) addTask(dirty, name);
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

function addTask(dirty: DirtyTasks, name: string): void {
  dirty.add(stepOfTask(name), pathOfTask(name));
}

/** The same tasks under the element numbers of a newer run, without those whose element is gone. */
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

/** Finished tasks of one run. A task that it took over keeps the `from` of the run that executed it. */
function ownTasks(older: Finished['tasks'], { record, state }: PastRun, bundle: string): Map<string, OriginTask> {
  const { flow, number } = record;
  const keyed: Readonly<Record<string, StepKeyed>> = state.keyed ?? {};
  const tasks = new Map<string, OriginTask>();
  for (const [name, task] of state.tasks) {
    if (!isSuccessful(task.status)) continue;
    const { writes, deletes, reads, ambient, log, caught, ms = 0, from = `${flow}/${number}/${name}` } = task;
    const before = older.get(name);
    const isCloned = task.status === 'cloned';
    const origin = before?.from === from ? before : undefined;
    tasks.set(name, {
      ...{ writes, deletes, reads, ms, from },
      ...{ ...(ambient && { ambient }), ...(log && { log }), ...(caught && { caught }) },
      key: isCloned ? origin?.key : keyed[task.step]?.key,
      sameBundle: isCloned ? (origin?.sameBundle ?? false) : record.bundle === bundle,
    });
  }
  return tasks;
}
