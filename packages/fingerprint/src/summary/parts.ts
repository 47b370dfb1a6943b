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
 * The part of a summary that decides how files are linked: everything but hashes and line numbers. Imported and
 * exported names may also be called `own` and `line`, but their values are objects.
 */
export function outlineOf(summary: FileSummary): string {
  return JSON.stringify(summary, (key, value: unknown) => {
    const isContent = (key === 'own' && typeof value === 'string') || (key === 'line' && typeof value === 'number');
    return isContent ? undefined : value;
  });
}

/** Every line of a file that a finding may name, in a fixed order. Findings on the file as a whole name line 1. */
export function linesOf(summary: FileSummary): readonly number[] {
  const lines = partsOf(summary).flatMap(({ line, facts: { hazards = [], purity = [] } }) => [
    line,
    ...hazards.map((each) => each.line),
    ...purity.map((each) => each.line),
  ]);
  return summary.whole ? [1, summary.whole.line, ...lines] : [1, ...lines];
}
