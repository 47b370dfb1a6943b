import type { FileSummary, Part, Unit } from './summary.ts';

/** The pieces of a unit, itself first. */
export function partsOfUnit(unit: Unit): readonly Part[] {
  const { shape } = unit;
  if (!shape) return [unit];
  return [unit, shape.header, ...shape.members.flatMap((each) => (each.options ? [each, each.options] : [each]))];
}

/** All pieces of a file, in a fixed order. */
export function partsOf({ units }: FileSummary): readonly Part[] {
  return units.flatMap(partsOfUnit);
}

/**
 * All of a summary that decides how files are linked: everything but what its pieces hold and the lines they stand on.
 * Names that a file imports or exports may be called `own` and `line`, too, but stand for objects.
 */
export function outlineOf(summary: FileSummary): string {
  return JSON.stringify(summary, (key, value: unknown) => {
    const isContent = (key === 'own' && typeof value === 'string') || (key === 'line' && typeof value === 'number');
    return isContent ? undefined : value;
  });
}

/**
 * Every line that something found in the file may be said to stand on, in a fixed order. What is found in the file as
 * a whole stands on the first.
 */
export function linesOf(summary: FileSummary): readonly number[] {
  const lines = partsOf(summary).flatMap(({ line, facts: { hazards = [], purity = [] } }) => [
    line,
    ...hazards.map((each) => each.line),
    ...purity.map((each) => each.line),
  ]);
  return summary.whole ? [1, summary.whole.line, ...lines] : [1, ...lines];
}
