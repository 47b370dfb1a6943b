import type { View } from '@varve/core';
import { type Reference, VarveError } from '@varve/core/contract';
import { type ArtifactScope, createView, extendScope, flattenScope } from '@varve/core/internal';

const EMPTY = extendScope(undefined, {});

/** The artifacts of a scope as plain fields, each loaded on first read. */
export function artifactsOf<F>(scope: ArtifactScope | undefined, values: ValueReader): View<F> {
  const { references, conflicts } = flattenScope(scope ?? EMPTY);
  const load = (name: string) => {
    const branches = Object.hasOwn(conflicts, name) ? conflicts[name] : undefined;
    if (branches) throw branchesDiffer(name, branches);
    const reference = Object.hasOwn(references, name) ? references[name] : undefined;
    return reference && values.readNow(reference);
  };
  return createView([...Object.keys(references), ...Object.keys(conflicts)], load, () => {}) as View<F>;
}

export function referencesOf(scope: ArtifactScope | undefined): Readonly<Record<string, Reference>> {
  return flattenScope(scope ?? EMPTY).references;
}

export function conflictsOf(scope: ArtifactScope | undefined): Readonly<Record<string, readonly string[]>> {
  return flattenScope(scope ?? EMPTY).conflicts;
}

function branchesDiffer(name: string, branches: readonly string[]): VarveError {
  return new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
    hint: `Read it from one of them: run.task('${branches[0]}').artifacts.${name}`,
  });
}

/** Reads stored values by reference. */
export interface ValueReader {
  /** Synchronously, for reads of plain fields. */
  readNow(reference: Reference): unknown;
  read(reference: Reference): Promise<unknown>;
  /** The stored bytes themselves, verified. */
  bytes(reference: Reference): Promise<Uint8Array>;
  /** The same as a stream, which fails at its end when the bytes are damaged. */
  stream(reference: Reference): AsyncIterable<Uint8Array>;
}
