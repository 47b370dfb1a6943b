import { RunView } from '@varve/client';
import type { FlowClass } from '@varve/core';
import { type Serializer, VarveError } from '@varve/core/contract';
import { type ParameterInput, parseParameters, type RunPorts, type RunState, Scheduler } from '@varve/core/internal';
import { type Harness, openHarness } from './harness.ts';
import { identify, recordOf } from './identity.ts';
import { SkippingClock } from './skipping-clock.ts';
import { withSecrets } from './test-inputs.ts';
import { type TestedFlow, testedFlow } from './tested-flow.ts';
import type { SecretOptions } from './types.ts';

/** Options of `testFlow` without the types of the flow. */
export interface TestRequest extends SecretOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly stub?: Readonly<Record<string, unknown>>;
}

/** Runs a whole flow in this thread. */
export async function testFlow(
  serializer: () => Promise<Serializer>,
  Class: FlowClass,
  { params = {}, stub, secrets }: TestRequest = {},
): Promise<RunView> {
  const tested = testedFlow(Class, stub);
  const used = await serializer();
  return withSecrets(secrets, () => execute(used, tested, params));
}

async function execute(
  serializer: Serializer,
  tested: TestedFlow,
  params: Readonly<Record<string, unknown>>,
): Promise<RunView> {
  const shown = await checkParameters(tested, params);
  const harness = await openHarness(serializer, tested);
  try {
    const { session, history } = harness.store;
    const identity = identify(tested);
    const { flow, number } = await session.begin({ record: recordOf(tested, identity, shown) });
    const ports: RunPorts = {
      ...{ journal: session, values: session, clock: new SkippingClock(), onProgress() {} },
      runners: { runner: () => harness.runner },
    };
    const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { value }]));
    await new Scheduler(tested.graph, identity, ports, {}).run(given);
    return withFailure(await history.find({ flow, run: { number } }), harness);
  } finally {
    await harness.close();
  }
}

async function checkParameters(
  { loaded: { Class } }: TestedFlow,
  params: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, string>>> {
  const given = Object.entries(params).map(([name, value]): [string, ParameterInput] => [
    name,
    { value, from: 'testFlow()' },
  ]);
  const { shown, findings } = await parseParameters(Class, Object.fromEntries(given));
  if (findings.length === 0) return shown;
  throw new VarveError('VARVE_PARAMETERS', `${Class.name} cannot start with these parameters`, { findings });
}

/** Names that test runners read of any object when they print or compare it. */
const PROBES = /^(?:then|toJSON|asymmetricMatch|nodeType|tagName|length|\$\$typeof|@@.*|_.*)$/;

/** Makes a failed run tell why it failed when a test reads an artifact that it has not left. */
export function withFailure<F>(run: RunView<F>, harness: Pick<Harness, 'thrownBy'>): RunView<F> {
  const failure = run.state.firstFailure;
  if (failure) {
    const cause = harness.thrownBy(failure.task)?.error;
    Object.defineProperty(run, 'artifacts', {
      get: () => explaining(Reflect.get(RunView.prototype, 'artifacts', run) as object, run.flow, failure, cause),
      configurable: true,
    });
  }
  return run;
}

function explaining(
  artifacts: object,
  flow: string,
  { label, error }: NonNullable<RunState['firstFailure']>,
  cause: unknown,
): object {
  return new Proxy(artifacts, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name in target || PROBES.test(name)) return Reflect.get(target, name, receiver);
      throw new VarveError(
        'VARVE_TEST_RUN_FAILED',
        `${flow} left no '${name}': ${label} failed with ${error.name}: ${error.message}`,
        { cause, ...(error.hint !== undefined && { hint: error.hint }) },
      );
    },
  });
}
