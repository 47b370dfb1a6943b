import type { SourceModule } from '@varve/core/contract';
import { partsOfUnit } from '../summary/parts.ts';
import type { FileSummary, Member, Unit } from '../summary/summary.ts';
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

/** Positions of units, and of pieces, in a file after an edit by those before. */
export interface Match {
  readonly units: ReadonlyMap<number, number>;
  readonly parts: ReadonlyMap<number, number>;
}

/**
 * Finds every unit of a file again after an edit, in the same order, with the same names and members, among others that
 * were added. Nothing when one is gone.
 */
function matchUnits(before: FileSummary, after: FileSummary): Match | undefined {
  const [units, parts] = [new Map<number, number>(), new Map<number, number>()];
  const old = before.units.map(faceOf);
  const [at, part] = [
    { before: 0, after: 0 },
    { before: 0, after: 0 },
  ];
  for (const unit of after.units) {
    const size = partsOfUnit(unit).length;
    if (at.before < old.length && faceOf(unit) === old[at.before]) {
      units.set(at.before, at.after);
      for (let i = 0; i < size; i++) parts.set(part.before + i, part.after + i);
      at.before++;
      part.before += size;
    }
    at.after++;
    part.after += size;
  }
  return at.before === old.length ? { units, parts } : undefined;
}

/**
 * What of a unit decides where references to it lead, and what they do there: everything but what it holds and refers
 * to. Of what makes an object of a class, that too: whether it runs methods, and which fields it may assign, decides
 * which code is reached by others that read a field.
 */
function faceOf({ own: _own, line: _line, refs: _refs, facts: _facts, shape, ...unit }: Unit): string {
  if (!shape) return JSON.stringify(unit);
  const { header: _header, members, ...others } = shape;
  return JSON.stringify({ ...unit, ...others, members: members.map(memberFace) });
}

function memberFace({ own: _own, line: _line, refs, facts, options, ...member }: Member): unknown {
  const maker = member.kind === 'method' ? [] : [refs.map(({ line: _, ...ref }) => ref), facts.escape];
  return { ...member, maker, hasOptions: options !== undefined };
}
