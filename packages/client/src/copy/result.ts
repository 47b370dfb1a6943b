import type { CallOptions, Clock, Datastore, Hasher } from '@varve/core/contract';

/** A store that is copied from or to. */
export interface CopySide {
  /** With its retries. */
  readonly store: Datastore;
  /** Checks digests besides SHA-256. */
  readonly hasher?: Hasher;
  /** Further hashers whose digests can be read. */
  readonly alsoRead?: readonly Hasher[];
}

export interface CopyOptions extends CallOptions {
  /** Writes nothing and reads no artifact: only says what would be copied. */
  readonly dryRun?: boolean;
  /** Most objects under way at once. Default 16; of those over 8 MiB at most 4. */
  readonly concurrency?: number;
  /**
   * Only the newest so many runs of each flow, with those that are pinned or that they resumed, and only results that
   * these made or used.
   */
  readonly keepLast?: number;
  readonly clock: Clock;
  onProgress?(progress: CopyProgress): void;
  /** Called once when a `varve gc` in the target has to end first. */
  onWait?(message: string): void;
}

/** How far a copy is. */
export interface CopyProgress {
  /** Objects that are copied, or were there. */
  readonly done: number;
  readonly total: number;
  /** Bytes that were sent so far. */
  readonly bytes: number;
}

/** A run by its names. */
export interface CopiedRun {
  readonly flow: string;
  readonly number: number;
  readonly id: string;
}

/** Something that could not be copied. */
export interface NotCopied {
  /** Stable, e.g. `VARVE_CORRUPT_ARTIFACT`. */
  readonly code: string;
  /** Key of the object in the source. */
  readonly object: string;
  readonly message: string;
  readonly hint?: string;
  /** `Penguins/12` for each run that needs it. */
  readonly runs: readonly string[];
}

/** The outcome of a copy. In a dry run it says what a copy would do. */
export interface StoreCopy {
  /** Names of the stores. */
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  /** Runs that the target did not have before, oldest first. */
  readonly runs: readonly CopiedRun[];
  /** Objects written, and their bytes. */
  readonly copied: Amount;
  /** Objects that the target had already. */
  readonly skipped: Amount;
  /** Runs that are going on in the source: not copied. */
  readonly live: readonly CopiedRun[];
  /** Runs that are not copied because their journal could not be. */
  readonly heldBack: readonly CopiedRun[];
  readonly notCopied: readonly NotCopied[];
  /** Facts that call for nothing, e.g. a run that was removed from the source meanwhile. */
  readonly notes: readonly string[];
  /** True when all that the source held is in the target. */
  readonly complete: boolean;
}

export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}
