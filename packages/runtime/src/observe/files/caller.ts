import type { AmbientInputs } from '@varve/core/internal';
import { type Asker, findForeignAsker, findPlace, type Roots } from '../asking/asker.ts';
import { packageFolderOf } from '../asking/owner.ts';
import type { AnyFunction } from '../shared/disguise.ts';
import { isInside } from '../shared/portable.ts';

/** The function of Node that is being looked at before it is called: above it on the stack is only what observes. */
let observed: AnyFunction | undefined;

/** Begins to look at a call of an observed function, before the call is made. Give `endLook` what it returns. */
export function beginLook(call: AnyFunction): AnyFunction | undefined {
  const outer = observed;
  observed = call;
  return outer;
}

export function endLook(outer: AnyFunction | undefined): void {
  observed = outer;
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

/** Who reads in a package: Node, to load a module, the package itself, or others. Takes the stack. */
export function readerOf(path: string, roots: Roots): 'loader' | 'owner' | 'other' {
  const { kind, file = '', isLoader } = callerNow(roots);
  if (isLoader) return 'loader';
  const folder = kind === 'package' ? packageFolderOf(file) : undefined;
  return folder !== undefined && isInside([folder], path) ? 'owner' : 'other';
}

/** The code that makes the call. `isLoader`: Node makes it to load a module for that code. */
function callerNow(roots: Roots): Asker & { readonly isLoader: boolean } {
  const asker = findForeignAsker(observed ?? callerNow, roots);
  return { ...asker, isLoader: asker.through.some((module) => module.startsWith('node:internal/modules/')) };
}
