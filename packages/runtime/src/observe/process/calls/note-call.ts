import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import { findAsker, findPlace } from '../../asking/asker.ts';
import type { AnyFunction } from '../../shared/disguise.ts';
import { settings } from '../settings.ts';

/** Stacks taken for a call that only packages make in one attempt: the user's own code may still come. */
const PATIENCE = 8;

/** Packages that Node brings along use the same functions as everybody; the rest of Node keeps the originals. */
const NODES_PACKAGES = 'node:internal/deps/';

/** Per attempt and call, the stacks that may still be taken. */
const patience = new WeakMap<AmbientInputs, Map<string, number>>();
let latest: { readonly inputs: AmbientInputs; readonly left: Map<string, number> } | undefined;

/** Notes that a file's content is read. */
export type NoteFile = (inputs: AmbientInputs, path: string | URL | Buffer) => void;

export interface NoteOptions {
  /** Count only calls by the user's own code. */
  readonly isUsersOnly?: boolean;
}

/**
 * Notes that code of a flow called something whose result no key can hold, with its place. `callee`: the function that
 * stands in for it. Calls of varve's own code count for nothing.
 */
export function noteCall(call: string, callee: AnyFunction, options?: NoteOptions): void {
  const inputs = ambientInputs();
  if (inputs !== undefined) noteCallOf(inputs, call, callee, options);
}

/** As `noteCall`, when the inputs are known already. */
export function noteCallOf(
  inputs: AmbientInputs,
  call: string,
  callee: AnyFunction,
  { isUsersOnly = false }: NoteOptions = {},
): void {
  const left = leftOf(inputs);
  const more = left.get(call) ?? PATIENCE;
  if (more <= 0) return;
  const { options } = settings();
  const asker = findAsker(callee, options);
  if (asker.kind === 'varve' || asker.through[0]?.startsWith(NODES_PACKAGES)) return;
  if (isUsersOnly && (asker.kind !== 'user' || asker.through.length > 0)) return;
  left.set(call, asker.kind === 'package' ? more - 1 : 0);
  if (asker.kind === 'package' && inputs.hasCall(call)) return;
  const place = findPlace(callee, options);
  inputs.call({ call, ...(asker.package !== undefined && { package: asker.package }), ...place });
}

/** An observer that notes this call when the user's own code makes it. */
export function notingUsers(call: string): (callee: AnyFunction) => void {
  return (callee) => noteCall(call, callee, { isUsersOnly: true });
}

/**
 * Keeps the result of code that uses something nobody can watch from being used again. A package that does so is named as one
 * that makes a call, or, with `isUsersOnly`, not at all.
 */
export function refuseUse(what: string, callee: AnyFunction, { isUsersOnly = false }: NoteOptions = {}): void {
  const inputs = ambientInputs();
  if (inputs === undefined) return;
  const { kind, through } = findAsker(callee, settings().options);
  if (through.length > 0) return;
  if (kind === 'user') inputs.refuse(`it uses ${what}, and what that tells cannot be observed`);
  else if (!isUsersOnly) noteCallOf(inputs, what, callee);
}

function leftOf(inputs: AmbientInputs): Map<string, number> {
  if (latest?.inputs === inputs) return latest.left;
  let left = patience.get(inputs);
  if (!left) {
    left = new Map();
    patience.set(inputs, left);
  }
  latest = { inputs, left };
  return left;
}
