import type { Reference, TaskSpec, ViewSpec } from '../contract/index.ts';
import { createView } from '../flow/index.ts';
import type { TaskReads } from './task-reads.ts';

/** What the step's method is called with: element and index, the tasks of a foreach, or the branches. */
export function argumentsOf(spec: TaskSpec, reads: TaskReads): unknown[] {
  if (spec.tasks) return [Object.freeze(taskViews(spec.tasks, reads))];
  if (spec.branches) return [branchViews(spec.branches, reads)];
  const element = spec.elements.at(-1);
  if (!element || !spec.isForeach) return [];
  return [reads.element(element.list, element.index), element.index];
}

/** The first read of a name fetches it for all tasks: a join over a thousand elements is one round trip. */
function taskViews(specs: readonly ViewSpec[], reads: TaskReads): object[] {
  const fetched = new Set<string>();
  const fetch = (name: string) => {
    if (fetched.has(name)) return;
    fetched.add(name);
    reads.prefetch(specs.flatMap((view) => referenceIn(view, name) ?? []));
  };
  return specs.map((view, index) => viewOf(view, `[${index}].`, reads, fetch));
}

function branchViews(branches: NonNullable<TaskSpec['branches']>, reads: TaskReads): object {
  const inputs: Record<string, object | undefined> = Object.create(null);
  for (const [step, view] of Object.entries(branches)) {
    inputs[step] = view === null ? undefined : viewOf(view, `${step}.`, reads, () => {});
  }
  return Object.freeze(inputs);
}

function viewOf(view: ViewSpec, prefix: string, reads: TaskReads, beforeRead: (name: string) => void): object {
  const names = [...Object.keys(view.base).filter((name) => !Object.hasOwn(view.own, name)), ...Object.keys(view.own)];
  const present = view.deleted ? names.filter((name) => !view.deleted?.includes(name)) : names;
  const load = (name: string) => {
    beforeRead(name);
    const reference = referenceIn(view, name);
    return reference && reads.viewed(`${prefix}${name}`, reference);
  };
  return createView(present, load, (name, present) => {
    if (name === '*') reads.names.add(`${prefix}*`);
    else if (!present) reads.names.add(`!${prefix}${name}`);
  });
}

function referenceIn(view: ViewSpec, name: string): Reference | undefined {
  if (Object.hasOwn(view.own, name)) return view.own[name];
  return view.deleted?.includes(name) || !Object.hasOwn(view.base, name) ? undefined : view.base[name];
}
