import type { History } from '@varve/client';
import { type Composition, findStack, type SetupOptions } from '@varve/runtime';

/** The stacks that functions called from code work on. */
export interface Stacks {
  /** The stack for these options, opened once. */
  open(options: SetupOptions): Promise<Composition>;
  /** Options of the stack whose history this is: a run is continued in the store it was read from. */
  optionsOf(history: History): SetupOptions;
}

/** The stacks of the configs that were found, each opened once and kept until the process ends. */
export class FoundStacks implements Stacks {
  private readonly opened = new Map<string, Promise<Composition>>();
  private readonly options = new WeakMap<History, SetupOptions>();

  /** `defaults`: file URL of the module with the default plugins. */
  constructor(private readonly defaults: string) {}

  open(options: SetupOptions): Promise<Composition> {
    const wanted = pickSetup(options);
    const key = JSON.stringify(wanted);
    const known = this.opened.get(key);
    if (known) return known;
    const fresh = this.openNew(wanted);
    this.opened.set(key, fresh);
    fresh.catch(() => this.opened.delete(key));
    return fresh;
  }

  optionsOf(history: History): SetupOptions {
    return this.options.get(history) ?? {};
  }

  private async openNew(options: SetupOptions): Promise<Composition> {
    const stack = await findStack(this.defaults, options);
    const { history } = await stack.get('history');
    this.options.set(history, options);
    return stack;
  }
}

/** One stack for everything, opened when it is first needed. */
export class OneStack implements Stacks {
  private opened: Promise<Composition> | undefined;
  private closed = false;

  constructor(private readonly create: () => Promise<Composition>) {}

  open(): Promise<Composition> {
    const opened = this.opened ?? this.create();
    this.opened = opened;
    opened.catch(() => {
      if (!this.closed) this.opened = undefined;
    });
    return opened;
  }

  optionsOf(): SetupOptions {
    return {};
  }

  async close(): Promise<void> {
    this.closed = true;
    const stack = this.opened ?? this.create();
    this.opened = stack;
    await (await stack.catch(() => undefined))?.close();
  }
}

/** The options that decide which stack is opened. */
function pickSetup({ from, config, profile, store }: SetupOptions): SetupOptions {
  return {
    ...(config !== undefined && { config }),
    ...(profile !== undefined && { profile }),
    ...(store !== undefined && { store }),
    ...(from !== undefined && { from }),
  };
}
