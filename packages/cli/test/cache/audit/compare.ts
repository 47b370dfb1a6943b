import type { Compared, ToldTask } from './workshop.ts';

/** A task that is not the same with and without results of earlier runs. */
export interface Difference {
  readonly task: string;
  readonly cached: ToldTask | undefined;
  readonly fresh: ToldTask | undefined;
}

/** Same tasks, same path, same artifacts in the same order: whatever is not. */
export function differencesOf(compared: Compared): readonly Difference[] {
  if (compared.invalid) return [];
  const { cached, fresh } = compared;
  const names = [...new Set([...Object.keys(fresh.tasks), ...Object.keys(cached.tasks)])];
  return names.flatMap((task) => {
    const pair = { task, cached: cached.tasks[task], fresh: fresh.tasks[task] };
    return resultOf(pair.cached) === resultOf(pair.fresh) ? [] : [pair];
  });
}

/** What a task left, as text. */
export function resultOf(task: ToldTask | undefined): string {
  if (!task) return 'no such task';
  const { status, writes, deletes, error } = task;
  return JSON.stringify([status, writes, deletes, error]);
}
