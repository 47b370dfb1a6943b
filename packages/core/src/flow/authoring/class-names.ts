import type { Flow } from './flow.ts';
import type { Fields, Methods } from './step-types.ts';

/** Whether nothing is known of a flow but its name: then every name is taken. */
type Untyped<F> = string extends keyof F ? true : false;

/** What steps of a flow can be called: its public methods. The compiler cannot see which of them are steps. */
export type StepName<F> = Untyped<F> extends true ? string : Exclude<Methods<F>, keyof Flow> & string;

/** What tasks of a flow can be called: `load`, `train[2]`, `train[knn]`; `init` is its initialisers. */
export type TaskName<F> = Untyped<F> extends true ? string : 'init' | StepName<F> | `${StepName<F>}[${string}]`;

/** What artifacts of a flow can be called: its public fields. */
export type ArtifactName<F> = Untyped<F> extends true ? string : Fields<F> & string;

/** A path stands for a file, and text for what a schema or JSON makes of it. */
type GivenAs<V> = V extends string | number | boolean | null | undefined ? V : V | string;

/**
 * Values for parameters of a flow, by the name of their fields. The compiler cannot see which fields are parameters: a name
 * that is no field and a value of another type do not compile, and `run()` refuses a field that is no parameter.
 */
export type ParameterValues<F> =
  Untyped<F> extends true
    ? { readonly [name: string]: unknown }
    : { readonly [K in Fields<F> & string]?: GivenAs<F[K]> };
