/**
 * A tree is JSON in which an object whose first key is `$` stands for a value that JSON lacks:
 * `{"$":["Date",0]}`, `{"$":["Map",[k,v,…]]}`, `{"$":["ref",3]}` (the fourth thing with an identity, in the order in
 * which they begin). Objects that have a key `$` of their own are written as `{"$":["Object",[k,v,…]]}`.
 */
export const MARK = '$';

export type Marker = Readonly<Record<typeof MARK, readonly [tag: string, ...payload: unknown[]]>>;

export function mark(tag: string, ...payload: unknown[]): Marker {
  return { [MARK]: [tag, ...payload] };
}

/** Numbers and other primitives that JSON lacks, by tag. */
export const SCALARS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** Sets a plain data property of any name: `__proto__` sets no prototype here. */
export function setField(target: object, name: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, name, { value, enumerable, writable: true, configurable: true });
}

/** The built-in error classes, by stored name. */
export const ERRORS: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((it) => [it.name, it]),
);
export const AGGREGATE_ERROR = 'AggregateError';

/** True for a primitive that JSON writes exactly. */
export function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return value === 0 ? 1 / value > 0 : value - value === 0;
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}
