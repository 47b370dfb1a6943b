import type { RunView } from '@varve/client';
import type { Fields, Flow, FlowClass, View } from '@varve/core';
import type { LogLine, Methods } from '@varve/core/internal';

/** What is executed in the place of steps, by step: with the arguments of the step, and `this` is the flow's instance. */
export type Stubs<F> = {
  readonly [K in Methods<F>]?: F[K] extends (...values: infer A) => unknown
    ? (this: F, ...values: A) => unknown
    : never;
};

/** What both kinds of tests can be given. */
export interface SecretOptions {
  /** Values of secrets by name. For the others the environment is asked. */
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
  /** What the step is called with. Default: the one at `index` of the list that the foreach names. */
  readonly element?: E;
  /** From 0. Default: where `element` stands in the list, else 0. */
  readonly index?: number;
}

interface TasksOption<F> {
  /** What each joined task left behind, in element order: what it lacks is what the joining step was given. */
  readonly tasks: readonly Given<F>[];
}

interface InputsOption<F, I> {
  /** What each branch left behind besides what the step was given. `undefined`: a `when` has skipped it. */
  readonly inputs: { readonly [K in keyof I]: Given<F> | (undefined extends I[K] ? undefined : never) };
}

/** Of a method without parameters: it may be any kind of step. */
interface AnyOption<F> extends ElementOption<unknown>, Partial<TasksOption<F>> {
  readonly inputs?: Readonly<Record<string, Given<F> | undefined>>;
}

/** Whether something is what a join gets of a task: a view of the flow, or of a base class; or the class itself. */
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

/** What a step is tested with: artifacts, and what its method is called with, typed by the method's parameters. */
export type StepArguments<F, M> = [M] extends [never]
  ? [given?: Given<F>, handed?: AnyOption<F> & SecretOptions]
  : M extends (...values: infer A) => unknown
    ? ArgumentsOf<F, A> extends TasksOption<F> | InputsOption<F, never>
      ? [given: Given<F>, handed: ArgumentsOf<F, A> & SecretOptions]
      : [given?: Given<F>, handed?: ArgumentsOf<F, A> & SecretOptions]
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
   * Runs one step once, and resolves with what is there when it has ended: `given`, what field initialisers set, and what
   * the step wrote. `retry`, `catch` and `when` play no part. Throws what the step throws; `VARVE_FLOW_INVALID`,
   * `VARVE_PARAMETERS` and `VARVE_NOT_STORABLE` as a run would; `VARVE_TEST_STEP` and `VARVE_TEST_INPUT` for a test that
   * does not fit the flow.
   */
  runStep<F extends Flow, S extends Methods<F>>(
    flow: FlowClass<F>,
    step: S,
    ...rest: StepArguments<NoInfer<F>, NoInfer<F>[S]>
  ): Promise<View<F>>;
  /** What the step printed whose result `runStep` gave. Throws `VARVE_TEST_INPUT` for anything else. */
  logOf(after: object): readonly LogLine[];
}

/** The arguments of `runStep` once the compiler has checked them. */
export interface UncheckedArguments extends SecretOptions {
  readonly element?: unknown;
  readonly index?: unknown;
  readonly tasks?: unknown;
  readonly inputs?: unknown;
}
