/**
 * Freezes plain data (arrays and plain objects) to any depth, without recursion.
 * Returns whether it holds parts that stay changeable: Map, Set, Date, binary data, class instances, functions.
 */
export function freezeDeep(value: unknown): boolean {
  if (!isObject(value)) return false;
  const waiting: object[] = [value];
  const frozenBefore = new Set<object>();
  let loose = false;
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (!isPlain(item)) {
      loose = true;
      continue;
    }
    if (Object.isFrozen(item)) {
      if (frozenBefore.has(item)) continue;
      frozenBefore.add(item);
    } else {
      Object.freeze(item);
    }
    pushChildren(item, waiting);
  }
  return loose;
}

function pushChildren(item: object, waiting: object[]): void {
  if (Array.isArray(item)) {
    for (const child of item as unknown[]) if (isObject(child)) waiting.push(child);
    return;
  }
  for (const key of Object.keys(item)) {
    const child = (item as Record<string, unknown>)[key];
    if (isObject(child)) waiting.push(child);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isPlain(value: object): boolean {
  if (typeof value === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype || prototype === null || (Array.isArray(value) && prototype === Array.prototype)
  );
}
