import type { TaskOutcome, TaskSpec } from '../../src/contract/index.ts';
import type { FlowClass } from '../../src/flow/authoring/flow.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { executeTask } from '../../src/task/attempt/execute-task.ts';
import { AttemptAbort } from '../../src/task/attempt/step-scope.ts';
import type { Values } from '../../src/task/values/values.ts';
import { type setUpValues, specWith } from './fake-blobs.ts';

type SetUp = ReturnType<typeof setUpValues>;

/** Executes one attempt of a step in this thread. */
export function attempt(
  Class: FlowClass,
  values: Values,
  step: string,
  spec: Partial<TaskSpec> = {},
): Promise<TaskOutcome> {
  const host = {
    flow: { Class, description: describeFlow(Class) },
    values,
    onLog() {},
    onLateFailure() {},
  };
  return executeTask({ ...specWith({}), step, task: step, label: `${step}!`, ...spec }, host, new AttemptAbort());
}

/** Runs one step and returns its reads and what it wrote to `out`. Throws the error of a failed attempt. */
export async function runStep(
  Class: FlowClass,
  { values, blobs }: SetUp,
  step: string,
  spec: Partial<TaskSpec> = {},
): Promise<{ readonly reads: readonly string[]; readonly out: unknown }> {
  const outcome = await attempt(Class, values, step, spec);
  if (!outcome.ok) throw Object.assign(new Error(outcome.error.message), { code: outcome.error.code, outcome });
  const { out } = outcome.writes;
  if (out?.bytes) blobs.stored.set(out.reference.digest, out.bytes);
  return { reads: outcome.reads, out: out && values.read(out.reference).value };
}
