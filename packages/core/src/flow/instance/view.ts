import { inspect } from 'node:util';
import { VarveError } from '../../contract/index.ts';

/** Called for each name read (present or not); with `undefined` when the names were enumerated. */
export type OnRead = (name: string | undefined, present: boolean) => void;

/**
 * A read-only view of the artifacts after a finished task: they are loaded when read, methods are not among them. An
 * absent name is `undefined`. Assigning and deleting throw `VARVE_VIEW_READONLY`.
 */
export function createView(names: readonly string[], load: (name: string) => unknown, onRead: OnRead): object {
  const handler = new ViewHandler(new Set(names), load, onRead);
  // `console.log` reads the target, not the proxy.
  const view: object = new Proxy({ [inspect.custom]: () => ({ ...view }) }, handler);
  return view;
}

class ViewHandler implements ProxyHandler<object> {
  private namesSeen = false;

  constructor(
    private readonly names: ReadonlySet<string>,
    private readonly load: (name: string) => unknown,
    private readonly onRead: OnRead,
  ) {}

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (typeof key === 'symbol') return Reflect.get(target, key, receiver);
    // An artifact hides a member of `Object.prototype` of the same name.
    return this.isInherited(key) ? this.inherited(target, key) : this.read(key);
  }

  has(_: object, key: string | symbol): boolean {
    if (typeof key === 'symbol') return false;
    return this.isInherited(key) || this.observe(key);
  }

  ownKeys(): string[] {
    this.namesSeen = true;
    this.onRead(undefined, true);
    return [...this.names];
  }

  getOwnPropertyDescriptor(_: object, key: string | symbol): PropertyDescriptor | undefined {
    if (typeof key === 'symbol' || !this.observe(key)) return undefined;
    return { get: () => this.read(key), enumerable: true, configurable: true };
  }

  set(_: object, key: string | symbol): boolean {
    return refuse(key);
  }

  defineProperty(_: object, key: string | symbol): boolean {
    return refuse(key);
  }

  deleteProperty(_: object, key: string | symbol): boolean {
    return refuse(key);
  }

  private isInherited(name: string): boolean {
    return !this.names.has(name) && name in Object.prototype;
  }

  /** True when the name exists. Enumerating calls this for each name, after it has read the set of all names. */
  private observe(name: string): boolean {
    const present = this.names.has(name);
    if (!this.namesSeen) this.onRead(name, present);
    return present;
  }

  private inherited(target: object, name: string): unknown {
    this.onRead(name, false);
    return Reflect.get(target, name);
  }

  private read(name: string): unknown {
    const present = this.names.has(name);
    this.onRead(name, present);
    return present ? this.load(name) : undefined;
  }
}

function refuse(key: string | symbol): never {
  throw new VarveError('VARVE_VIEW_READONLY', `'${String(key)}' of a finished task cannot be changed`, {
    hint: `Assign to the joining step's own field instead: this.${String(key)} = …`,
  });
}
