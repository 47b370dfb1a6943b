import type { RunView } from '@varve/client';
import type { Fields, Flow, FlowClass, View } from '@varve/core';
import type { LogLine, Methods } from '@varve/core/internal';

/** Replacements for the bodies of steps, by step: called with the arguments of the step, `this` is the flow's instance. */
export type Stubs<F> = {
  readonly [K in Methods<F>]?: F[K] extends (...values: infer A) => unknown
    ? (this: F, ...values: A) => unknown
    : never;
};

/** Options of both kinds of tests. */
export interface SecretOptions {
  /** Values of secrets by name. The others are read from the environment. */
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface TestFlowOptions<F> extends SecretOptions {
  /** By name. They are checked as those of any run: text stands for a value, and for the path of a `param.file`. */
  readonly params?: { readonly [K in Fields<F>]?: unknown };
  /** Other bodies for some steps. All options of such a step stay in force. Nothing is changed in the class. */
  readonly stub?: Stubs<F>;
}

/** Artifacts and parameters by name. `undefined`: it is not there, also when a field initialiser would set it. */
export type Given<F> = { readonly [K in Fields<F>]?: F[K] | undefined };

interface ElementOption<E> {
  /** First argument of the step. Default: the element at `index` of the list that the foreach names. */
  readonly element?: E;
  /** From 0. Default: the position of `element` in the list, else 0. */
  readonly index?: number;
}

interface TasksOption<F> {
  /** Artifacts that each joined task left, in element order. A task has those of `given` besides. */
  readonly tasks: readonly Given<F>[];
}

interface InputsOption<F, I> {
  /** Artifacts that each branch left besides those of `given`. `undefined`: a `when` has skipped it. */
  readonly inputs: { readonly [K in keyof I]: Given<F> | (undefined extends I[K] ? undefined : never) };
}

/** For a method without parameters: it may be any kind of step. */
interface AnyOption<F> extends ElementOption<unknown>, Partial<TasksOption<F>> {
  readonly inputs?: Readonly<Record<string, Given<F> | undefined>>;
}

/** True for the argument of a join: a view of the flow or of a base class, or the class itself. */
type IsView<F, V> = [V] extends [View<F>] ? true : [View<F>] extends [V] ? true : false;
type IsInputs<F, I> = I extends object ? (IsView<F, NonNullable<I[keyof I]>> extends true ? true : false) : false;

type ArgumentsOf<F, A extends readonly unknown[]> = A extends readonly []
  ? AnyOption<F>
  : A[0] extends readonly (infer V)[]
    ? IsView<F, V> extends true
      ? TasksOption<F>
      : ElementOption<A[0]>
    : IsInputs<F, A[0]> extends true
      ? InputsOption<F, A[0]>
      : ElementOption<A[0]>;

/** The rest of the arguments of `runStep`: artifacts, then the arguments of the step, typed by the parameters of its method. */
export type StepArguments<F, M> = [M] extends [never]
  ? [given?: Given<F>, args?: AnyOption<F> & SecretOptions]
  : M extends (...values: infer A) => unknown
    ? ArgumentsOf<F, A> extends TasksOption<F> | InputsOption<F, never>
      ? [given: Given<F>, args: ArgumentsOf<F, A> & SecretOptions]
      : [given?: Given<F>, args?: ArgumentsOf<F, A> & SecretOptions]
    : never;

/** For tests of flows, in any test runner. Nothing is cached, and nothing is written to disk. */
export interface Testing {
  /**
   * Runs a flow in this thread and in memory, and resolves with the finished run, also when it failed: see its `status`
   * and `error`. Pauses before another attempt, and those that a `rate` asks for, are skipped. Throws
   * `VARVE_FLOW_INVALID`, `VARVE_PARAMETERS` and `VARVE_TEST_STEP` (a stub for a step that is not there) with all findings.
   */
  testFlow<F extends Flow>(flow: FlowClass<F>, options?: TestFlowOptions<NoInfer<F>>): Promise<RunView<F>>;
  /**
   * Runs one step once, and resolves with the artifacts there are when it has ended: `given`, those that field initialisers
   * set, and those that the step wrote. `retry`, `catch` and `when` play no part. Rejects with the value that the step throws; `VARVE_FLOW_INVALID`,
   * `VARVE_PARAMETERS` and `VARVE_NOT_STORABLE` as a run would; `VARVE_TEST_STEP` and `VARVE_TEST_INPUT` for a test that
   * does not fit the flow.
   */
  runStep<F extends Flow, S extends Methods<F>>(
    flow: FlowClass<F>,
    step: S,
    ...rest: StepArguments<NoInfer<F>, NoInfer<F>[S]>
  ): Promise<View<F>>;
  /** Lines that the step printed whose result `runStep` gave. Throws `VARVE_TEST_INPUT` for anything else. */
  logOf(after: object): readonly LogLine[];
}

/** The arguments of `runStep` once the compiler has checked them. */
export interface UncheckedArguments extends SecretOptions {
  readonly element?: unknown;
  readonly index?: unknown;
  readonly tasks?: unknown;
  readonly inputs?: unknown;
}
