import type { Duration } from '@varve/core';
import { CONTRACT, type Kind, type Plugin } from '@varve/core/contract';
import type { CacheMode, OutsideInputs, Purity } from '@varve/core/internal';

/** One plugin a kind. What is left out is varve's own default. */
export interface Slots {
  /** Keeps bytes. Left out: the folder `.varve/store`. */
  readonly datastore?: Plugin<'datastore'>;
  /** Keeps the history of runs. Left out: the datastore does. */
  readonly metadata?: Plugin<'metadata'>;
  /** Lists the runs in the datastore, where there are very many: `varve index`. Left out: the datastore does. */
  readonly index?: Plugin<'index'>;
  /** Turns values into bytes and back. */
  readonly serializer?: Plugin<'serializer'>;
  /** Names bytes by their content. Left out: SHA-256. */
  readonly hasher?: Plugin<'hasher'>;
  /** Runs tasks. Left out: worker threads. */
  readonly runner?: Plugin<'runner'>;
  /** Compiles a flow's file. */
  readonly loader?: Plugin<'loader'>;
  /** Hashes a step's code. */
  readonly fingerprinter?: Plugin<'fingerprinter'>;
  /**
   * Serializers and hashers that only read: what earlier configs have written stays readable. Varve's own are always among
   * them.
   */
  readonly readers?: readonly (Plugin<'serializer'> | Plugin<'hasher'>)[];
}

/** The `cache` setting of `varve.config.ts`. */
export interface CacheConfig {
  /** `rw` (default), `read`, `write`, `refresh` or `off`. */
  readonly mode?: CacheMode;
  /** Results older than this are not used. */
  readonly maxAge?: Duration;
  /** Steps that call `Date.now`, `fetch` and the like: `warn` (default) says so once, `strict` never uses their results again. */
  readonly purity?: Purity;
}

/** The settings of a config, or of a profile in it. */
export interface Settings extends Slots {
  /** Use of results of earlier runs. */
  readonly cache?: CacheConfig;
  /** What counts as an input of steps outside of the run. */
  readonly inputs?: OutsideInputs;
}

/** The default export of `varve.config.ts`. */
export interface VarveConfig extends Settings {
  /** Overlays by name, chosen with `--profile` or `VARVE_PROFILE`. */
  readonly profiles?: Readonly<Record<string, Settings>>;
}

/** Types the config; changes nothing. */
export function defineConfig(config: VarveConfig): VarveConfig {
  return config;
}

export const KINDS = Object.keys(CONTRACT) as Kind[];
