import type { FlowClass } from '@varve/core';
import {
  parseRead,
  type References,
  type Serializer,
  type StoredError,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
} from '@varve/core/contract';
import {
  type ArtifactScope,
  createView,
  extendScope,
  flattenScope,
  type LogLine,
  parseLog,
  specOf,
} from '@varve/core/internal';
import { type Harness, openHarness } from './harness.ts';
import { identify } from './identity.ts';
import { placeStep } from './place-step.ts';
import { checkStepArguments } from './step-arguments.ts';
import { rootArtifacts, withSecrets } from './test-inputs.ts';
import { stepNamed, type TestedFlow, testedFlow } from './tested-flow.ts';
import type { UncheckedArguments } from './types.ts';

const logs = new WeakMap<object, readonly LogLine[]>();

/** Runs one step in this thread, once. */
export async function runStep(
  serializer: () => Promise<Serializer>,
  Class: FlowClass,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
  args: UncheckedArguments = {},
): Promise<object> {
  const tested = testedFlow(Class);
  const step = stepNamed(tested, name);
  checkStepArguments(step, args);
  const used = await serializer();
  return withSecrets(args.secrets, async () => {
    const harness = await openHarness(used, tested);
    try {
      const root = await rootArtifacts(harness, tested, step, given);
      return await execute(harness, tested, await placeStep(harness, tested.graph, step, root, args));
    } finally {
      await harness.close();
    }
  });
}

async function execute(harness: Harness, tested: TestedFlow, placed: Awaited<ReturnType<typeof placeStep>>) {
  const { step, frame, artifacts } = placed;
  const spec = specOf(identify(tested), step, frame, artifacts, 1);
  const { runner, store } = harness;
  const outcome = await runner.run(spec, {});
  if (!outcome.ok) throw stepError(harness, spec, outcome.error);
  await store.keep([...Object.values(outcome.writes), ...(outcome.log ? [outcome.log] : [])]);
  const view = viewOf(harness, extendScope(artifacts, referencesIn(outcome), outcome.deletes));
  logs.set(view, outcome.log ? parseLog(store.bytes(outcome.log.reference)) : []);
  return view;
}

/** Lines that the step printed whose result this is. Throws `VARVE_TEST_INPUT` for anything else. */
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

function viewOf({ store }: Harness, artifacts: ArtifactScope): object {
  const { references, conflicts } = flattenScope(artifacts);
  const load = (name: string): unknown => {
    const reference = references[name];
    if (reference) return store.reader.readNow(reference);
    const branches = conflicts[name] ?? [];
    throw new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
      hint: `Assign this.${name} in the step that joins them.`,
    });
  };
  return createView([...Object.keys(references), ...Object.keys(conflicts)], load, () => {});
}

/**
 * The value that a test of a step rejects with: the very value that the step threw, if it threw one. When the step had
 * read artifacts that were not there, an error without a cause gets one that says so.
 */
export function stepError(harness: Harness, { step, task, inputs }: TaskSpec, stored: StoredError): unknown {
  const thrown = harness.thrownBy(task);
  const error = thrown ? thrown.error : revive(stored);
  const missing = harness.readNames().flatMap((read) => placeOf(read) ?? []);
  if (missing.length > 0 && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    const given = Object.keys(inputs);
    const there = given.length === 0 ? 'nothing was' : `there were: ${given.join(', ')}`;
    const cause = new VarveError(
      'VARVE_TEST_INPUT',
      `${step} had read ${missing.join(' and ')}: not there (${there})`,
      {
        hint: `Give the step what it needs: runStep(Flow, '${step}', { … })`,
      },
    );
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  }
  return error;
}

/** The place as the step's code has it, of an artifact that was not there; else `undefined`. */
function placeOf(text: string): string | undefined {
  const read = parseRead(text);
  if (!read || !('absent' in read) || !read.absent) return undefined;
  if (read.kind === 'own') return `this.${read.name}`;
  return read.kind === 'task' ? `${read.name} of task [${read.index}]` : `inputs.${read.branch}.${read.name}`;
}

/** An error for an attempt that was ended from outside: no code threw it. */
function revive({ name, message, code, hint, location }: StoredError): Error {
  const more = { ...(hint !== undefined && { hint }), ...(location && { location }) };
  if (name === 'VarveError' && code !== undefined) return new VarveError(code, message, more);
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }), ...more });
}
