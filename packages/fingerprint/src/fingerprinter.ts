import { join, resolve } from 'node:path';
import {
  definePlugin,
  type FingerprintCallOptions,
  type Fingerprinter,
  type ModuleGraph,
  type Plugin,
} from '@varve/core/contract';
import { FileDigests, projectFiles } from './files/file-digests.ts';
import { canonicalJson, FP_VERSION } from './format.ts';
import type { LinkOptions } from './link/options.ts';
import { FingerprintCache } from './memo/fingerprint-cache.ts';
import { PackageDigests } from './packages/package-digests.ts';
import { pureCalls } from './packages/pure-calls.ts';
import { fingerprintSteps } from './slice/fingerprint-steps.ts';
import { Summaries } from './summary/summaries.ts';

/** Options of the fingerprinter; all are optional. */
export interface FingerprintOptions {
  /**
   * Decides which code that runs while files are loaded is local to some steps. `balanced`: code that is proven to be.
   * `strict`: the same, but calls of packages count as changes unless they are listed, and packages by the content of
   * their folders. `file`: none; every step depends on all code.
   */
  readonly effects?: 'balanced' | 'strict' | 'file';
  /** Calls of packages that change nothing shared: `pkg` or `pkg#export`. */
  readonly pureCalls?: readonly string[];
  /** Files and folders that every step depends on, relative to the project, such as data read by a computed name. */
  readonly includes?: readonly string[];
  /** Part of every hash: a new salt makes every step run again. For one step use `cache: { version }`. */
  readonly salt?: string;
  /**
   * Versions by `Flow.step`. A version replaces the code of that step, which counts as unchanged until the version
   * changes.
   */
  readonly codeVersion?: Readonly<Record<string, string>>;
  /** Absolute path of the cache folder; without one the cache stays in memory. */
  readonly cacheDir?: string;
}

/**
 * Creates a fingerprinter, which hashes exactly the code each step of a flow can reach. Creating one is free: the first
 * `fingerprint` loads the parser and reads the cache. Never rejects because of the code it reads; rejects with
 * `signal.reason` on abort.
 */
export function createFingerprinter(options: FingerprintOptions = {}): Fingerprinter {
  const { cacheDir, effects = 'balanced' } = options;
  const [cache, summaries] = [new FingerprintCache(cacheDir), new Summaries(cacheDir)];
  const digests = new FileDigests(cacheDir && join(cacheDir, `files-${FP_VERSION}.json`));
  const settings = canonicalJson({ ...options, cacheDir: '', effects });
  return {
    id: `${FP_VERSION}-${effects}`,
    async fingerprint(graph, flow, steps, { signal, loaded } = {}) {
      signal?.throwIfAborted();
      const links = linkOptions(graph, flow, digests, { ...options, ...(loaded && { loaded }) });
      const request = { graph, flow, steps, settings, options: links, summaries };
      const fingerprints = await cache.get(request, (all, recorded) => {
        signal?.throwIfAborted();
        return fingerprintSteps(graph, all, flow, steps, recorded);
      });
      digests.flush();
      return fingerprints;
    },
  };
}

/**
 * The fingerprinter as a plugin for the configuration: `plugins: [sliceFingerprinter()]`. Caches in the project's state
 * folder.
 */
export function sliceFingerprinter(options: FingerprintOptions = {}): Plugin<'fingerprinter'> {
  return definePlugin<'fingerprinter'>({
    name: 'fingerprint',
    provides: {
      fingerprinter: ({ stateDir }) => createFingerprinter({ cacheDir: join(stateDir, 'cache'), ...options }),
    },
  });
}

function linkOptions(
  graph: ModuleGraph,
  flow: string,
  digests: FileDigests,
  options: FingerprintOptions & Pick<FingerprintCallOptions, 'loaded'>,
): LinkOptions {
  const { effects = 'balanced', includes = [], salt = '', codeVersion = {} } = options;
  const packages = new PackageDigests(graph.root, digests, effects === 'strict', options.loaded);
  return {
    assets: projectFiles(graph.root, digests),
    packageInfo: (target) => packages.infoOf(target),
    findInstalled: (file, specifier) => packages.find(file, specifier),
    rules: { strict: effects === 'strict', isPureCall: pureCalls(options.pureCalls ?? []) },
    wholeFiles: effects === 'file',
    overrides: {
      includes: includes.map((path) => resolve(graph.root, path)),
      salt,
      versionOf: (step) => (Object.hasOwn(codeVersion, `${flow}.${step}`) ? codeVersion[`${flow}.${step}`] : undefined),
    },
  };
}
