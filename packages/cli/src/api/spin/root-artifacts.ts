import type { History, RunView } from '@varve/client';
import { type References, type RunRecord, type StoredError, VarveError } from '@varve/core/contract';
import { type ArtifactScope, extendScope, type GivenParameter, initSpec, type RunIdentity } from '@varve/core/internal';
import { type Preparation, parametersOf } from '@varve/runtime';

import type { SpinSession } from './spin-session.ts';

/** The artifacts that tasks start from. */
export interface Root {
  readonly env: ArtifactScope;
  /** The parameters, as they are shown to people. */
  readonly parameters: RunRecord['parameters'];
}

/**
 * The artifacts that the initialisers had left. They run again when a parameter is set, and then all their artifacts count;
 * also when the code has changed, and then only new artifacts count. Throws `VARVE_PARAMETERS`, `VARVE_NO_INPUTS`.
 */
export async function rootOf(
  { description, engine, code }: Preparation,
  run: RunView,
  history: Pick<History, 'value'>,
  set: Readonly<Record<string, GivenParameter>>,
  session: SpinSession,
  identity: RunIdentity,
): Promise<Root> {
  const path = `${run.flow}/${run.number}`;
  const kept = run.state.tasks.get('init')?.writes;
  if (!kept) {
    throw new VarveError('VARVE_NO_INPUTS', `${path} had stopped before its initialisers had run`, {
      hint: 'Choose another run: varve spin step --from Flow/12',
    });
  }
  const isSet = Object.keys(set).length > 0;
  if (!isSet && run.record.bundle === code.digest)
    return { env: extendScope(undefined, kept), parameters: run.record.parameters };
  const given = await parametersOf({ path, tasks: new Map([['init', { writes: kept }]]) }, history, description, set);
  const { shown, findings } = await engine.flow.parse({ code, given });
  if (findings.length > 0) {
    throw new VarveError('VARVE_PARAMETERS', `${description.name} cannot start with these parameters`, {
      findings,
      hint: 'Give a value: varve spin --set name=value',
    });
  }
  const fresh = await initialise(session, identity, given);
  return {
    env: extendScope(undefined, isSet ? fresh : { ...fresh, ...kept }),
    parameters: isSet ? shown : { ...shown, ...run.record.parameters },
  };
}

async function initialise(
  session: SpinSession,
  identity: RunIdentity,
  given: Readonly<Record<string, GivenParameter>>,
): Promise<References> {
  const outcome = await session.run(initSpec(identity, given), { signal: new AbortController().signal });
  if (!outcome.ok) throw failed(outcome.error);
  return Object.fromEntries(Object.entries(outcome.writes).map(([name, { reference }]) => [name, reference]));
}

function failed({ name, message, location }: StoredError): VarveError {
  return new VarveError('VARVE_NO_INPUTS', `the initialisers of the flow have failed: ${name}: ${message}`, {
    ...(location && { location }),
  });
}
