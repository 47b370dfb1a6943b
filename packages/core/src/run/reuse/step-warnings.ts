import { basename } from 'node:path';
import type { GraphStep } from '../../flow/index.ts';

/** What many steps may have in common. */
export interface StepWarning {
  readonly step: string;
  /** Equal for steps of which the same is to be said. */
  readonly kind: string;
  /** For the first step. */
  readonly message: string;
  /** A step among the others, `b (flow.ts:7)`. Default: its name. */
  readonly name?: string;
  /** For all others together. `steps`: their names. */
  readonly others: (steps: string) => string;
}

/** Warns of each step once, and of many steps with the same fault in one sentence when the run ends. */
export class StepWarnings {
  private readonly steps = new Set<string>();
  private readonly others = new Map<string, { readonly first: StepWarning; readonly names: string[] }>();

  constructor(private readonly warn: (message: string) => void) {}

  /** Thousands of elements have the same fault: the first one is told. */
  add(warning: StepWarning): void {
    const { step, kind, message, name = step } = warning;
    if (this.steps.has(step)) return;
    this.steps.add(step);
    const known = this.others.get(kind);
    if (known) return void known.names.push(name);
    this.others.set(kind, { first: warning, names: [] });
    this.warn(message);
  }

  end(): void {
    for (const { first, names } of this.others.values()) {
      const last = names.pop();
      if (last !== undefined) this.warn(first.others(names.length === 0 ? last : `${names.join(', ')} and ${last}`));
    }
    this.others.clear();
  }
}

/** A step returned a value: users of other tools expect it to be the result. */
export function returnedWarning({ name, location }: GraphStep): StepWarning {
  const place = location ? ` (${basename(location.file)}:${location.line})` : '';
  const mend = 'assign it to a field instead, this.result = …';
  return {
    step: name,
    kind: 'returned',
    message: `${name}${place} returned a value, which is dropped: ${mend}`,
    name: `${name}${place}`,
    others: (steps) => `${steps} returned values, which are dropped, too`,
  };
}
