import type { Reference, TaskSpec, ViewSpec } from '../../contract/index.ts';
import { createView, type OnRead, type SeenArguments } from '../../flow/index.ts';
import { namesInView, referenceInView } from '../../store/index.ts';
import type { TaskReads } from './task-reads.ts';

/**
 * Builds the arguments of the step's method: the tasks of a foreach, the branches, or element and index. Element and index
 * are passed only if the method can see them: a value that is not recorded as read must not reach it.
 */
export function argumentsOf(spec: TaskSpec, reads: TaskReads, sees: SeenArguments): unknown[] {
  if (spec.tasks) {
    reads.record.context('length');
    return [Object.freeze(taskViews(spec.tasks, reads))];
  }
  if (spec.branches) {
    reads.record.context('branches');
    return [branchViews(spec.branches, reads)];
  }
  const element = spec.elements.at(-1);
  if (!element || !spec.isForeach || !sees.element) return [];
  reads.record.context('element');
  const value = reads.element(element.list, element.index);
  if (!sees.index) return [value];
  reads.record.context('index');
  return [value, element.index];
}

/** The first read of a name fetches it for all tasks: a join over a thousand elements is one round trip. */
function taskViews(specs: readonly ViewSpec[], reads: TaskReads): object[] {
  const fetched = new Set<string>();
  const fetch = (name: string) => {
    if (fetched.has(name)) return;
    fetched.add(name);
    reads.prefetch(specs.flatMap((view) => referenceInView(view, name) ?? []));
  };
  return specs.map((view, index) => {
    const load = (name: string, reference: Reference) => {
      fetch(name);
      return reads.viewedField(`[${index}].${name}`, reference);
    };
    return viewOf(view, load, (name, present) => reads.record.task(index, name, present));
  });
}

function branchViews(branches: NonNullable<TaskSpec['branches']>, reads: TaskReads): object {
  const inputs: Record<string, object | undefined> = Object.create(null);
  for (const [step, view] of Object.entries(branches)) {
    const load = (name: string, reference: Reference) => reads.viewedField(`${step}.${name}`, reference);
    const onRead: OnRead = (name, present) => reads.record.branch(step, name, present);
    inputs[step] = view === null ? undefined : viewOf(view, load, onRead);
  }
  return Object.freeze(inputs);
}

function viewOf(view: ViewSpec, load: (name: string, reference: Reference) => unknown, onRead: OnRead): object {
  const find = (name: string) => {
    const reference = referenceInView(view, name);
    return reference && load(name, reference);
  };
  return createView(namesInView(view), find, onRead);
}
