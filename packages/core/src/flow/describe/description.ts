import type { Finding, SourceLocation } from '../../contract/index.ts';
import type { ParamDescription } from '../authoring/param-spec.ts';
import type { SeenArguments } from './seen-arguments.ts';

export type StepKind = 'root' | 'linear' | 'branch-join' | 'foreach' | 'foreach-join';

export interface WhenDescription {
  readonly artifact: string;
  /** Any of these, or, when absent, anything truthy. */
  readonly values?: readonly (string | number | boolean | bigint | null)[];
  /** For people: `'big'`. */
  readonly text?: string;
}

export interface RetryDescription {
  /** Attempts after the first one. */
  readonly times: number;
  /** Pause before the second attempt, ms. */
  readonly backoffMs: number;
  /** Names or codes of errors; absent for all. */
  readonly on?: readonly string[];
}

/** A step as plain data. Options that make no sense are left out here and stay in `options`, for the checks. */
export interface StepDescription {
  readonly name: string;
  readonly kind: StepKind;
  /** As written, with classes and functions by name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly location?: SourceLocation;
  readonly after: readonly string[];
  readonly foreach?: string;
  readonly join?: string;
  readonly when?: WhenDescription | undefined;
  readonly retry?: RetryDescription | undefined;
  readonly timeoutMs?: number;
  readonly catch?: string;
  readonly cache?:
    | false
    | { readonly version?: string; readonly ttlMs?: number; readonly scope?: 'run' | 'flow' | 'store' };
  readonly effect?: { readonly key?: string };
  readonly concurrency?: number;
  readonly rate?: { readonly count: number; readonly perMs: number };
  readonly runner?: string;
  readonly inputs?: 'frozen' | 'mutable';
  /** Parameters of the method before the first default or rest parameter. */
  readonly arity: number;
  /** What the method can look at of the arguments that a foreach hands over. */
  readonly sees: SeenArguments;
}

/** A flow class as plain data: everything that can be known without running a step. */
export interface FlowDescription {
  readonly name: string;
  /** Where the steps are, if that is known. */
  readonly file?: string;
  /** In the order of the class, those of base classes first. */
  readonly steps: readonly StepDescription[];
  readonly params: readonly ParamDescription[];
  /** Names of the artifacts that the constructor leaves or declares, in order. */
  readonly fields: readonly string[];
  /** Fields that are never stored. */
  readonly transient: readonly string[];
  /** Fields that hold a secret, with the name of the secret. */
  readonly secrets: readonly { readonly field: string; readonly name: string }[];
  /** Methods that are not steps, e.g. helpers. */
  readonly methods: readonly string[];
  /** Names that options take for artifacts, but that no field, step or other method mentions. */
  readonly unmentioned: readonly string[];
  /** Whether every task has to run the constructor: the class has #private or transient fields. */
  readonly needsConstruction: boolean;
  /** What is wrong with the class itself. `checkFlow` finds what is wrong with its graph. */
  readonly findings: readonly Finding[];
}
