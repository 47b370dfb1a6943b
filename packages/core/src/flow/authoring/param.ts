import type { StandardSchemaV1 } from '@standard-schema/spec';
import { VarveError } from '../../contract/index.ts';
import { type CallSite, captureCallSite, locateCallSite } from './call-site.ts';
import type { ParamKind, ParamLimits, ParamSpec } from './param-spec.ts';
import { currentConstruction } from './registry.ts';

interface Help {
  /** One line for `--help` and for messages. */
  readonly help?: string;
}
type NumberOptions = Help & Pick<ParamLimits, 'min' | 'max'>;
type StringOptions = Help & Pick<ParamLimits, 'minLength' | 'maxLength' | 'pattern'>;
type UrlOptions = Help & Pick<ParamLimits, 'protocols'>;
interface JsonOptions<T> extends Help {
  readonly default?: T;
}
interface FileOptions extends Help, Pick<ParamLimits, 'maxBytes'> {
  /** Type of the field: `bytes` (default) or `text`, decoded as UTF-8. */
  readonly as?: 'bytes' | 'text';
}

/** The kinds of parameters. A parameter without a default is required. */
interface ParamKinds {
  int(fallback: number, options?: NumberOptions): number;
  int(options?: NumberOptions): number;
  number(fallback: number, options?: NumberOptions): number;
  number(options?: NumberOptions): number;
  string(fallback: string, options?: StringOptions): string;
  string(options?: StringOptions): string;
  boolean(fallback: boolean, options?: Help): boolean;
  boolean(options?: Help): boolean;
  enum<const E extends string>(choices: readonly E[], fallback: NoInfer<E>, options?: Help): E;
  enum<const E extends string>(choices: readonly E[], options?: Help): E;
  /** An absolute URL, as text. */
  url(fallback: string, options?: UrlOptions): string;
  url(options?: UrlOptions): string;
  /** Any JSON value, unchecked. Use a schema to have it checked. */
  json<T>(options?: JsonOptions<T>): T;
  /** Given as a path; the field holds the content, so that a changed file is a changed parameter. */
  file(path: string, options: FileOptions & { readonly as: 'text' }): string;
  file(path: string, options?: FileOptions): Uint8Array;
  file(options: FileOptions & { readonly as: 'text' }): string;
  file(options?: FileOptions): Uint8Array;
  /** Any schema with the Standard Schema interface: zod, valibot, arktype and others. Its output is the value. */
  <S extends StandardSchemaV1>(
    schema: S,
    options?: Help & { readonly default?: StandardSchemaV1.InferInput<S> },
  ): StandardSchemaV1.InferOutput<S>;
}

type ParamOptions = Help & ParamLimits & { readonly as?: 'bytes' | 'text'; readonly default?: unknown };

/**
 * Declares a parameter of the run as a field: `folds = param.int(5, { min: 2, help: 'cross-validation folds' })`.
 * The value comes from a flag, `VARVE_PARAM_FOLDS`, a file given with `--params`, or the default, in this order.
 */
export const param: ParamKinds = Object.assign(bySchema, {
  int: simple('int'),
  number: simple('number'),
  string: simple('string'),
  boolean: simple('boolean'),
  url: simple('url'),
  file: simple('file'),
  json: byOptions,
  enum: byChoices,
}) as unknown as ParamKinds;

/** `(default, options)` or `(options)`. */
function simple(kind: ParamKind) {
  return function declare(first?: unknown, second?: ParamOptions): unknown {
    const options = typeof first === 'object' && first !== null ? (first as ParamOptions) : second;
    const hasDefault = first !== undefined && options !== first;
    return take(kind, { ...options }, hasDefault ? { value: first } : undefined, captureCallSite(declare));
  };
}

function byOptions(options: ParamOptions = {}): unknown {
  return take(
    'json',
    options,
    'default' in options ? { value: options.default } : undefined,
    captureCallSite(byOptions),
  );
}

function byChoices(choices: readonly string[], first?: string | ParamOptions, second?: ParamOptions): unknown {
  const options = typeof first === 'object' ? first : second;
  const fallback = typeof first === 'string' ? { value: first } : undefined;
  return take('enum', { ...options, choices: [...choices] }, fallback, captureCallSite(byChoices));
}

function bySchema(schema: StandardSchemaV1, options: ParamOptions = {}): unknown {
  const fallback = 'default' in options ? { value: options.default } : undefined;
  return take('schema', options, fallback, captureCallSite(bySchema), schema);
}

function take(
  kind: ParamKind,
  options: ParamOptions,
  fallback: ParamSpec['fallback'],
  site: CallSite,
  schema?: StandardSchemaV1,
): unknown {
  const { help, as, default: _, ...limits } = options;
  const spec: ParamSpec = {
    kind,
    limits,
    site,
    ...(fallback && { fallback }),
    ...(help !== undefined && { help }),
    ...(as !== undefined && { as }),
    ...(schema && { schema }),
  };
  const construction = currentConstruction();
  return construction ? construction.takeParameter(spec) : outsideRun(spec);
}

/** A class constructed outside of a run, e.g. in a unit test, has its defaults. */
function outsideRun(spec: ParamSpec): unknown {
  if (spec.fallback && spec.kind !== 'file') return spec.fallback.value;
  const location = locateCallSite(spec.site);
  throw new VarveError('VARVE_PARAM_OUTSIDE_RUN', `a ${spec.kind} parameter has no value outside of a run`, {
    hint: 'Run the flow with run(MyFlow, { … }), or give the parameter a default.',
    ...(location && { location }),
  });
}
