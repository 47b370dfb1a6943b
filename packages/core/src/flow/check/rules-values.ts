import { VarveError } from '../../contract/index.ts';
import type { StepDescription } from '../describe/description.ts';
import { OPTION_READERS } from '../describe/step-values.ts';
import { at, type Rule } from './rule.ts';

/** Options whose value makes no sense. */
export const badOption: Rule = ({ flow }) =>
  flow.steps.flatMap((s) =>
    Object.entries(s.options).flatMap(([option, value]) => {
      const read = Object.hasOwn(OPTION_READERS, option) ? OPTION_READERS[option] : undefined;
      if (value === undefined || !read) return [];
      try {
        read(value);
        return [];
      } catch (error) {
        if (!VarveError.is(error)) throw error;
        return [
          at(s, 'VARVE_STEP_OPTION', `the option '${option}' of '${s.name}': ${error.message}`, error.hint ?? ''),
        ];
      }
    }),
  );

/** What a method may be declared to take, by what it is handed. */
function handed(s: StepDescription): { readonly most: number; readonly what: string } {
  if (s.foreach !== undefined) return { most: 2, what: `an element of '${s.foreach}' and its index` };
  if (s.join !== undefined) return { most: 1, what: `the tasks of '${s.join}'` };
  if (Array.isArray(s.options.after)) return { most: 1, what: 'the branches, as one object' };
  return { most: 0, what: 'nothing' };
}

export const argumentCount: Rule = ({ flow }) =>
  flow.steps.flatMap((s) => {
    const { most, what } = handed(s);
    if (s.arity <= most) return [];
    const hint =
      most === 0
        ? 'Read artifacts as fields (this.rows); a foreach or a join is handed arguments.'
        : 'Remove the other parameters.';
    return [
      at(
        s,
        'VARVE_STEP_ARGUMENTS',
        `'${s.name}' declares ${s.arity} ${s.arity === 1 ? 'parameter' : 'parameters'}, but it is handed ${what}`,
        hint,
      ),
    ];
  });

/** Both would say what happens to a result that is not to be repeated. */
export const effectAndCache: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => s.effect !== undefined && s.cache !== undefined && s.cache !== false)
    .map((s) =>
      at(s, 'VARVE_EFFECT_CACHED', `'${s.name}' has both effect and cache`, 'An effect is never cached: remove cache.'),
    );
