import { join, resolve } from 'node:path';
import { definePlugin, type Fingerprinter, type ModuleGraph, type Plugin } from '@varve/core/contract';
import { FileDigests, projectFiles } from './files/file-digests.ts';
import { canonicalJson, FP_VERSION } from './format.ts';
import type { LinkOptions } from './link/options.ts';
import { Memo } from './memo/fingerprint-cache.ts';
import { PackageDigests } from './packages/package-digests.ts';
import { pureCalls } from './packages/pure-calls.ts';
import { fingerprintSteps } from './slice/fingerprint-steps.ts';
import { Summaries } from './summary/summaries.ts';

export interface FingerprintOptions {
  /**
   * Which statements that run while files are loaded belong to a step. `balanced`: those that change something it
   * reads. `strict`: also those that only hand it on, and packages by the content of their folders. `file`: all code.
   */
  readonly effects?: 'balanced' | 'strict' | 'file';
  /** Calls of packages that change nothing shared: `pkg` or `pkg#export`. */
  readonly pureCalls?: readonly string[];
  /** Files and folders that every step depends on, relative to the project: what code reads by a name it makes up. */
  readonly includes?: readonly string[];
  /** Part of every hash: change it to have everything run again. For one step there is `cache: { version }`. */
  readonly salt?: string;
  /** By `Flow.step`: stands for the code of that step, which then counts as unchanged until the version is. */
  readonly codeVersion?: Readonly<Record<string, string>>;
  /** Absolute folder for what is known of files from run to run; without one it is kept in memory. */
  readonly cacheDir?: string;
}

/**
 * Hashes exactly the code each step of a flow can reach. Making one costs nothing: the parser is loaded, and the cache
 * read, by the first `fingerprint`. Never rejects because of the code it reads; rejects with `signal.reason` on abort.
 */
export function createFingerprinter(options: FingerprintOptions = {}): Fingerprinter {
  const { cacheDir, effects = 'balanced' } = options;
  const [memo, known] = [new Memo(cacheDir), new Summaries(cacheDir)];
  const digests = new FileDigests(cacheDir && join(cacheDir, `files-${FP_VERSION}.json`));
  const settings = canonicalJson({ ...options, cacheDir: '', effects });
  return {
    id: `${FP_VERSION}-${effects}`,
    async fingerprint(graph, flow, steps, { signal } = {}) {
      signal?.throwIfAborted();
      const outside = linkOptions(graph, flow, digests, options);
      const request = { graph, flow, steps, settings, options: outside, summaries: known };
      const made = await memo.recall(request, (summaries, heard) => {
        signal?.throwIfAborted();
        return fingerprintSteps(graph, summaries, flow, steps, heard);
      });
      digests.flush();
      return made;
    },
  };
}

/** The fingerprinter as a part of a configuration: `plugins: [sliceFingerprinter()]`. Its cache lies in the project's state folder. */
export function sliceFingerprinter(options: FingerprintOptions = {}): Plugin<'fingerprinter'> {
  return definePlugin<'fingerprinter'>({
    name: 'fingerprint',
    provides: {
      fingerprinter: ({ stateDir }) => createFingerprinter({ cacheDir: join(stateDir, 'cache'), ...options }),
    },
  });
}

function linkOptions(graph: ModuleGraph, flow: string, digests: FileDigests, options: FingerprintOptions): LinkOptions {
  const { effects = 'balanced', includes = [], salt = '', codeVersion = {} } = options;
  const packages = new PackageDigests(graph.root, digests, effects === 'strict');
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
