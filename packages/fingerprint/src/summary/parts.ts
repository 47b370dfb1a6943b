import { type Doing, LINE_AT } from './doing/doing.ts';
import { handedIn } from './doing/handed.ts';
import type { FileSummary, Part, Unit } from './summary.ts';

/** The parts of a unit, itself first. */
export function partsOfUnit(unit: Unit): readonly Part[] {
  const { shape } = unit;
  if (!shape) return [unit];
  return [unit, shape.header, ...shape.members.flatMap((each) => (each.options ? [each, each.options] : [each]))];
}

/** All parts of a file, in a fixed order. */
export function partsOf({ units }: FileSummary): readonly Part[] {
  return units.flatMap(partsOfUnit);
}

/**
 * The part of a summary that decides how files are linked: everything but hashes, line numbers and what functions do when
 * they are called, but for the objects that those hand on. Imported and exported names may also be called `own`, `line` and `call`, but their values are other
 * objects.
 */
export function outlineOf(summary: FileSummary): string {
  return JSON.stringify(summary, (key, value: unknown) => {
    const isContent = (key === 'own' && typeof value === 'string') || (key === 'line' && typeof value === 'number');
    if (isContent) return undefined;
    return key === 'call' && isDoing(value) ? [value.changesThis === true, handedIn(value)] : value;
  });
}

function isDoing(value: unknown): value is Doing {
  return typeof value === 'object' && value !== null && 'deeds' in value;
}

/** True if a piece does the same when it is called. */
export function callsAlike(one: Part | undefined, other: Part | undefined): boolean {
  return JSON.stringify(one?.call) === JSON.stringify(other?.call);
}

/** Every line of a file that a finding may name, in a fixed order. Findings on the file as a whole name line 1. */
export function linesOf(summary: FileSummary): readonly number[] {
  const lines = partsOf(summary).flatMap(({ line, load, facts: { hazards = [], purity = [] } }) => [
    line,
    ...(load ? linesOfDeeds(load) : []).map((each) => line + each),
    ...hazards.map((each) => each.line),
    ...purity.map((each) => each.line),
  ]);
  return summary.whole ? [1, summary.whole.line, ...lines] : [1, ...lines];
}

/** Lines of all deeds, counted from the first line of their piece. */
function linesOfDeeds({ deeds, fns = [] }: Doing): readonly number[] {
  return [...deeds.map((deed) => Number(deed[LINE_AT[deed[0]]])), ...fns.flatMap(linesOfDeeds)];
}
