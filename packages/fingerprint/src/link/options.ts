import type { Digest, ImportTarget } from '@varve/core/contract';

export type PackageTarget = Extract<ImportTarget, { type: 'package' }>;

/** What is known of an installed package. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  readonly native: boolean;
}

/** Content of files that are read by name, or that may be loaded. */
export interface AssetSource {
  /** Digest of a file, or of a folder with all that is in it; nothing if there is none. */
  digest(path: string): Digest | undefined;
  /** Digest of all source files of the project. */
  project(): Digest;
}

/** What linking needs from the world outside. */
export interface Surroundings {
  readonly packageInfo: (target: PackageTarget) => PackageInfo;
  readonly assets: AssetSource;
  /** The installed package that code in a file finds by a specifier. */
  readonly findInstalled: (file: string, specifier: string) => PackageTarget | undefined;
}

/** How much counts as a change of shared state while files are loaded. */
export interface EffectRules {
  /** Every name handed on counts as changed. */
  readonly strict: boolean;
  /** Whether a call of this function of a package changes nothing in the package. */
  readonly isPureCall: (module: string, name: string) => boolean;
}

/** What the user says of the code, besides the code. */
export interface Overrides {
  /** Absolute paths of files and folders that every step depends on. */
  readonly includes: readonly string[];
  /** In every hash. */
  readonly salt: string;
  /** Stands for the code of a step, if the user gave one. */
  readonly versionOf: (step: string) => string | undefined;
}

export interface LinkOptions extends Surroundings {
  readonly rules: EffectRules;
  /** Hash all code of the flow into every step. */
  readonly wholeFiles: boolean;
  readonly overrides: Overrides;
}
