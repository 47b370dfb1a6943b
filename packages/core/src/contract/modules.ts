import type { Digest } from './reference.ts';

/** Where an import leads. */
export type ImportTarget =
  | { readonly type: 'module' /** Absolute real path; a key of the graph. */; readonly path: string }
  | {
      readonly type: 'package';
      readonly name: string;
      readonly version: string;
      /** Absolute real path of the folder with its `package.json`. */ readonly directory: string;
      /** Absolute real path of the file that is loaded. */ readonly file: string;
    }
  | { readonly type: 'builtin'; readonly name: string }
  | { readonly type: 'unresolved' };

export interface ModuleImport {
  /** As written in the source. */
  readonly specifier: string;
  readonly kind: 'import' | 'dynamic-import' | 'require';
  readonly target: ImportTarget;
}

/** One local source file of a flow: everything that is not inside `node_modules`. */
export interface SourceModule {
  /** Absolute real path. */
  readonly path: string;
  /** How it was parsed. */
  readonly loader: 'ts' | 'tsx' | 'js' | 'jsx' | 'json' | 'text' | 'binary' | 'file';
  /** The very bytes that were compiled, so that nobody reads a file that changed meanwhile. */
  readonly contents: Uint8Array;
  /** sha256 of `contents`. */
  readonly digest: Digest;
  readonly imports: readonly ModuleImport[];
}

/** The local modules a flow file is made of, in the order in which they are evaluated (imports first). */
export interface ModuleGraph {
  /** Absolute path of the project: the nearest folder upward with a `package.json`, or the entry's own. */
  readonly root: string;
  /** Absolute real path of the flow's file. */
  readonly entry: string;
  readonly modules: readonly SourceModule[];
  /** Compiler options that change what code does; from the nearest `tsconfig.json` of the entry. */
  readonly emit: Readonly<Record<string, unknown>>;
}

/** A flow file, compiled once per run. */
export interface Compilation {
  /** The one ES module that workers load: source map inline, imports of packages as absolute file URLs. */
  readonly code: string;
  /** sha256 of `code`. */
  readonly digest: Digest;
  readonly graph: ModuleGraph;
}

/** Turns a flow's file into something Node loads. */
export interface Loader {
  /** Throws `VarveError` (`VARVE_COMPILE`) with the user's own line for every mistake found. */
  compile(entry: string): Promise<Compilation>;
  /** Ends what it started, e.g. a compiler's own process. A later `compile` starts it again. */
  close?(): Promise<void>;
}
