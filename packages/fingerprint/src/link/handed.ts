import type { FileSummary, Unit } from '../summary/summary.ts';
import { assignedIn, type LinkedModule } from './modules.ts';
import type { LinkNode } from './node.ts';
import type { Program } from './program.ts';

/**
 * The function that makes the value of a piece, if it does nothing with the functions and names it is given but keep
 * them for a function that it returns. Then they run when that one does, and not while files are loaded. Nothing when
 * it cannot be followed to one function of a local file that says so.
 */
export function keeperOf(program: Program, module: LinkedModule, { handsTo }: Unit): LinkNode | undefined {
  if (!handsTo) return undefined;
  const [target, ...others] = program.resolve(module, handsTo.name, handsTo.member);
  if (!target || others.length > 0) return undefined;
  // `f.bind(…)` is another function than `f`.
  if (handsTo.member !== undefined && !target.memberUsed) return undefined;
  return handsTo.positions.every((position) => target.node.keeps.includes(position)) ? target.node : undefined;
}

/** The parameters that a function keeps, unless its name may come to stand for another one. */
export function keptBy({ assigned }: Pick<LinkedModule, 'assigned'>, { keeps = [], binds }: Unit): readonly number[] {
  return keeps.length > 0 && binds.some((name) => assigned().has(name)) ? [] : keeps;
}

/** The same of all units of a file. */
export function keptIn({ units }: FileSummary): readonly (readonly number[])[] {
  const assigned = units.some(({ keeps }) => keeps) ? assignedIn(units) : new Set<string>();
  return units.map((unit) => keptBy({ assigned: () => assigned }, unit));
}
