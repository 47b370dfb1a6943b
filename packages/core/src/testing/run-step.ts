import { type References, type Serializer, type TaskOutcome, VarveError } from '../contract/index.ts';
import type { FlowClass } from '../flow/authoring/flow.ts';
import { createView } from '../flow/instance/view.ts';
import { specOf } from '../run/plan/task-spec.ts';
import { type Env, extendEnv, flattenEnv } from '../store/journal/artifact-scope.ts';
import { type LogLine, parseLog } from '../task/task-log.ts';

import { type Bench, openBench } from './bench.ts';
import { rootEnv } from './given-env.ts';
import { withSecrets } from './given-secrets.ts';
import { identify } from './identity.ts';
import { placeStep } from './place-step.ts';
import { checkHanded } from './step-arguments.ts';
import { stepError } from './step-error.ts';
import { stepNamed, type TestedFlow, testedFlow } from './tested-flow.ts';
import type { Handed } from './types.ts';

const logs = new WeakMap<object, readonly LogLine[]>();

/** Runs one step in this thread, once. */
export async function runStep(
  serializer: () => Promise<Serializer>,
  Class: FlowClass,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
  handed: Handed = {},
): Promise<object> {
  const tested = testedFlow(Class);
  const step = stepNamed(tested, name);
  checkHanded(step, handed);
  const used = await serializer();
  return withSecrets(handed.secrets, async () => {
    const bench = openBench(used, tested);
    try {
      const root = await rootEnv(bench, tested, step, given);
      return await execute(bench, tested, await placeStep(bench, tested.graph, step, root, handed));
    } finally {
      bench.close();
    }
  });
}

async function execute(bench: Bench, tested: TestedFlow, placed: Awaited<ReturnType<typeof placeStep>>) {
  const { step, frame, env } = placed;
  const spec = specOf(identify(tested), step, frame, env, 1);
  const outcome = await bench.runner.run(spec, {});
  if (!outcome.ok) throw stepError(bench, step.name, outcome.error, Object.keys(spec.inputs));
  bench.blobs.keepWritten(Object.values(outcome.writes));
  const view = viewOf(bench, extendEnv(env, referencesIn(outcome), outcome.deletes));
  if (outcome.log) bench.blobs.keepWritten([outcome.log]);
  logs.set(view, outcome.log ? parseLog(bench.memory.bytesNow(outcome.log.reference)) : []);
  return view;
}

/** What a step printed. */
export function logOf(after: object): readonly LogLine[] {
  const log = logs.get(after);
  if (log) return log;
  throw new VarveError('VARVE_TEST_INPUT', 'logOf() was given something that is not a result of runStep()', {
    hint: 'Give it what runStep() resolved with; a run of testFlow() has run.task(…).log().',
  });
}

function referencesIn({ writes }: TaskOutcome & { readonly ok: true }): References {
  return Object.fromEntries(Object.entries(writes).map(([name, { reference }]) => [name, reference]));
}

function viewOf({ memory }: Bench, env: Env): object {
  const { references, conflicts } = flattenEnv(env);
  const load = (name: string): unknown => {
    const reference = references[name];
    if (reference) return memory.readNow(reference);
    const branches = conflicts[name] ?? [];
    throw new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
      hint: `Assign this.${name} in the step that joins them.`,
    });
  };
  return createView([...Object.keys(references), ...Object.keys(conflicts)], load, () => {});
}
