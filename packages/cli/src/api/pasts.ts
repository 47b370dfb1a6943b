import type { History } from '@varve/client';
import { findSetup, type OpenHistory, openHistory, openPart, type SetupOptions } from '@varve/runtime';

/** The histories that code has opened, each once. */
export class HistoryPool {
  private readonly opened = new Map<string, Promise<OpenHistory>>();
  private readonly options = new WeakMap<History, SetupOptions>();

  /** `defaults`: file URL of the module with the default plugins. */
  constructor(readonly defaults: string) {}

  open(options: SetupOptions): Promise<OpenHistory> {
    const wanted = setupOptions(options);
    const key = JSON.stringify(wanted);
    const known = this.opened.get(key);
    if (known) return known;
    const fresh = this.openNew(wanted);
    this.opened.set(key, fresh);
    fresh.catch(() => this.opened.delete(key));
    return fresh;
  }

  /** What a history was opened with: whoever goes on with one of its runs means the same store. */
  optionsOf(history: History): SetupOptions {
    return this.options.get(history) ?? {};
  }

  private async openNew(options: SetupOptions): Promise<OpenHistory> {
    const { defaults } = this;
    const root = options.from ?? process.cwd();
    const loader = () => openPart({ defaults, projectRoot: root, stateDir: root }, 'loader');
    const opened = await openHistory(await findSetup(defaults, loader, options));
    this.options.set(opened.history, options);
    return opened;
  }
}

/** What decides which history is opened. */
function setupOptions({ from, config, profile, store }: SetupOptions): SetupOptions {
  return {
    ...(config !== undefined && { config }),
    ...(profile !== undefined && { profile }),
    ...(store !== undefined && { store }),
    ...(from !== undefined && { from }),
  };
}
