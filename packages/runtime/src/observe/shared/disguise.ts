/** Any function, for code that wraps it without knowing what it does. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Originals of functions that stand in for others. */
const originals = new WeakMap<object, object>();

/**
 * Makes `wrapper` look like `original`: name, length, source text, and every property somebody has put on it, e.g. for
 * `util.promisify`. Returns `wrapper`.
 */
export function disguise<T extends object>(wrapper: T, original: object): T {
  for (const key of Reflect.ownKeys(original)) {
    const theirs = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
    const ours = Object.getOwnPropertyDescriptor(wrapper, key);
    // Most are the same already, and this is done for hundreds of functions in each thread.
    if (ours !== undefined && ours.value === theirs.value && ours.enumerable === theirs.enumerable) continue;
    // The prototype of a function cannot be taken away, but given.
    if (ours?.configurable !== false || ours.writable) Object.defineProperty(wrapper, key, theirs);
  }
  originals.set(wrapper, original);
  return wrapper;
}

/** Remembers a stand-in that looks like its original by itself, but for its source text: a Proxy. Returns `proxy`. */
export function disguiseText<T extends object>(proxy: T, original: object): T {
  originals.set(proxy, original);
  return proxy;
}

let whenRead: (text: string) => void = () => {};

/** Calls `seen` with each text of a function that code asks for. */
export function onTextRead(seen: (text: string) => void): void {
  whenRead = seen;
}

/**
 * Makes `Function.prototype.toString` show the text of the original for a function that stands in for it: there is code
 * that asks so for native functions.
 */
export function installDisguise(): void {
  const original = Function.prototype.toString;
  const wrapper = {
    toString(this: object) {
      const text: string = Reflect.apply(original, originals.get(this) ?? this, []);
      whenRead(text);
      return text;
    },
  };
  Function.prototype.toString = disguise(wrapper.toString, original);
}

/**
 * Puts a function around the method `owner[key]` that calls `before` with the method's arguments and object first; a function
 * that this returns is called with the result. The method keeps its look and its place. Does nothing when there is no such
 * method, or when it cannot be replaced.
 */
export function watchMethod(
  owner: object,
  key: string,
  before: (wrapper: AnyFunction, args: readonly unknown[], self: unknown) => unknown,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  const original = descriptor?.value as AnyFunction | undefined;
  if (typeof original !== 'function' || !isReplaceable(descriptor)) return;
  // A method and not a function expression: like a built-in it has no prototype and is no constructor.
  const { [key]: wrapper } = {
    [key](this: unknown, ...args: unknown[]) {
      const after = before(wrapper as AnyFunction, args, this);
      const result: unknown = Reflect.apply(original, this, args);
      if (typeof after === 'function') after(result);
      return result;
    },
  };
  Object.defineProperty(owner, key, { ...descriptor, value: disguise(wrapper as AnyFunction, original) });
}

/** As `watchMethod`, for a property that is read: `before` is called by each read. */
export function watchGetter(owner: object, key: string, before: (getter: AnyFunction) => void): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  const original = descriptor?.get as AnyFunction | undefined;
  if (!original || !descriptor?.configurable) return;
  const { get } = {
    get(this: unknown): unknown {
      before(get);
      return Reflect.apply(original, this, []);
    },
  };
  Object.defineProperty(owner, key, { ...descriptor, get: disguise(get, original) });
}

/** As `watchGetter`, for a property that holds a value: afterwards it is an accessor, and can be set as before. */
export function watchValue(owner: object, key: string, before: (getter: AnyFunction) => void): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (!descriptor?.configurable || descriptor.get) return;
  let { value } = descriptor;
  const get = (): unknown => {
    before(get);
    return value;
  };
  const set = (next: unknown): void => {
    value = next;
  };
  const { enumerable = false } = descriptor;
  Object.defineProperty(owner, key, { configurable: true, enumerable, get, ...(descriptor.writable && { set }) });
}

/** Watches reads of a property, whatever it is made of. */
export function watchProperty(owner: object, key: string, before: (getter: AnyFunction) => void): void {
  const isAccessor = Object.getOwnPropertyDescriptor(owner, key)?.get !== undefined;
  (isAccessor ? watchGetter : watchValue)(owner, key, before);
}

function isReplaceable(descriptor: PropertyDescriptor | undefined): boolean {
  return descriptor?.configurable === true || descriptor?.writable === true;
}
