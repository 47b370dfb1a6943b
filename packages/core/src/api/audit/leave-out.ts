import type { FlowDescription } from '../../flow/describe/description.ts';

/** A flow without some of its steps, and without all that comes after them. */
export interface Shortened {
  readonly description: FlowDescription;
  /** In the order of the class. */
  readonly leftOut: readonly string[];
}

/** What a step with an effect does outside must not be done once more only to look at it. */
export function withoutEffects(description: FlowDescription): Shortened {
  const { steps } = description;
  const gone = new Set(steps.filter(({ effect }) => effect !== undefined).map(({ name }) => name));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const { name, after, join } of steps) if ([...after, join].some((one) => one && gone.has(one))) gone.add(name);
  }
  const kept = steps.filter(({ name }) => !gone.has(name));
  return { description: { ...description, steps: kept }, leftOut: steps.map((s) => s.name).filter((n) => gone.has(n)) };
}
