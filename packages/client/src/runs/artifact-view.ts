import type { View } from '@varve/core';
import { type Reference, VarveError } from '@varve/core/contract';
import { type ArtifactScope, createView, extendScope, flattenScope } from '@varve/core/internal';

const NOTHING = extendScope(undefined, {});

/** What an environment holds as plain fields, each loaded when it is first read. */
export function artifactsOf<F>(env: ArtifactScope | undefined, values: ValueReader): View<F> {
  const { references, conflicts } = flattenScope(env ?? NOTHING);
  const load = (name: string) => {
    const branches = Object.hasOwn(conflicts, name) ? conflicts[name] : undefined;
    if (branches) throw branchesDiffer(name, branches);
    const reference = Object.hasOwn(references, name) ? references[name] : undefined;
    return reference && values.readNow(reference);
  };
  return createView([...Object.keys(references), ...Object.keys(conflicts)], load, () => {}) as View<F>;
}

export function referencesOf(env: ArtifactScope | undefined): Readonly<Record<string, Reference>> {
  return flattenScope(env ?? NOTHING).references;
}

export function conflictsOf(env: ArtifactScope | undefined): Readonly<Record<string, readonly string[]>> {
  return flattenScope(env ?? NOTHING).conflicts;
}

function branchesDiffer(name: string, branches: readonly string[]): VarveError {
  return new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
    hint: `Read it from one of them: run.task('${branches[0]}').artifacts.${name}`,
  });
}

/** Stored values by reference. */
export interface ValueReader {
  /** At once, as a plain field needs it. */
  readNow(reference: Reference): unknown;
  /** For code that can wait. */
  read(reference: Reference): Promise<unknown>;
  /** The stored bytes themselves, verified. */
  bytes(reference: Reference): Promise<Uint8Array>;
  /** The same as a stream, which fails at its end when the bytes are not what they should be. */
  stream(reference: Reference): AsyncIterable<Uint8Array>;
}
