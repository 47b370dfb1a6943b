import { isUnobserved } from '../../flow/index.ts';
import type { AmbientInputs } from './ambient-inputs.ts';
import { currentScope, loadingInputs } from './capture.ts';
import { onlyRunning } from './unhandled-errors.ts';

let attributesStrays = false;

/**
 * From now on, looks of code that belongs to no attempt count for the only one that runs. For threads that do nothing but
 * run tasks: a callback of a queue, a pool or an addon made earlier has lost its way back to the task it works for.
 */
export function attributeStrayLooks(): void {
  attributesStrays = true;
}

/** The inputs that the calling code's looks outside of the run belong to; `undefined` for code that is no part of a flow. */
export function ambientInputs(): AmbientInputs | undefined {
  if (isUnobserved()) return undefined;
  const scope = currentScope();
  if (scope) return scope.ambient;
  return loadingInputs() ?? (attributesStrays ? onlyRunning()?.ambient : undefined);
}
