import { VarveError } from '@varve/core/contract';

/** The error of every call after `close`. */
export function closed(): VarveError {
  return new VarveError('VARVE_CLOSED', 'this varve was closed', { hint: 'Make another one: createVarve({ … })' });
}

/** The error for parts that wait for each other. */
export function circle(path: readonly string[]): VarveError {
  return new VarveError('VARVE_PART_CIRCLE', `parts of this stack wait for each other: ${path.join(' -> ')}`, {
    hint: 'A plugin may ask its context for parts that do not need its own: take one of these calls of get() away.',
  });
}

/** The error for a `configure` that does not register parts as it must. */
export function notConfigured(what: string): VarveError {
  return new VarveError('VARVE_CONFIG', `configure ${what}`, {
    hint: 'Write: configure: (c) => c.register(tokens.datastore, { useFactory: async () => myStore })',
  });
}
