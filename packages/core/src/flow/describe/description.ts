import type { Finding, SourceLocation } from '../../contract/index.ts';
import type { ParamDescription } from '../authoring/param-spec.ts';
import type { InputsOptions } from '../authoring/step-options.ts';

export type StepKind = 'root' | 'linear' | 'branch-join' | 'foreach' | 'foreach-join';

/** `after: ['a']` is written as a static join and receives `inputs`, although it has one parent. */
export function kindOf(
  { foreach, join, after }: { readonly foreach?: unknown; readonly join?: unknown; readonly after?: unknown },
  hasParents: boolean,
): StepKind {
  if (foreach !== undefined) return 'foreach';
  if (join !== undefined) return 'foreach-join';
  if (!hasParents) return 'root';
  return Array.isArray(after) ? 'branch-join' : 'linear';
}

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
  /** Longest pause, ms. */
  readonly maxBackoffMs: number;
  /** Share of a pause, 0 to 1, of which a random part is added. */
  readonly jitter: number;
  /** Names or codes of errors; absent for all. */
  readonly on?: readonly string[];
}

/** A step as plain data. Invalid options are left out here and stay in `options`, for the checks. */
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
  readonly inputs?: InputsOptions;
  /** Parameters of the method before the first default or rest parameter. */
  readonly arity: number;
  /** The arguments of a foreach that the method can read. */
  readonly sees: SeenArguments;
}

/** A flow class as plain data: all facts that are known without running a step. */
export interface FlowDescription {
  readonly name: string;
  /** File of the steps, if it is known. */
  readonly file?: string;
  /** In the order of the class, those of base classes first. */
  readonly steps: readonly StepDescription[];
  readonly params: readonly ParamDescription[];
  /** Names of the artifacts that the constructor sets or declares, in order. */
  readonly fields: readonly string[];
  /** Fields that are never stored. */
  readonly transient: readonly string[];
  /** Fields that hold a secret, with the name of the secret. */
  readonly secrets: readonly { readonly field: string; readonly name: string }[];
  /** Methods that are not steps, e.g. helpers. */
  readonly methods: readonly string[];
  /** Names that options take for artifacts, but that no field, step or other method mentions. */
  readonly unmentioned: readonly string[];
  /** True when every task has to run the constructor: the class has #private or transient fields. */
  readonly needsConstruction: boolean;
  /** Mistakes in the class itself. `checkFlow` finds those in its graph. */
  readonly findings: readonly Finding[];
}

/** The arguments that the method of a foreach step can read. It gets no others. */
export interface SeenArguments {
  readonly element: boolean;
  readonly index: boolean;
}

/** Also assumed of a function with which another decorator replaced a step's method. */
export const SEES_BOTH: SeenArguments = { element: true, index: true };

/**
 * `async`, `function`, `*` and a name, then parameters without defaults, rests, strings, comments and anything else in
 * which a bracket or a comma could hide, then the body.
 */
const SIMPLE =
  /^(?:async\b\s*)?(?:function\b\s*)?\*?\s*(?:[\p{ID_Start}$_][\p{ID_Continue}$]*)?\s*\((?<list>[^()='"`/\\.]*)\)\s*\{/u;

/** These words reach arguments without naming them, `\u` may spell them, and bound functions have no source text. */
const INDIRECT = /\b(?:arguments|eval|native code)\b|\\u/;

/**
 * Decided from the source text, because `length` ignores defaults and rests. In doubt it is both: one argument too many
 * costs a needless run, one too few would hide a dependency of the result.
 */
export function seenArguments(method: (...values: never[]) => unknown): SeenArguments {
  const source = Function.prototype.toString.call(method);
  const list = SIMPLE.exec(source)?.groups?.list;
  const count = list === undefined || INDIRECT.test(source) ? undefined : countParameters(list);
  return count === undefined ? SEES_BOTH : { element: count > 0, index: count > 1 };
}

/** `undefined` when the brackets of a pattern do not match. */
function countParameters(list: string): number | undefined {
  let depth = 0;
  const found: string[] = [''];
  for (const character of list) {
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    if (depth < 0) return undefined;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return depth === 0 ? found.filter((one) => one.trim() !== '').length : undefined;
}
