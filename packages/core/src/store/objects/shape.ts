/**
 * A stored value does not have the required shape. `path` says where, e.g. `.writes.rows.size`.
 *
 * The checks below build new objects out of known fields only, and objects keyed by names from users have no prototype,
 * so that an artifact called `__proto__` is a name like any other.
 */
export class ShapeError extends Error {
  constructor(
    readonly path: string,
    readonly wanted: string,
  ) {
    super(`${path} is not ${wanted}`);
  }
}

export type ShapeFields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown, path: string): ShapeFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ShapeFields;
  throw new ShapeError(path, 'an object');
}

export function asArray(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ShapeError(path, 'an array');
}

export function asString(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw new ShapeError(path, 'a string');
}

export function asStrings(value: unknown, path: string): string[] {
  return asArray(value, path).map((item, i) => asString(item, `${path}[${i}]`));
}

/** For a time or a duration. */
export function asNumber(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ShapeError(path, 'a finite number');
}

/** For a size, a count or a position. */
export function asCount(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ShapeError(path, 'a whole number that is not negative');
}

export function asBoolean(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new ShapeError(path, 'true or false');
}

export function asOneOf<const T extends string>(value: unknown, allowed: readonly T[], path: string): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ShapeError(path, `one of ${allowed.join(', ')}`);
}

/** For an object keyed by names from users. */
export function asRecord<T>(
  value: unknown,
  path: string,
  item: (value: unknown, path: string) => T,
): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [name, one] of Object.entries(asFields(value, path))) record[name] = item(one, `${path}.${name}`);
  return record;
}

/** `{ [name]: read(value) }`, or nothing when the value is absent: for optional fields. */
export function optional<K extends string, T>(
  fields: ShapeFields,
  name: K,
  path: string,
  read: (value: unknown, path: string) => T,
): { readonly [k in K]?: T } {
  const value = fields[name];
  return value === undefined ? {} : ({ [name]: read(value, `${path}.${name}`) } as { readonly [k in K]?: T });
}
