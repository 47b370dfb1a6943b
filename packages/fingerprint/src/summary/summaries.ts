import { join } from 'node:path';
import type { SourceModule } from '@varve/core/contract';
import { loadParser, type Parse } from '../ast/parse.ts';
import { FP_VERSION } from '../format.ts';
import { summarise } from './summarise.ts';
import type { FileSummary } from './summary.ts';
import { fileSummaryCache, memorySummaryCache, type SummaryCache, summaryKey } from './summary-cache.ts';

type Loader = SourceModule['loader'];

const CODE: ReadonlySet<Loader> = new Set<Loader>(['ts', 'tsx', 'js', 'jsx']);

/** True for files that are summarised; others are hashed by content. */
export function isCode({ loader }: Pick<SourceModule, 'loader'>): boolean {
  return CODE.has(loader);
}

/**
 * Summaries of files, each made once. Reads the cache on first use, and loads the parser for the first unknown file.
 */
export class Summaries {
  readonly #folder: string | undefined;
  #cache: SummaryCache | undefined;
  #parse: Promise<Parse> | undefined;

  /** Without a folder the summaries stay in memory alone. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Summarises the files that are code; by path. */
  async of(modules: readonly SourceModule[]): Promise<ReadonlyMap<string, FileSummary>> {
    const code = modules.filter(isCode);
    const isKnown = code.every(({ digest, loader }) => this.known(digest, loader) !== undefined);
    this.#parse ??= isKnown ? undefined : loadParser();
    const parse = await this.#parse;
    const cache = this.#open();
    const summaries = code.map((module) => {
      const { path, loader, digest } = module;
      const summary = this.known(digest, loader) ?? (parse && this.#make(parse, cache, module));
      if (!summary) throw new Error(`no summary of ${path}`);
      return [path, summary] as const;
    });
    cache.flush();
    return new Map(summaries);
  }

  /** Reads cached summaries on demand. `get` throws for a file of code that is not cached. */
  lazily(modules: readonly SourceModule[]): { get(path: string): FileSummary | undefined } {
    const code = new Map(modules.filter(isCode).map((module) => [module.path, module]));
    return {
      get: (path) => {
        const module = code.get(path);
        const summary = module && this.known(module.digest, module.loader);
        if (module && !summary) throw new Error(`no summary of ${path}`);
        return summary;
      },
    };
  }

  /** The cached summary of a text. */
  known(digest: string, loader: Loader): FileSummary | undefined {
    return this.#open().get(summaryKey(digest, loader));
  }

  #make(parse: Parse, cache: SummaryCache, { contents, digest, loader }: SourceModule): FileSummary {
    const summary = summarise(parse, Buffer.from(contents).toString('utf8'), loader);
    // The parser may be installed tomorrow.
    if (summary.whole?.kind !== 'no-parser') cache.set(summaryKey(digest, loader), summary);
    return summary;
  }

  #open(): SummaryCache {
    this.#cache ??= this.#folder === undefined ? memorySummaryCache() : fileSummaryCache(cacheFile(this.#folder));
    return this.#cache;
  }
}

function cacheFile(folder: string): string {
  return join(folder, `summaries-${FP_VERSION}.jsonl`);
}
