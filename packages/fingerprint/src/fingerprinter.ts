import { join, resolve } from 'node:path';
import { definePlugin, type Fingerprinter, type ModuleGraph, type Plugin } from '@varve/core/contract';
import { loadParser, type Parse } from './ast/parse.ts';
import { FileDigests } from './files/file-digests.ts';
import { fileIndex } from './files/file-index.ts';
import { projectFiles } from './files/project-files.ts';
import { canonicalJson, FP_VERSION } from './format.ts';
import { fingerprintSteps, type LinkOptions } from './link/fingerprint-step.ts';
import { Memo } from './memo/memo.ts';
import { PackageDigests } from './packages/package-digests.ts';
import { pureCalls } from './packages/pure-calls.ts';
import { summarise } from './summary/summarise.ts';
import type { FileSummary } from './summary/summary.ts';
import { fileSummaryCache, memorySummaryCache, type SummaryCache, summaryKey } from './summary/summary-cache.ts';

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
  const memo = new Memo(cacheDir);
  const digests = new FileDigests(fileIndex(cacheDir && join(cacheDir, `files-${FP_VERSION}.json`)));
  const settings = canonicalJson({ ...options, cacheDir: '', effects });
  let parts: Promise<{ readonly parse: Parse; readonly cache: SummaryCache }> | undefined;
  const open = async () => {
    const cache = cacheDir === undefined ? memorySummaryCache() : fileSummaryCache(cacheFile(cacheDir));
    return { parse: await loadParser(), cache };
  };
  return {
    id: `${FP_VERSION}-${effects}`,
    async fingerprint(graph, flow, steps, { signal } = {}) {
      signal?.throwIfAborted();
      const make = async (outside: LinkOptions) => {
        parts ??= open();
        const { parse, cache } = await parts;
        signal?.throwIfAborted();
        return fingerprintSteps(graph, summariseAll(graph, parse, cache), flow, steps, outside);
      };
      const made = await memo.recall(
        { graph, flow, steps, settings },
        linkOptions(graph, flow, digests, options),
        make,
      );
      digests.index.flush();
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

function cacheFile(folder: string): string {
  return join(folder, `summaries-${FP_VERSION}.jsonl`);
}

const CODE: ReadonlySet<string> = new Set(['ts', 'tsx', 'js', 'jsx']);

function summariseAll(graph: ModuleGraph, parse: Parse, cache: SummaryCache): ReadonlyMap<string, FileSummary> {
  const summaries = new Map<string, FileSummary>();
  for (const { path, loader, contents, digest } of graph.modules) {
    if (!CODE.has(loader)) continue;
    const key = summaryKey(digest, loader);
    const known = cache.get(key);
    const summary = known ?? summarise(parse, Buffer.from(contents).toString('utf8'), loader);
    // A parser may be there tomorrow.
    if (!known && summary.whole?.kind !== 'no-parser') cache.set(key, summary);
    summaries.set(path, summary);
  }
  cache.flush();
  return summaries;
}

function linkOptions(graph: ModuleGraph, flow: string, digests: FileDigests, options: FingerprintOptions): LinkOptions {
  const { effects = 'balanced', includes = [], salt = '', codeVersion = {} } = options;
  const packages = new PackageDigests(graph.root, digests, effects === 'strict');
  return {
    assets: projectFiles(graph.root, digests),
    packageInfo: (target) => packages.infoOf(target),
    findInstalled: (file, specifier) => packages.find(file, specifier),
    packageDigest: (target) => packages.infoOf(target).digest,
    rules: { strict: effects === 'strict', isPureCall: pureCalls(options.pureCalls ?? []) },
    wholeFiles: effects === 'file',
    overrides: {
      includes: includes.map((path) => resolve(graph.root, path)),
      salt,
      versionOf: (step) => (Object.hasOwn(codeVersion, `${flow}.${step}`) ? codeVersion[`${flow}.${step}`] : undefined),
    },
  };
}
