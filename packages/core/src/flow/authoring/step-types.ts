import type { StoredError } from '../../contract/index.ts';
import type { Flow } from './flow.ts';
import type { StepOptions, WhenOption } from './step-options.ts';

/** Never instantiated: the compiler shows its type argument when a flow is wrong. */
export interface FlowError<Message extends string> {
  readonly __flowError: Message;
}

type AnyMethod = (...values: never[]) => unknown;

/** Names of the methods of a class. */
export type Methods<T> = { [K in keyof T]-?: T[K] extends AnyMethod ? K : never }[keyof T];

/** Names of the artifacts of a flow: its public fields. */
export type Fields<T> = Exclude<keyof T, Methods<T> | 'run'>;

/** The artifacts after a finished task, read-only. */
export type View<T> = { readonly [K in Fields<T>]: T[K] };

/**
 * The argument of a step with several parents: a view of each. Branches that a `when` may skip are named in `Conditional`
 * and may be `undefined`.
 */
export type Inputs<T, Always extends string, Conditional extends string = never> = {
  readonly [K in Always]: View<T>;
} & { readonly [K in Conditional]: View<T> | undefined };

type Names<A> = A extends readonly (infer N extends string)[] ? N : A extends string ? A : never;
type Element<T, F extends string> = F extends keyof T
  ? NonNullable<T[F]> extends readonly (infer E)[]
    ? E
    : never
  : never;

type Arguments<T, A, F extends string, J extends string> = [F] extends [never]
  ? [J] extends [never]
    ? [A] extends [never]
      ? []
      : A extends readonly string[]
        ? [inputs: Inputs<T, Names<A>>]
        : []
    : [tasks: readonly View<T>[]]
  : [element: Element<T, F>, index: number];

type ShownArguments<A, F extends string, J extends string> = [F] extends [never]
  ? [J] extends [never]
    ? [A] extends [never]
      ? 'no arguments'
      : A extends readonly string[]
        ? '(inputs: Inputs<Flow, …>), a view for each name in after'
        : 'no arguments'
    : '(tasks: readonly View<Flow>[])'
  : `(element of '${F}', index: number)`;

type Known<N extends string, Kind extends 'step' | 'artifact', In> = [N] extends [never]
  ? unknown
  : [N] extends [In]
    ? unknown
    : FlowError<`no ${Kind} named '${Exclude<N, In & string>}' in this flow`>;

type IsList<T, F extends string> = [F] extends [never]
  ? unknown
  : F extends Fields<T>
    ? NonNullable<T[F]> extends readonly unknown[]
      ? unknown
      : FlowError<`'${F}' is not an array, so foreach cannot split it`>
    : unknown;

type WhenNames<W> = W extends string ? W : keyof W & string;
type Listed<V> = V extends readonly (infer E)[] ? E : V;
type WhenFits<T, W> = [W] extends [never]
  ? unknown
  : W extends string
    ? unknown
    : { [K in keyof W & Fields<T>]: Listed<W[K]> extends T[K] ? never : K }[keyof W &
          Fields<T>] extends infer Bad extends string
      ? [Bad] extends [never]
        ? unknown
        : FlowError<`'${Bad}' never has the value that 'when' asks for`>
      : unknown;

type Holds<T, C extends string> = [C] extends [never]
  ? unknown
  : C extends Fields<T>
    ? StoredError extends T[C]
      ? unknown
      : FlowError<`'${C}' cannot hold what catch stores there: a StoredError`>
    : unknown;

type OneWay<A, J extends string, F extends string> = [J] extends [never]
  ? unknown
  : [A] extends [never]
    ? [F] extends [never]
      ? unknown
      : FlowError<`a step that joins cannot also be a foreach: split in a step after it`>
    : FlowError<`a step has either 'after' or 'join', not both`>;

/** All checks of names; `unknown` when they pass. */
export type Checked<T, A, F extends string, J extends string, W, C extends string> = Known<
  Names<A> | J,
  'step',
  Methods<T>
> &
  Known<F | WhenNames<W> | C, 'artifact', Fields<T>> &
  IsList<T, F> &
  WhenFits<T, W> &
  Holds<T, C> &
  OneWay<A, J, F>;

/** A join may declare the views as instances of the class: `tasks: Penguins[]`. */
type TakesInstances<T, J extends string> = [J] extends [never] ? never : (tasks: T[]) => unknown;

/** Checks that the method takes its arguments; not applied when a name is already wrong. */
export type Takes<T, V, A, F extends string, J extends string, S extends string> = unknown extends Known<
  F,
  'artifact',
  Fields<T>
> &
  IsList<T, F> &
  Known<Names<A>, 'step', Methods<T>>
  ? V extends ((...values: Arguments<T, A, F, J>) => unknown) | TakesInstances<T, J>
    ? unknown
    : FlowError<`${S} is handed ${ShownArguments<A, F, J>}`>
  : unknown;

/** Checks that the method returns nothing: what a step leaves are fields. */
type ReturnsNothing<V, S extends string> = V extends (...values: never[]) => infer R
  ? // biome-ignore lint/suspicious/noConfusingVoidType: it is the type of what is asked for
    [Awaited<R>] extends [void]
    ? unknown
    : FlowError<`${S} returns a value, which is dropped: assign it to a field of this`>
  : unknown;

/** The part of `ClassMethodDecoratorContext` that is used. */
export interface MethodContext<T, V> {
  readonly kind: 'method';
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  readonly access: { get(object: T): V };
  addInitializer(initializer: (this: T) => void): void;
}

/** A method decorator that checks its names, standard and legacy. */
export interface StepDecorator<A, F extends string, J extends string, W, C extends string> {
  <T, V extends AnyMethod>(
    method: V,
    context: MethodContext<T, V> &
      Checked<T, A, F, J, W, C> &
      Takes<T, V, A, F, J, 'this step'> &
      ReturnsNothing<V, 'this step'>,
  ): void;
  <T, K extends keyof T>(
    target: T &
      Checked<T, A, F, J, W, C> &
      Takes<T, T[K], A, F, J, `'${K & string}'`> &
      ReturnsNothing<T[K], `'${K & string}'`>,
    key: K,
    descriptor: PropertyDescriptor,
  ): void;
}

/** The signature of `step`. */
export type StepFunction = <
  const A extends string | readonly string[] = never,
  const F extends string = never,
  const J extends string = never,
  const W extends WhenOption = never,
  const C extends string = never,
>(
  options?: StepOptions<A, F, J, W, C>,
) => StepDecorator<A, F, J, W, C>;

/** `true` when only the name of a flow is known: then every name is accepted. */
type Untyped<F> = string extends keyof F ? true : false;

/** Names that steps of a flow can have: its public methods. The compiler cannot tell which of them are steps. */
export type StepName<F> = Untyped<F> extends true ? string : Exclude<Methods<F>, keyof Flow> & string;

/** Names that tasks of a flow can have: `load`, `train[2]`, `train[knn]`; `init` is its initialisers. */
export type TaskName<F> = Untyped<F> extends true ? string : 'init' | StepName<F> | `${StepName<F>}[${string}]`;

/** Names that artifacts of a flow can have: its public fields. */
export type ArtifactName<F> = Untyped<F> extends true ? string : Fields<F> & string;

/** A path may be given for a file, and text for a value that a schema makes of it. */
type GivenAs<V> = V extends string | number | boolean | null | undefined ? V : V | string;

/**
 * Values for parameters of a flow, by the name of their fields. The compiler cannot tell which fields are parameters: a
 * name that is no field and a value of another type do not compile, and `run()` refuses a field that is no parameter.
 */
export type ParameterValues<F> =
  Untyped<F> extends true
    ? { readonly [name: string]: unknown }
    : { readonly [K in Fields<F> & string]?: GivenAs<F[K]> };
