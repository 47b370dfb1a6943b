import Module from 'node:module';

/** A CommonJS module of this thread, as Node keeps it. */
export interface LoadedModule {
  readonly filename?: string | null;
  /** False while it is evaluated. */
  readonly loaded?: boolean;
  /** Missing from JSON that `import` has loaded: Node keeps no whole module for it. */
  readonly children?: readonly LoadedModule[];
}

type Load = (request: string, parent: LoadedModule | undefined, isMain: boolean) => unknown;

/** The parts of `node:module` that the types leave out; tools have built on them for ten years. */
export interface CommonJs {
  _load: Load;
  _resolveFilename: (request: string, parent: LoadedModule | undefined, isMain: boolean, options?: unknown) => string;
  readonly _cache: Readonly<Record<string, LoadedModule | undefined>>;
}

export const commonJs = Module as unknown as CommonJs;

/** Files that were loaded by `require`, each with those that it loaded itself. */
export type RequiredFiles = ReadonlyMap<string, readonly string[]>;

/** Lists the CommonJS modules of this thread. JSON and native addons are among them. */
export function requiredFiles(): Map<string, readonly string[]> {
  const files = new Map<string, readonly string[]>();
  for (const [file, module] of Object.entries(commonJs._cache)) if (module) files.set(file, childrenOf(module));
  return files;
}

/** Files that a module loaded by `require`, also those that were loaded before. */
export function childrenOf({ children = [] }: LoadedModule): readonly string[] {
  return children.flatMap(({ filename }) => filename ?? []);
}

/** Path of the file that `require` loads; `undefined` for built-ins and what is not there. */
export function resolveOrNothing(request: string, parent: LoadedModule | undefined): string | undefined {
  try {
    const path = commonJs._resolveFilename(request, parent, false);
    return /^([/\\]|[a-z]:)/i.test(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
