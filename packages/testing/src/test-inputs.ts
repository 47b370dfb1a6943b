import { type Finding, type References, VarveError } from '@varve/core/contract';
import {
  type ArtifactScope,
  constructRoot,
  encodeWrites,
  extendScope,
  type FlowDescription,
  type GraphStep,
  givenSecrets,
  memberNames,
  type ParameterInput,
  parseParameters,
  revealedSecrets,
} from '@varve/core/internal';

import type { Harness } from './harness.ts';
import type { TestedFlow } from './tested-flow.ts';

type Values = Readonly<Record<string, unknown>>;

/** Artifacts before the step: those that initialisers set, as in a run, and over them those that the test gives. */
export async function rootArtifacts(
  harness: Harness,
  tested: TestedFlow,
  step: GraphStep,
  given: Values,
): Promise<ArtifactScope> {
  const names = new Set(tested.loaded.description.params.map((param) => param.name));
  checkNames(tested, step, given);
  const isParameter = (name: string) => names.has(name) && given[name] !== undefined;
  const parameters = Object.keys(given).filter(isParameter);
  const artifacts = await initialise(tested, step, Object.fromEntries(parameters.map((name) => [name, given[name]])));
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) artifacts.delete(name);
    else if (!names.has(name)) artifacts.set(name, value);
  }
  return extendScope(undefined, await storeAll(harness, step, Object.fromEntries(artifacts)));
}

/** Stores values as a task would, `undefined` for none. Throws `VARVE_NOT_STORABLE`. */
export async function storeAll(harness: Harness, step: GraphStep, values: Values): Promise<References> {
  const present = new Map(Object.entries(values).filter(([, value]) => value !== undefined));
  const written = await encodeWrites(`the test of ${step.name}`, present, harness.store.values);
  await harness.store.keep(Object.values(written));
  return Object.fromEntries(Object.entries(written).map(([name, { reference }]) => [name, reference]));
}

/** Runs the initialisers. A required parameter may be missing: the step may have no use for it. */
async function initialise({ loaded: { Class } }: TestedFlow, step: GraphStep, parameters: Values) {
  const from = 'runStep()';
  const given = Object.entries(parameters).map(([name, value]): [string, ParameterInput] => [name, { value, from }]);
  const { values, findings } = await parseParameters(Class, Object.fromEntries(given));
  const wrong = findings.filter(({ code }) => code !== 'VARVE_PARAM_MISSING');
  if (wrong.length > 0) throw refused(step, wrong);
  try {
    return constructRoot(Class, values);
  } catch (error) {
    throw findings.length > 0 ? refused(step, findings, error) : error;
  }
}

function refused(step: GraphStep, findings: readonly Finding[], cause?: unknown): VarveError {
  const message = `${step.name} cannot be tested with these parameters`;
  return new VarveError('VARVE_PARAMETERS', message, { findings, ...(cause !== undefined && { cause }) });
}

/** Throws `VARVE_TEST_INPUT` for names under which no step could ever find an artifact. */
export function checkNames({ loaded: { Class, description } }: TestedFlow, step: GraphStep, given: Values): void {
  const members = memberNames(Class, description.fields);
  const findings = Object.keys(given).flatMap((name) => {
    const problem = members.has(name) ? 'is a method or getter of the class' : whyUnstored(description, name);
    if (problem === undefined) return [];
    const hint =
      'Leave it out. A module that a field uses can be mocked, and secrets are given by name: { secrets: { … } }';
    return [{ code: 'VARVE_TEST_INPUT', message: `'${name}' cannot be given: it ${problem}`, hint }];
  });
  if (findings.length > 0)
    throw new VarveError('VARVE_TEST_INPUT', `a test of '${step.name}' gives what no step reads`, { findings });
}

function whyUnstored({ transient, secrets }: FlowDescription, name: string): string | undefined {
  if (transient.includes(name)) return 'is @transient, and each task makes its own';
  return secrets.some(({ field }) => field === name) ? 'is a secret' : undefined;
}

/** Running tests by the secret value that they were given. */
const secretUsers = new Map<string, number>();

/** Offers these values to the steps in `body`. A value stops being a secret when all tests that had it have ended. */
export async function withSecrets<T>(
  secrets: Readonly<Record<string, string>> | undefined,
  body: () => Promise<T>,
): Promise<T> {
  if (!secrets) return body();
  const values = new Set(Object.values(secrets));
  for (const value of values) secretUsers.set(value, (secretUsers.get(value) ?? 0) + 1);
  try {
    return await givenSecrets().run(new Map(Object.entries(secrets)), body);
  } finally {
    for (const value of values) release(value);
  }
}

function release(value: string): void {
  const others = (secretUsers.get(value) ?? 1) - 1;
  if (others > 0) {
    secretUsers.set(value, others);
    return;
  }
  secretUsers.delete(value);
  revealedSecrets().delete(value);
}
