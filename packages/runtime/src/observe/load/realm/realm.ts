import { BuiltIns, NO_VALUE, type PatchableMethod, type PatchableObject, remember } from './built-ins.ts';

const { getOwnPropertyDescriptor, getPrototypeOf, isExtensible, ownKeys } = Reflect;

/** The built-ins of this thread as they were at one moment. */
export class Realm {
  private constructor(private readonly builtIns: BuiltIns) {}

  /** Looks at every property of every built-in that code can reach by a name. Loads nothing and calls no getter. */
  static take(): Realm {
    return new Realm(new BuiltIns());
  }

  /** Names what was patched since the last look, as `look` does, and leaves what the next look compares with. */
  changes(): readonly string[] {
    const { objects, methods } = this.builtIns;
    const names = objects.flatMap((one) => (isAsBefore(one) ? [] : differencesOf(one)));
    for (const one of methods) if (Object.keys(one.target).length !== one.count) names.push(...leftOn(one));
    this.builtIns.grow();
    return names;
  }

  /**
   * Names what was patched since the last look, sorted: `Array.prototype.last added`, `Date.now replaced`. What is there
   * now is what the next look compares with.
   */
  look(): readonly string[] {
    const names: string[] = [];
    for (const one of this.builtIns.objects) {
      if (isAsBefore(one)) continue;
      names.push(...differencesOf(one));
      remember(one);
    }
    for (const one of this.builtIns.methods) {
      const { length } = Object.keys(one.target);
      if (length === one.count) continue;
      names.push(...leftOn(one));
      one.count = length;
    }
    this.builtIns.grow();
    return names.sort();
  }
}

/** Names the last keys of a method. */
function leftOn({ target, path, count }: PatchableMethod): readonly string[] {
  const added = Object.keys(target).slice(count);
  return added.length > 0 ? added.map((key) => `${nameOf(path, key)} added`) : [`a property of ${path} removed`];
}

/**
 * Compares identities alone: this is done whenever a worker turns to another step, and again and again within a step. It
 * passes thousands of properties, mostly while other data fills the caches of the processor: it touches as little as it can.
 */
function isAsBefore(one: PatchableObject): boolean {
  const { target, keys, values } = one;
  const now = ownKeys(target);
  if (now.length !== keys.length || getPrototypeOf(target) !== one.prototype) return false;
  if (isExtensible(target) !== one.isExtensible || Object.keys(target).length !== one.enumerable) return false;
  for (let i = 0; i < now.length; i++) {
    const key = now[i] as PropertyKey;
    if (key !== keys[i]) return false;
    const was = values[i];
    if (was === NO_VALUE) continue;
    const is = (target as Record<PropertyKey, unknown>)[key];
    // NaN is not equal to itself.
    if (is !== was && !Object.is(is, was)) return false;
  }
  return areAccessorsAsBefore(one);
}

function areAccessorsAsBefore({ target, keys, descriptors, accessors }: PatchableObject): boolean {
  for (const at of accessors) {
    const is = getOwnPropertyDescriptor(target, keys[at] as PropertyKey);
    if (is === undefined || is.get !== descriptors[at]?.get || is.set !== descriptors[at]?.set) return false;
  }
  return true;
}

function differencesOf(one: PatchableObject): readonly string[] {
  const { target, path, keys, descriptors, prototype } = one;
  const before = new Map(keys.map((key, i) => [key, descriptors[i]]));
  const names: string[] = [];
  const note = (key: PropertyKey, what: string) => names.push(`${nameOf(path, key)} ${what}`);
  for (const key of ownKeys(target)) {
    const was = before.get(key);
    if (!before.has(key)) {
      if (!one.ignores(key)) note(key, 'added');
    } else if (was !== undefined && !isSame(target, key, was)) note(key, 'replaced');
    else if (was !== undefined && isEnumerable(target, key) !== was.enumerable) note(key, 'redefined');
    before.delete(key);
  }
  for (const key of before.keys()) if (!one.ignores(key)) note(key, 'removed');
  if (isExtensible(target) !== one.isExtensible) names.push(`${path || 'globalThis'} frozen`);
  if (getPrototypeOf(target) !== prototype) names.push(`the prototype of ${path || 'globalThis'} replaced`);
  return names;
}

function isSame(target: object, key: PropertyKey, was: PropertyDescriptor): boolean {
  const is = getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
  if (Object.is(is.value, was.value) && is.get === was.get && is.set === was.set) return true;
  return was.get !== undefined && 'value' in is && isLazyValue(target, key, was.get, is);
}

/**
 * True for a property that Node defines when it is first read: its getter is replaced by the value it gives. Only the getter
 * can tell its own value from another that was put there. If it has to make the value first, it takes the place of the
 * other, which is therefore put back.
 */
function isLazyValue(target: object, key: PropertyKey, get: () => unknown, is: PropertyDescriptor): boolean {
  if (is.configurable !== true) return false;
  try {
    return Object.is(get.call(target), is.value);
  } catch {
    return false;
  } finally {
    Object.defineProperty(target, key, is);
  }
}

function isEnumerable(target: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(target, key);
}

function nameOf(path: string, key: PropertyKey): string {
  const name = typeof key === 'symbol' ? `[${key.description ?? 'symbol'}]` : String(key);
  if (path === '') return name;
  return name.startsWith('[') ? `${path}${name}` : `${path}.${name}`;
}
