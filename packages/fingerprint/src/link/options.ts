import type { Digest, ImportTarget } from '@varve/core/contract';

/** An import that leads to an installed package. */
export type PackageTarget = Extract<ImportTarget, { type: 'package' }>;

/** Identity of an installed package. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  /** Covers its content, patches and all that it depends on. */
  readonly digest: Digest;
  readonly native: boolean;
}

/** Digests of files that code reads by name or may load. */
export interface AssetSource {
  /** Digest of a file, or of a folder with its content; `undefined` if there is none. */
  digest(path: string): Digest | undefined;
  /** Digest of all source files of the project. */
  project(): Digest;
}

/** Access to packages and files outside the module graph. */
export interface Surroundings {
  readonly packageInfo: (target: PackageTarget) => PackageInfo;
  readonly assets: AssetSource;
  /** Looks a specifier up at run time, from a file, as `createRequire` does. */
  readonly findInstalled: (file: string, specifier: string) => PackageTarget | undefined;
}

/** Rules for which code counts as changing shared state while files are loaded. */
export interface EffectRules {
  /** A name that is passed on counts as changed. */
  readonly strict: boolean;
  /** True if calling this function of a package changes nothing in the package. */
  readonly isPureCall: (module: string, name: string) => boolean;
}

/** Options of the user that add to the code of a step or replace it. */
export interface Overrides {
  /** Absolute paths of files and folders that every step depends on. */
  readonly includes: readonly string[];
  /** Part of every hash. */
  readonly salt: string;
  /** The version that replaces the code of a step, if the user gave one. */
  readonly versionOf: (step: string) => string | undefined;
}

export interface LinkOptions extends Surroundings {
  readonly rules: EffectRules;
  /** Hash all code of the flow into every step. */
  readonly wholeFiles: boolean;
  readonly overrides: Overrides;
}
