import type { CallOptions } from './datastore.ts';
import type { ModuleGraph } from './modules.ts';
import type { Digest } from './reference.ts';

/** Code that the fingerprint could not analyse, and how it covered it instead. */
export interface Hazard {
  /** Stable, e.g. `computed-import`. */
  readonly kind: string;
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** One sentence: the finding, its cost, and how to correct it. */
  readonly message: string;
}

/** A call that makes a step's result depend on more than its inputs. */
export interface PurityFinding {
  /** E.g. `Date.now`, `Math.random`, `fetch`, `node:fs`. */
  readonly call: string;
  readonly file: string;
  readonly line: number;
}

/** One piece of code in a fingerprint. The label side never enters the hash. */
export interface FingerprintNode {
  /** `lib/math.ts#normalize`. */
  readonly label: string;
  /** Hash of the piece alone. */
  readonly own: Digest;
  /** Indices of the nodes it refers to, in the order of its references. */
  readonly refs: readonly number[];
  /** Index of the node through which it was reached first; -1 for the roots. */
  readonly from: number;
  /** From 1. */
  readonly line: number;
}

/** The code a step can reach, hashed and explained. */
export interface CodeFingerprint {
  readonly step: string;
  /**
   * Part of the cache key: covers the pieces, the packages and the assets below. It covers neither the platform nor what
   * is observed while code runs: variables, files, time zone.
   */
  readonly code: Digest;
  /**
   * The basis of `code`, and part of it: the pieces of the source, all files of the flow, or a version that the user
   * gave. `runtime`: all files, because the class is created while the flow's file is loaded; its origin cannot be
   * known, so its results are worth keeping only under a version that the user gave.
   */
  readonly tier?: 'source' | 'files' | 'runtime' | 'version';
  readonly nodes: readonly FingerprintNode[];
  /** Packages reached, with everything that identifies their behaviour. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly digest: Digest;
    readonly via: string;
  }[];
  /** Files and folders that were included by the options, by content; `null` for a missing one. */
  readonly assets: readonly { readonly file: string; readonly digest: Digest | null }[];
  /** True when a native addon is reached, so that platform and CPU matter. */
  readonly native: boolean;
  /**
   * Compiler options that change what the code does, by name, as text; those of files to which another `tsconfig.json`
   * applies by name and folder. For whoever asks what has changed: `code` covers them.
   */
  readonly compiler?: Readonly<Record<string, string>>;
  /** Values of the top scope that the step's code reads and changes: state that outlives a task. */
  readonly moduleState: readonly string[];
  /**
   * Labels of variables of the top scope that tasks fill once and read, e.g. `config.ts#kept` for `kept ??= read()`: what
   * was read outside to fill one counts for each task that reads it. `cache.ts#table[]` where tasks fill a part of one, as
   * in `table[name] ??= read(name)`, or something behind it that cannot be watched.
   */
  readonly memos?: readonly string[];
  /**
   * Labels of variables and classes of the top scope that the step's code uses and that may hold objects, e.g.
   * `prices.ts#cache`; `*` alone where the code could not be followed. A runner that sees that an earlier task has changed
   * one keeps the result from other runs.
   */
  readonly variables?: readonly string[];
  readonly hazards: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
}

export interface FingerprintCallOptions extends CallOptions {
  /** Digests of the files of packages that were really loaded with the flow, by the package's real folder. */
  readonly loaded?: ReadonlyMap<string, string>;
}

/** Hashes exactly the code each step can reach. Soundness comes first: code that is not understood widens the hash. */
export interface Fingerprinter {
  /** Version of the hash format; part of every digest. */
  readonly id: string;
  /**
   * One fingerprint a step, in the order of `steps`. `flow` is the class name. Never rejects because of the user's
   * code: code that is not understood becomes a hazard.
   */
  fingerprint(
    graph: ModuleGraph,
    flow: string,
    steps: readonly string[],
    options?: FingerprintCallOptions,
  ): Promise<readonly CodeFingerprint[]>;
}
