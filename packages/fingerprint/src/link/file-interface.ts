import type { SourceModule } from '@varve/core/contract';
import { type Match, matchUnits } from '../summary/match-units.ts';
import type { FileSummary } from '../summary/summary.ts';
import { absentName, EVERY_NAME } from './graph.ts';
import { keptIn, namesOf } from './modules.ts';

type Imports = SourceModule['imports'];

/** One file before and after an edit. */
export interface Edited {
  readonly path: string;
  readonly before: FileSummary;
  readonly after: FileSummary;
  /** Where its imports led, and lead. */
  readonly imports: { readonly before: Imports; readonly after: Imports };
}

/**
 * How the pieces of a file are found again after an edit that other files do not notice: all that they refer to is
 * still there, and leads where it led. Nothing when they may notice. `absent` are names that were looked for in vain.
 */
export function matchFace(edited: Edited, absent: ReadonlySet<string>): Match | undefined {
  const { before, after, imports } = edited;
  if (before.whole || after.whole) return undefined;
  const match = matchUnits(before, after);
  if (!match || !keepsKept(before, after, match)) return undefined;
  const lists = ({ stars, bare }: FileSummary) => JSON.stringify([stars, bare]);
  const isSame = lists(before) === lists(after) && keepsTargets(imports.before, imports.after, seenOutside(before));
  return isSame && keepsExports(edited, match, absent) ? match : undefined;
}

function keepsKept(before: FileSummary, after: FileSummary, { units }: Match): boolean {
  const [old, now] = [keptIn(before), keptIn(after)];
  return old.every((kept, index) => kept.join() === now[units.get(index) ?? -1]?.join());
}

/**
 * Imports may be added, but none of what is imported already, nor of what others see: an import that the compiler had
 * erased, as nothing of it was used, is there again as soon as something of it is.
 */
function keepsTargets(before: Imports, after: Imports, seen: ReadonlySet<string>): boolean {
  const old = new Set(before.map((each) => JSON.stringify(each)));
  const isOld = (each: Imports[number]) => old.has(JSON.stringify(each));
  const taken = new Set([...seen, ...before.map(({ specifier }) => specifier)]);
  const isKept = JSON.stringify(after.filter(isOld)) === JSON.stringify(before);
  return isKept && after.every((each) => isOld(each) || !taken.has(each.specifier));
}

/** What a file says it imports that is not of its own pieces alone. */
function seenOutside({ bare, stars, exports, imports }: FileSummary): ReadonlySet<string> {
  const passedOn = Object.values(exports).flatMap((entry) => {
    if (!('local' in entry)) return entry.from;
    return Object.hasOwn(imports, entry.local) ? (imports[entry.local]?.from ?? []) : [];
  });
  return new Set([...bare, ...stars, ...passedOn]);
}

/** Every name that was exported means what it meant, and no other file asked for one that is new. */
function keepsExports({ path, before, after }: Edited, { units }: Match, absent: ReadonlySet<string>): boolean {
  const [old, now] = [namesOf(before.units), namesOf(after.units)];
  const means = (local: string) => {
    const [was, is] = [old.get(local)?.map((index) => units.get(index)), now.get(local)];
    return was?.join() === is?.join() && JSON.stringify(before.imports[local]) === JSON.stringify(after.imports[local]);
  };
  const isKept = Object.entries(before.exports).every(([name, entry]) => {
    const isSame = Object.hasOwn(after.exports, name) && JSON.stringify(entry) === JSON.stringify(after.exports[name]);
    return isSame && (!('local' in entry) || means(entry.local));
  });
  const added = Object.keys(after.exports).filter((name) => !Object.hasOwn(before.exports, name));
  const isUnnoticed = (name: string) => !absent.has(absentName(path, name));
  return isKept && (added.length === 0 || [...added, EVERY_NAME].every(isUnnoticed));
}
