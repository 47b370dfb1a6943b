import type { History } from '@varve/client';
import { VarveError } from '@varve/core/contract';
import { type Composition, closed, findStack, type SetupOptions } from '@varve/runtime';

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
    try {
      const { history } = await stack.get('history');
      this.options.set(history, options);
      return stack;
    } catch (error) {
      await stack.close().catch(() => {});
      throw error;
    }
  }
}

/** One stack for everything, opened when it is first needed. */
export class OneStack implements Stacks {
  private opened: Promise<Composition> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly create: () => Promise<Composition>) {}

  /** Throws `VARVE_CONFIG` for options that name another stack, and `VARVE_CLOSED`. */
  async open({ config, profile, store }: SetupOptions = {}): Promise<Composition> {
    if (this.closing) throw closed();
    const other = config ?? profile ?? store;
    if (other !== undefined) throw anotherStack(other);
    const opened = this.opened ?? this.create();
    this.opened = opened;
    opened.catch(() => {
      this.opened = undefined;
    });
    return opened;
  }

  optionsOf(): SetupOptions {
    return {};
  }

  close(): Promise<void> {
    this.closing ??= Promise.resolve(this.opened?.catch(() => undefined)).then((stack) => stack?.close());
    return this.closing;
  }
}

function anotherStack(name: string): VarveError {
  return new VarveError(
    'VARVE_CONFIG',
    `a varve that createVarve() made has its stack already, and was given ${name}`,
    {
      hint: 'Name it when the varve is made: createVarve({ stack, profile }).',
    },
  );
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
