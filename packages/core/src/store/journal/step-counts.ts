import type { StepOutline, TaskStatus } from '../../contract/index.ts';
import type { RunState, StepState, TaskState } from './run-state.ts';
import { stepOfTask } from './task-name.ts';

/** How far each step is. Tasks the journal does not mention yet count as queued, as far as their number is known. */
export function countSteps(
  graph: readonly StepOutline[],
  scopes: ReadonlyMap<string, readonly string[]>,
  tasks: Iterable<TaskState>,
  expansions: RunState['expansions'],
): Map<string, StepState> {
  const elements = countElements(expansions);
  const counts = new Map<string, Partial<Record<TaskStatus, number>>>(graph.map((step) => [step.name, {}]));
  const seen = new Map<string, number>();
  for (const { step, status } of tasks) {
    const count = counts.get(step);
    if (!count) continue;
    count[status] = (count[status] ?? 0) + 1;
    seen.set(step, (seen.get(step) ?? 0) + 1);
  }
  const steps = new Map<string, StepState>();
  for (const [name, count] of counts) {
    const around = scopes.get(name)?.at(-1);
    const known = around === undefined ? 1 : (elements.get(around) ?? 0);
    const mentioned = seen.get(name) ?? 0;
    const total = Math.max(known, mentioned);
    if (total > mentioned) count.queued = (count.queued ?? 0) + total - mentioned;
    steps.set(name, { name, total, counts: count });
  }
  return steps;
}

/** Elements of each foreach step, over all its expansions. */
function countElements(expansions: RunState['expansions']): Map<string, number> {
  const elements = new Map<string, number>();
  for (const [task, labels] of expansions) {
    const step = stepOfTask(task);
    elements.set(step, (elements.get(step) ?? 0) + labels.length);
  }
  return elements;
}
