import type { Doing, Made } from '../summary/doing/doing.ts';

/** One run of a function while a proof follows it. */
export interface Activation {
  readonly frame: number;
  /** The node whose code it is. */
  readonly node: number;
  readonly doing: Doing;
  /** Values of parameters and results. */
  readonly slots: Map<number, Value>;
  /** The run of the code around it. */
  readonly outer: Activation | undefined;
  readonly self: Value;
  /** False once it has ended: what it made may then be known to others. */
  live: boolean;
}

/** A package, and whether its values are known to be made without side effects. */
export interface Origin {
  readonly module: string;
  readonly listed: boolean;
}

/** A value during a proof. */
export type Value =
  /** Nothing is known but, perhaps, its type or the package that made it. */
  | {
      readonly kind: 'any';
      readonly type?: Made | undefined;
      readonly from?: Origin | undefined;
      /** The package that may have made it. */
      readonly perhaps?: Origin | undefined;
    }
  | { readonly kind: 'data' }
  | { readonly kind: 'made'; readonly at: Activation; readonly type: Made; readonly parts: readonly Value[] }
  | { readonly kind: 'fn'; readonly doing: Doing; readonly at: Activation | undefined; readonly node: number }
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'global'; readonly path: string }
  | { readonly kind: 'either'; readonly options: readonly Value[] }
  /** An object of a class of the network. */
  | { readonly kind: 'instance'; readonly type: number; readonly at: Activation };

export const ANY: Value = { kind: 'any' };
export const DATA: Value = { kind: 'data' };

export function typed(type: Made): Value {
  return { kind: 'any', type };
}

/** The run of a frame, from an inner one outward. */
export function runOf(frame: number, from: Activation | undefined): Activation | undefined {
  for (let at = from; at; at = at.outer) if (at.frame === frame) return at;
  return undefined;
}

/** What others know of a value once the code that made it has ended. */
export function outlived(value: Value): Value {
  if (value.kind === 'made' && !value.at.live)
    return { kind: 'any', type: value.type === 'class' ? undefined : value.type };
  if (value.kind === 'instance' && !value.at.live) return ANY;
  if (value.kind === 'either') return oneOf(value.options.map(outlived));
  return value;
}

/** The package whose call made a value, or may have. */
export function makerOf(value: Value): Origin | undefined {
  if (value.kind === 'either') return value.options.map(makerOf).find((each) => each !== undefined);
  return value.kind === 'any' ? (value.from ?? value.perhaps) : undefined;
}

/** The value that is one of several. */
export function oneOf(options: readonly Value[]): Value {
  const [first = ANY] = options;
  if (options.every(({ kind }) => kind === 'data')) return DATA;
  const isSame = options.every((each) => each.kind === 'any' && first.kind === 'any' && each.type === first.type);
  if (isSame && first.kind === 'any' && options.every((each) => each.kind === 'any' && each.from)) return first;
  const perhaps = options.map(makerOf).find((each) => each !== undefined);
  if (isSame && first.kind === 'any') return anyOf(first.type, perhaps);
  return options.some((each) => each.kind === 'any') ? anyOf(undefined, perhaps) : { kind: 'either', options };
}

function anyOf(type: Made | undefined, perhaps: Origin | undefined): Value {
  if (perhaps) return { kind: 'any', type, perhaps };
  return type === undefined ? ANY : typed(type);
}
