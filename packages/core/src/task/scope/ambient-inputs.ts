import type { AmbientCall, AmbientReads } from '../../contract/index.ts';
import type { OutsideInputs } from '../../flow/index.ts';

/** Calls of one attempt that are remembered: they are for people. */
const CALLS_MAX = 20;

/** Collects what one attempt, or the loading of a flow's file, looks at outside of the run. Observers fill it. */
export class AmbientInputs {
  private readonly tokens = new Map<string, string>();
  private readonly calls = new Map<string, AmbientCall>();
  private readonly last: (() => void | Promise<void>)[] = [];
  private readonly undoing: (() => void)[] = [];
  private readonly watchers: ((name: string) => void)[] = [];
  private readonly settling: (() => void)[] = [];
  private left = false;
  private unrecorded: string | undefined;
  private load: string | undefined;
  private ended = false;

  constructor(
    /** Called with a read or a call that comes after `end`, by code that was left running. */
    private readonly onLate: (what: string) => void = () => {},
    /** What the step says of what counts, besides the config; the same object for all attempts of the step in a thread. */
    readonly counts?: OutsideInputs | undefined,
  ) {}

  /** Inputs of code that runs on behalf of this attempt but is noted by itself. What it changes is undone with the attempt. */
  part(onLate: (what: string) => void): AmbientInputs {
    const part = new AmbientInputs(onLate);
    part.undo = (action) => this.undo(action);
    part.watchers.push(...this.watchers);
    return part;
  }

  /** Calls `seen` with each name that is read from now on, also of what was read before, and by parts made from now on. */
  watch(seen: (name: string) => void): void {
    this.watchers.push(seen);
  }

  /** Tells the watchers that this is read now. Its token may be noted later. */
  mark(name: string): void {
    for (const seen of this.watchers) seen(name);
  }

  /** Calls `action` when a token is asked for before the attempt has ended, to note what can be noted now. */
  onSettle(action: () => void): void {
    this.settling.push(action);
  }

  /** What was read under a name up to now. */
  tokenOf(name: string): string | undefined {
    if (!this.ended) for (const action of this.settling) action();
    return this.tokens.get(name);
  }

  /** All names under which something was read; `undefined` while the attempt has not ended, and when it has failed. */
  get names(): readonly string[] | undefined {
    return this.ended ? [...this.tokens.keys()] : undefined;
  }

  /** The reason for which other runs must not use the result, as far as it is known. */
  get refusal(): string | undefined {
    return this.unrecorded;
  }

  /** True when something under this name was seen already. */
  has(name: string): boolean {
    this.mark(name);
    return this.tokens.has(name);
  }

  /**
   * Notes what was seen, by `formatRead` and with a token as in `AmbientReads`. The first token counts: one that differs
   * later, because something outside has changed it meanwhile, makes the result unusable for other runs.
   */
  read(name: string, token: string): void {
    if (this.ended) return this.onLate(name);
    if (this.watchers.length > 0) this.mark(name);
    const known = this.tokens.get(name);
    if (known === undefined) this.tokens.set(name, token);
    else if (known !== token) this.refuse(`${name.slice(1)} changed while it was read`);
  }

  /** Notes something that is known only at the end, over what was seen before under this name. */
  replace(name: string, token: string): void {
    this.tokens.set(name, token);
  }

  /** True when this call was seen already: its place need not be searched again. */
  hasCall(call: string): boolean {
    return this.calls.has(call);
  }

  /** Notes a call whose result no key can hold. The first one of each name counts, but one of a package gives way to the user's. */
  call(call: AmbientCall): void {
    if (this.ended) return this.onLate(call.call);
    const known = this.calls.get(call.call);
    const counts = known ? known.package !== undefined && call.package === undefined : this.calls.size < CALLS_MAX;
    if (counts) this.calls.set(call.call, call);
  }

  /** Keeps the result from being used by other runs. The first reason counts. */
  refuse(reason: string): void {
    this.unrecorded ??= reason;
  }

  /** Notes what the flow's modules had read when they were loaded, as a digest. */
  loadedWith(digest: string): void {
    this.load = digest;
  }

  /** Calls `action` once before the inputs are handed on, in the order of the calls. */
  atEnd(action: () => void | Promise<void>): void {
    this.last.push(action);
  }

  /**
   * Calls `action` when the attempt is over, however it ended; at once when it is over already. Never for the loading of a
   * flow's file: what that changed stays.
   */
  undo(action: () => void): void {
    if (this.left) action();
    else this.undoing.push(action);
  }

  /** Undoes what the attempt changed in this thread, last first. */
  leave(): void {
    this.left = true;
    for (const action of this.undoing.splice(0).reverse()) action();
  }

  /** Names are sorted without a function that compares: a task may read ten thousand files. */
  private sorted(): Record<string, string> {
    const tokens: Record<string, string> = {};
    for (const name of [...this.tokens.keys()].sort()) tokens[name] = this.tokens.get(name) as string;
    return tokens;
  }

  /** Everything that was seen. Call it once, when the code has ended. */
  async end(): Promise<AmbientReads | undefined> {
    for (const action of this.last) await action();
    this.ended = true;
    const { load, unrecorded } = this;
    if (this.tokens.size === 0 && this.calls.size === 0 && (load ?? unrecorded) === undefined) return undefined;
    return {
      tokens: this.sorted(),
      ...(this.calls.size > 0 && { calls: [...this.calls.values()] }),
      ...(load !== undefined && { load }),
      ...(unrecorded !== undefined && { unrecorded }),
    };
  }
}
