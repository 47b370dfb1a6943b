import { type AmbientInputs, joinOutsideInputs, type OutsideInputs } from '@varve/core/internal';
import type { ObserveOptions } from '../options.ts';
import { compileNames, type NameRules } from './inputs/variable-names.ts';

/** Rules of steps that have settings of their own. */
const rulesOfSteps = new WeakMap<OutsideInputs, NameRules>();

/** The rules of variables for the code with these inputs. */
export function namesFor({ counts }: AmbientInputs): NameRules {
  if (counts?.env === undefined) return settings().names;
  let rules = rulesOfSteps.get(counts);
  if (rules === undefined) {
    rules = compileNames(joinOutsideInputs(settings().options, counts).env);
    rulesOfSteps.set(counts, rules);
  }
  return rules;
}

/** What the observers of this thread were told. */
export interface Settings {
  readonly options: ObserveOptions;
  readonly names: NameRules;
}

let current: Settings | undefined;

/** Sets, or replaces, what the observers of this thread go by. */
export function configure(options: ObserveOptions): void {
  current = { options, names: compileNames(options.env) };
}

/** The settings of this thread, which are there before anything is observed. */
export function settings(): Settings {
  return current as Settings;
}
