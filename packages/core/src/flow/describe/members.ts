import type { FlowClass } from '../authoring/flow.ts';
import { prototypesOf } from './describe-steps.ts';

/** What every flow inherits from `Flow` and may hide by a field of its own. */
const INHERITED = ['random', 'now'];

const known = new WeakMap<object, { readonly fields: readonly string[]; readonly names: ReadonlySet<string> }>();

/**
 * Names for which the class answers: methods, getters, what every object has. They are never artifacts: a step that looks
 * at one would see something else as soon as another step had assigned it, and nothing would tell.
 */
export function memberNames(Class: FlowClass, fields: readonly string[]): ReadonlySet<string> {
  const found = known.get(Class);
  if (found?.fields === fields) return found.names;
  const names = new Set([
    ...Object.getOwnPropertyNames(Object.prototype),
    ...prototypesOf(Class).flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
    ...INHERITED.filter((name) => !fields.includes(name)),
  ]);
  known.set(Class, { fields, names });
  return names;
}
