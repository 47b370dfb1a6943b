import type { SourceModule } from '@varve/core/contract';
import { partsOfUnit } from '../summary/parts.ts';
import type { FileSummary, Member, Unit } from '../summary/summary.ts';
import { absentName, EVERY_NAME } from './graph.ts';
import { namesOf } from './modules.ts';

type Imports = SourceModule['imports'];

/** One file before and after an edit. */
export interface FileEdit {
  readonly path: string;
  readonly before: FileSummary;
  readonly after: FileSummary;
  /** Import targets. */
  readonly imports: { readonly before: Imports; readonly after: Imports };
}

/**
 * Matches the pieces of a file before and after an edit, if its interface to other files stays the same: everything
 * they refer to is still there and leads where it led. `undefined` if another file may notice the edit. `absent` holds
 * names that files do not export although others use them.
 */
export function matchInterface(edit: FileEdit, absent: ReadonlySet<string>): Match | undefined {
  const { before, after, imports } = edit;
  if (before.whole || after.whole) return undefined;
  const match = matchUnits(before, after);
  if (!match) return undefined;
  const lists = ({ stars, bare }: FileSummary) => JSON.stringify([stars, bare]);
  const isSame = lists(before) === lists(after) && keepsTargets(imports.before, imports.after, seenOutside(before));
  return isSame && keepsExports(edit, match, absent) ? match : undefined;
}

/**
 * Imports may be added, but not of a specifier that is imported already or that other files see: the compiler erases an
 * unused import, and emits it again as soon as the edit uses it.
 */
function keepsTargets(before: Imports, after: Imports, seen: ReadonlySet<string>): boolean {
  const old = new Set(before.map((each) => JSON.stringify(each)));
  const isOld = (each: Imports[number]) => old.has(JSON.stringify(each));
  const taken = new Set([...seen, ...before.map(({ specifier }) => specifier)]);
  const isKept = JSON.stringify(after.filter(isOld)) === JSON.stringify(before);
  return isKept && after.every((each) => isOld(each) || !taken.has(each.specifier));
}

/** Specifiers that matter beyond the file's own pieces. */
function seenOutside({ bare, stars, exports, imports }: FileSummary): ReadonlySet<string> {
  const reexported = Object.values(exports).flatMap((entry) => {
    if (!('local' in entry)) return entry.from;
    return Object.hasOwn(imports, entry.local) ? (imports[entry.local]?.from ?? []) : [];
  });
  return new Set([...bare, ...stars, ...reexported]);
}

/** True if every export means the same as before, and no other file uses one that is new. */
function keepsExports({ path, before, after }: FileEdit, { units }: Match, absent: ReadonlySet<string>): boolean {
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

/** New positions of the units and pieces of a file, by old position. */
export interface Match {
  readonly units: ReadonlyMap<number, number>;
  readonly parts: ReadonlyMap<number, number>;
}

/**
 * Finds every unit of a file again after an edit, in the same order and with the same names and members; others may be
 * added between them. `undefined` when one is gone.
 */
function matchUnits(before: FileSummary, after: FileSummary): Match | undefined {
  const [units, parts] = [new Map<number, number>(), new Map<number, number>()];
  const old = before.units.map(interfaceOf);
  const [at, part] = [
    { before: 0, after: 0 },
    { before: 0, after: 0 },
  ];
  for (const unit of after.units) {
    const size = partsOfUnit(unit).length;
    if (at.before < old.length && interfaceOf(unit) === old[at.before]) {
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
 * The part of a unit that decides where references to it lead and what they do: everything but its content and its own
 * references. Constructors and initialisers count with their references: which fields they may assign, and whether they
 * run methods, decides what code is reached by others that read a field.
 */
function interfaceOf({ kind, label, binds, shape }: Unit): string {
  if (!shape) return JSON.stringify([kind, label, binds]);
  const { header: _header, members, ...others } = shape;
  return JSON.stringify([kind, label, binds, others, members.map(memberInterface)]);
}

function memberInterface({ refs, facts, options, name, kind, static: isStatic, remade }: Member): unknown {
  const maker = kind === 'method' ? [] : [refs.map(({ line: _, ...ref }) => ref), facts.escape];
  return [name, kind, isStatic, remade, maker, options !== undefined];
}
