import type { TaskSpec } from '../../contract/index.ts';
import type { AmbientInputs } from './ambient-inputs.ts';

/** A task that uses variables of modules, which outlive tasks: see `TaskSpec`. */
export type StateUser = Pick<TaskSpec, 'code' | 'memos' | 'variables'>;

/** Takes note of a task that uses variables which tasks fill or change. */
export type StateObserver = (task: StateUser, inputs: AmbientInputs) => void;

let observe: StateObserver = () => {};

/** From now on, `observer` is told of each task of this thread before it begins. */
export function observeState(observer: StateObserver): void {
  observe = observer;
}

/** Tells the observer of this thread. */
export function beginState(task: StateUser, inputs: AmbientInputs): void {
  observe(task, inputs);
}
