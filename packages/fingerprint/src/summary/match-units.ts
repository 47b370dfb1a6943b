import { partsOfUnit } from './parts.ts';
import type { FileSummary, Member, Unit } from './summary.ts';

/** Positions of units, and of pieces, in a file after an edit by those before. */
export interface Match {
  readonly units: ReadonlyMap<number, number>;
  readonly parts: ReadonlyMap<number, number>;
}

/**
 * Finds every unit of a file again after an edit, in the same order, with the same names and members, among others that
 * were added. Nothing when one is gone.
 */
export function matchUnits(before: FileSummary, after: FileSummary): Match | undefined {
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
