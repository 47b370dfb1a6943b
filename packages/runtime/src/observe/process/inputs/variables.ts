import { isMainThread } from 'node:worker_threads';
import { type AmbientInputs, loadingInputs } from '@varve/core/internal';

type Value = string | undefined;

/**
 * The variables of this thread, as each attempt sees them. What an attempt sets goes through to Node, which tells V8 of
 * `TZ`, but other attempts keep seeing what was there before, and it is undone when the attempt is over. What the loading of
 * a flow's file sets stays.
 */
export class Variables {
  /** Names that running attempts have changed, with the values before. */
  private readonly before = new Map<string, Value>();
  private readonly changes = new Map<AmbientInputs, Map<string, Value>>();
  /** Names that the loading of a file has set, and the values before. */
  private readonly loaded = new Map<string, Value>();
  private readonly loads = new Set<AmbientInputs>();

  constructor(
    readonly real: NodeJS.ProcessEnv,
    /** Called when Node may have changed the time zone. */
    private readonly onZone: () => void,
  ) {}

  get(name: string, inputs: AmbientInputs | undefined): Value {
    if (this.before.size === 0 || inputs === undefined) return this.real[name];
    const own = this.changes.get(inputs);
    if (own?.has(name)) return own.get(name);
    return this.before.has(name) ? this.before.get(name) : this.real[name];
  }

  names(inputs: AmbientInputs | undefined): string[] {
    const names = Object.keys(this.real);
    if (this.before.size === 0 || inputs === undefined) return names;
    const all = new Set([...names, ...this.before.keys()]);
    return [...all].filter((name) => this.get(name, inputs) !== undefined);
  }

  /** The value without what running attempts have changed. */
  outer(name: string): Value {
    return this.before.has(name) ? this.before.get(name) : this.real[name];
  }

  /** The names without what code of the flow has set. */
  foreignNames(): string[] {
    const names = new Set(Object.keys(this.real));
    const restore = (value: Value, name: string) => (value === undefined ? names.delete(name) : names.add(name));
    this.before.forEach(restore);
    if (this.loads.size <= 1) this.loaded.forEach(restore);
    return [...names];
  }

  /** True for a variable that the code with these inputs, or the loading of its file, has set itself. */
  isOwn(name: string, inputs: AmbientInputs): boolean {
    if (this.changes.get(inputs)?.has(name)) return true;
    // Several flows were loaded into this thread: nobody knows which of them the attempt belongs to.
    return this.loads.size <= 1 && this.loaded.has(name);
  }

  /** True when the flow has set the time zone itself. In a worker thread `TZ` is a variable like others. */
  hasOwnZone(inputs: AmbientInputs): boolean {
    return isMainThread && this.isOwn('TZ', inputs);
  }

  /** Makes a change that has happened already one by the code with these inputs. `value`: the one before. */
  adopt(name: string, value: Value, inputs: AmbientInputs | undefined): void {
    if (inputs === undefined) {
      if (this.before.has(name)) this.before.set(name, this.real[name]);
    } else if (inputs === loadingInputs()) {
      this.loads.add(inputs);
      if (!this.loaded.has(name)) this.loaded.set(name, value);
    } else {
      if (!this.before.has(name)) this.before.set(name, value);
      this.changesOf(inputs).set(name, this.real[name]);
    }
    if (name === 'TZ') this.onZone();
  }

  /** Remembers that a flow's file was loaded by this thread. */
  see(inputs: AmbientInputs): void {
    if (inputs === loadingInputs()) this.loads.add(inputs);
  }

  private changesOf(inputs: AmbientInputs): Map<string, Value> {
    const known = this.changes.get(inputs);
    if (known) return known;
    const fresh = new Map<string, Value>();
    this.changes.set(inputs, fresh);
    inputs.undo(() => this.undo(inputs));
    return fresh;
  }

  private undo(inputs: AmbientInputs): void {
    const own = this.changes.get(inputs) ?? [];
    this.changes.delete(inputs);
    for (const [name] of own) {
      const other = [...this.changes.values()].findLast((changes) => changes.has(name));
      this.restore(name, other ? other.get(name) : this.before.get(name));
      if (!other) this.before.delete(name);
    }
  }

  private restore(name: string, value: Value): void {
    if (value === undefined) Reflect.deleteProperty(this.real, name);
    else this.real[name] = value;
    if (name === 'TZ') this.onZone();
  }
}
