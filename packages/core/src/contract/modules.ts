import type { Digest } from './reference.ts';

/** The target of an import. */
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
  /** The parser that was used. */
  readonly loader: 'ts' | 'tsx' | 'js' | 'jsx' | 'json' | 'text' | 'binary' | 'file';
  /** The bytes that were compiled, so that no reader sees a file that changed meanwhile. */
  readonly contents: Uint8Array;
  /** sha256 of `contents`. */
  readonly digest: Digest;
  readonly imports: readonly ModuleImport[];
  /** Its compiler options, where another `tsconfig.json` applies to it than to the entry; see `ModuleGraph.emit`. */
  readonly emit?: Readonly<Record<string, unknown>>;
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

/** Local sources that are compiled instead of those on disk, e.g. those that a run has stored. */
export interface GivenSources {
  /** Contents by absolute path: all that the entry reaches. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Imports between these files. Every other import is a package or part of Node. */
  readonly imports: readonly GivenImport[];
  readonly emit: ModuleGraph['emit'];
}

export interface GivenImport extends Pick<ModuleImport, 'specifier' | 'kind'> {
  /** Absolute, as in `files`. */
  readonly importer: string;
  /** Absolute, as in `files`. */
  readonly path: string;
}

/** Turns a flow's file into something Node loads. */
export interface Loader {
  /**
   * Compiles a file as it is on disk, or as it is among `sources`. Throws `VarveError` (`VARVE_COMPILE`) with the user's
   * own line for every mistake found, also for an import of a local file that is not among the sources.
   */
  compile(entry: string, sources?: GivenSources): Promise<Compilation>;
  /** Stops the processes it started, e.g. a compiler's. A later `compile` starts them again. */
  close?(): Promise<void>;
}
