import type { Finding } from '../../contract/index.ts';
import type { FlowDescription, StepDescription } from '../describe/description.ts';
import type { Graph } from '../describe/graph.ts';

/** Input of a rule. */
export interface RuleInput {
  readonly flow: FlowDescription;
  readonly graph: Graph;
  /** Names of the steps. */
  readonly steps: readonly string[];
}

/** Finds every instance of one kind of mistake. */
export type Rule = (checked: RuleInput) => Finding[];

/** A finding at the decorator of a step. */
export function findingAt(step: StepDescription, code: string, message: string, hint: string): Finding {
  return { code, message, hint, ...(step.location && { location: step.location }) };
}

/** `'a', 'b' and 'c'` */
export function listNames(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
