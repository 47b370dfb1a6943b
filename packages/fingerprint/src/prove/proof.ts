import type { NetworkNode } from '../link/network.ts';
import type { HiddenCode } from './hidden.ts';
import type { Outcome } from './outcome.ts';
import type { Activation, Value } from './value.ts';

/** A call whose effects are to be found. */
export interface Call {
  readonly args: readonly Value[];
  /** The object that a method is called on. */
  readonly self: Value;
  readonly isUsed: boolean;
  readonly isNew: boolean;
  readonly line: number;
}

/** A proof under way: code that is followed from one piece, and what it is known to change. */
export interface Proof {
  readonly outcome: Outcome;
  readonly hidden: HiddenCode;
  readonly rules: ProofRules;
  nodeAt(number: number): NetworkNode | undefined;
  /** Gives up: the code may change anything. */
  doubt(at: Activation, line: number, what: string): Value;
  /** The value of a variable, as others than its own piece know it. */
  valueOf(node: number): Value;
  /** Follows a function. */
  apply(fn: Extract<Value, { kind: 'fn' }>, call: Call): Value;
  /** Follows the function that a node declares. */
  applyNode(node: number, call: Call): Value;
}

export interface ProofRules {
  /** True if calling this function of a package changes nothing in the package. */
  readonly isPureCall: (module: string, name: string) => boolean;
  /** A call of a package changes nothing only if it is listed. */
  readonly strict: boolean;
  /** Classes whose members are looked up one by one: changes of them are not followed. */
  readonly isOpen: (node: number) => boolean;
}
