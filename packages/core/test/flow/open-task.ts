import type { Flow, FlowClass } from '../../src/flow/authoring/flow.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { type ArtifactAccess, createTask } from '../../src/flow/instance/instance.ts';

export type Loose = Record<string, unknown>;

/** Opens a task of `Class` over artifacts in memory; `looked` lists its reads. */
export function open<T extends Flow>(Class: FlowClass<T>, inputs: Loose, more: Partial<ArtifactAccess> = {}) {
  const description = describeFlow(Class);
  const task = createTask(Class, description, {
    names: Object.keys(inputs),
    load: (name) => inputs[name],
    conflict: () => undefined,
    isParameter: (name) => description.params.some((p) => p.name === name),
    run: () => undefined,
    random: () => 0.25,
    now: () => 1_700_000_000_000,
    ...more,
  });
  const loose = task.instance as unknown as Loose;
  return { ...task, loose, looked: () => [...task.reads()].sort() };
}
