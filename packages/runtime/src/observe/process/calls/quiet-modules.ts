type Module = Record<string, unknown>;

/** A module of Node that is experimental. */
export interface QuietModule {
  readonly module: Module;
  /** Gives the notice that was kept back. Call it when somebody uses the module: only the first call does something. */
  readonly announce: () => void;
}

/** Loads a module of Node and keeps back the notice that it is experimental; `undefined` where there is none. */
export function loadQuietly(name: string): QuietModule | undefined {
  const { emitWarning } = process;
  const notices: unknown[][] = [];
  try {
    process.emitWarning = (...notice: unknown[]) => void notices.push(notice);
    const module = process.getBuiltinModule(name) as unknown as Module | undefined;
    const announce = () => {
      for (const notice of notices.splice(0)) Reflect.apply(process.emitWarning, process, notice);
    };
    return module && { module, announce };
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
