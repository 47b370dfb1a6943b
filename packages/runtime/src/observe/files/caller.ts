import type { AmbientInputs } from '@varve/core/internal';
import { type Asker, findForeignAsker, findPlace, type Roots } from '../asking/asker.ts';
import { packageFolderOf } from '../asking/owner.ts';
import type { AnyFunction } from '../shared/disguise.ts';
import { isInside } from '../shared/portable.ts';

/** The function of Node that is being looked at before it is called: above it on the stack is only what observes. */
let observed: AnyFunction | undefined;

/** Runs `look` for a call of an observed function, before the call is made. */
export function lookingAt<T>(call: AnyFunction, look: () => T): T {
  const outer = observed;
  observed = call;
  try {
    return look();
  } finally {
    observed = outer;
  }
}

/** True when the user's own code makes the call. */
export function isByUser(roots: Roots): boolean {
  const { kind, isLoader } = callerNow(roots);
  return kind === 'user' && !isLoader;
}

/** Notes a call that stands for what is read, with its place. */
export function noteReading(inputs: AmbientInputs, call: string, roots: Roots): void {
  if (!inputs.hasCall(call)) inputs.call({ call, ...findPlace(observed ?? noteReading, roots) });
}

/**
 * True when a path lies in the folder of the package whose code is calling, or when Node asks for a module: versions and
 * loaded modules cover both. Takes the stack, so ask only for paths in packages.
 */
export function isOwnOfCaller(path: string, roots: Roots): boolean {
  const { kind, file = '', isLoader } = callerNow(roots);
  if (isLoader) return true;
  const folder = kind === 'package' ? packageFolderOf(file) : undefined;
  return folder !== undefined && isInside([folder], path);
}

/** The code that makes the call. `isLoader`: Node makes it to load a module for that code. */
function callerNow(roots: Roots): Asker & { readonly isLoader: boolean } {
  const asker = findForeignAsker(observed ?? callerNow, roots);
  return { ...asker, isLoader: asker.through.some((module) => module.startsWith('node:internal/modules/')) };
}
