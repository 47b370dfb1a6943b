import type { Entry } from './packages/follow-imports.ts';

/** The scripts of a thread once a flow is loaded, as plain data. */
export interface LoadedScripts {
  /** Files that `require` has loaded, each with those that it loaded itself. */
  readonly required: readonly (readonly [path: string, children: readonly string[]])[];
  /** Files that were loaded through `createRequire`, or without any import that leads to them. */
  readonly asked: readonly Entry[];
  /** What computed `import()`s were given, and the file that calls. */
  readonly imported: readonly (readonly [target: string, from: string])[];
  /** When the load began, ms since the Unix epoch: a file that changed later may not be the one that was loaded. */
  readonly since: number;
}

/** Built-ins that were patched while a flow was loaded, by name: `Array.prototype.last added`. */
export interface Patched {
  /** By packages. */
  readonly packages: readonly string[];
  /** By the user's own modules. */
  readonly modules: readonly string[];
}
