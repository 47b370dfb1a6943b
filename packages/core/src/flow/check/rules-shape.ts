import { type Finding, VarveError } from '../../contract/index.ts';
import { OPTION_READERS } from '../describe/describe-steps.ts';
import type { StepDescription } from '../describe/description.ts';
import type { GraphStep } from '../describe/graph.ts';
import { findingAt, listNames, type Rule } from './rule.ts';

export const afterAndJoin: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => s.join !== undefined && s.after.length > 0)
    .map((s) =>
      findingAt(
        s,
        'VARVE_AFTER_AND_JOIN',
        `'${s.name}' has both after and join`,
        `Keep join: '${s.join}' here, and put a step with after: ['${s.name}', …] behind it to wait for ${listNames(s.after)} as well.`,
      ),
    );

export const foreachAndJoin: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => s.join !== undefined && s.foreach !== undefined)
    .map((s) =>
      findingAt(
        s,
        'VARVE_FOREACH_AND_JOIN',
        `'${s.name}' has both join and foreach`,
        `Split in a step of its own: @step({ after: '${s.name}', foreach: '${s.foreach}' }).`,
      ),
    );

export const foreachParents: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => s.foreach !== undefined && Array.isArray(s.options.after))
    .map((s) =>
      findingAt(
        s,
        'VARVE_FOREACH_PARENTS',
        `'${s.name}' is a foreach with several parents: ${listNames(s.after)}`,
        `Join them first: a step with after: [${s.after.map((a) => `'${a}'`).join(', ')}], and this one after that.`,
      ),
    );

export const cycle: Rule = ({ graph }) => {
  const byName = new Map(graph.steps.map((s) => [s.name, s]));
  const reported = new Set<string>();
  return graph.steps.flatMap((s) => {
    const path = reported.has(s.name) ? undefined : pathBack(s, byName);
    if (!path) return [];
    for (const name of path) reported.add(name);
    const shown = [...path, s.name].join(' → ');
    const message = path.length === 1 ? `'${s.name}' waits for itself` : `these steps wait for each other: ${shown}`;
    return [findingAt(s, 'VARVE_CYCLE', message, 'Remove one of the arrows; none of these steps could ever start.')];
  });
};

/** The shortest way from a step along its children back to it. */
function pathBack(from: GraphStep, byName: ReadonlyMap<string, GraphStep>): string[] | undefined {
  const seen = new Set<string>();
  let paths: string[][] = [[from.name]];
  while (paths.length > 0) {
    const longer: string[][] = [];
    for (const path of paths) {
      for (const child of byName.get(path.at(-1) ?? '')?.children ?? []) {
        if (child === from.name) return path;
        if (!seen.has(child)) longer.push([...path, child]);
        seen.add(child);
      }
    }
    paths = longer;
  }
  return undefined;
}

/** Steps behind a cycle: they are correct themselves, and can never start either. */
export const unreachable: Rule = ({ graph }) => {
  const byName = new Map(graph.steps.map((s) => [s.name, s]));
  const looping = new Set(graph.steps.filter((s) => pathBack(s, byName)).map((s) => s.name));
  const behind = (s: GraphStep, seen = new Set<string>()): boolean =>
    s.parents.some((p) => {
      if (looping.has(p)) return true;
      const parent = byName.get(p);
      return !seen.has(p) && parent !== undefined && behind(parent, seen.add(p));
    });
  return graph.steps
    .filter((s) => !looping.has(s.name) && behind(s))
    .map((s) =>
      findingAt(
        s,
        'VARVE_UNREACHABLE',
        `'${s.name}' can never start: it waits for steps that wait for each other`,
        'Break that circle.',
      ),
    );
};

export const joinOutsideForeach: Rule = ({ graph }) =>
  graph.steps.flatMap((s) => {
    const joined = graph.steps.find((other) => other.name === s.join);
    if (!joined || joined.scope.length > 0 || joined === s) return [];
    return [
      findingAt(
        s,
        'VARVE_JOIN_WITHOUT_FOREACH',
        `'${s.name}' joins '${joined.name}', which is not inside a foreach`,
        `Write after: '${joined.name}' to wait for one step, after: ['a', 'b'] for several branches, or give '${joined.name}' a foreach.`,
      ),
    ];
  });

export const parentScopes: Rule = ({ graph }) =>
  graph.steps.flatMap((s) => {
    const parents = s.join === undefined ? graph.steps.filter((other) => s.parents.includes(other.name)) : [];
    const [first] = parents;
    const odd = parents.find((p) => first && p.scope.join(' ') !== first.scope.join(' '));
    return first && odd ? [scopeFinding(s, first, odd)] : [];
  });

function scopeFinding(s: GraphStep, a: GraphStep, b: GraphStep): Finding {
  const deeper = [a, b].filter((p) => p.scope.length > 0);
  const ways = deeper.map((p) => `a step with join: '${p.name}'`).join(' and ');
  return findingAt(
    s,
    'VARVE_PARENT_DEPTH',
    `'${s.name}' waits for '${a.name}' (${place(a)}) and '${b.name}' (${place(b)}), which do not run equally often`,
    `Close the foreach first: ${ways}; then wait for ${deeper.length > 1 ? 'those steps' : 'that step'} instead.`,
  );
}

function place(step: GraphStep): string {
  return step.scope.length === 0
    ? 'outside of any foreach'
    : `inside foreach ${step.scope.map((name) => `'${name}'`).join(' in ')}`;
}

/** Options with an invalid value. */
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
        const found = error.findings.length > 0 ? error.findings : [error];
        const of = `the option '${option}' of '${s.name}'`;
        return found.map(({ message, hint = '' }) => findingAt(s, 'VARVE_STEP_OPTION', `${of}: ${message}`, hint));
      }
    }),
  );

/** The arguments that varve passes to the method of a step. */
function argumentsOf(s: StepDescription): { readonly most: number; readonly what: string } {
  if (s.foreach !== undefined) return { most: 2, what: `an element of '${s.foreach}' and its index` };
  if (s.join !== undefined) return { most: 1, what: `the tasks of '${s.join}'` };
  if (Array.isArray(s.options.after)) return { most: 1, what: 'the branches, as one object' };
  return { most: 0, what: 'nothing' };
}

export const argumentCount: Rule = ({ flow }) =>
  flow.steps.flatMap((s) => {
    const { most, what } = argumentsOf(s);
    if (s.arity <= most) return [];
    const hint =
      most === 0
        ? 'Read artifacts as fields (this.rows); a foreach or a join is handed arguments.'
        : 'Remove the other parameters.';
    return [
      findingAt(
        s,
        'VARVE_STEP_ARGUMENTS',
        `'${s.name}' declares ${s.arity} ${s.arity === 1 ? 'parameter' : 'parameters'}, but it is handed ${what}`,
        hint,
      ),
    ];
  });

/** An effect is never cached, so options of a cache contradict it. */
export const effectAndCache: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => s.effect !== undefined && s.cache !== undefined && s.cache !== false)
    .map((s) =>
      findingAt(
        s,
        'VARVE_EFFECT_CACHED',
        `'${s.name}' has both effect and cache`,
        'An effect is never cached: remove cache.',
      ),
    );
