import type { CodeFingerprint, ModuleGraph } from '@varve/core/contract';
import { DiskCache } from '../files/disk-cache.ts';
import type { LinkOptions } from '../link/options.ts';
import type { Linked } from '../slice/fingerprint-steps.ts';
import type { FileSummary } from '../summary/summary.ts';
import { cacheKey, type Dependencies, importsOf, inputsOf, type Request } from './inputs.ts';
import { recordQueries } from './query-log.ts';
import { type CachedLinks, reuseLinks } from './reuse-links.ts';
import { type CachedSteps, packSteps, reuseSteps, unpackSteps } from './reuse-steps.ts';

/** Makes fingerprints from nothing. */
type Make = (summaries: ReadonlyMap<string, FileSummary>, options: LinkOptions) => Linked;

/** The last fingerprints of each flow, and the links of all its code, which are tried when those cannot be patched. */
export class FingerprintCache {
  readonly #steps: DiskCache<CachedSteps>;
  readonly #links: DiskCache<CachedLinks>;

  /** Without a folder the entries stay in memory alone. */
  constructor(folder: string | undefined) {
    this.#steps = new DiskCache('steps', folder);
    this.#links = new DiskCache('links', folder);
  }

  /** Returns what `make` would make, and calls it only when the entries cannot be brought up to date. */
  async get(request: Request, make: Make): Promise<readonly CodeFingerprint[]> {
    const [key, inputs] = [cacheKey(request), inputsOf(request.graph)];
    const cached = this.#steps.get(key);
    const reused = cached && (await orUndefined(reuseSteps(cached, inputs, request)));
    if (reused) {
      if (reused !== cached) this.#steps.put(key, reused);
      return unpackSteps(reused.packed);
    }
    const links = this.#links.get(key);
    const relinked = links && (await orUndefined(reuseLinks(links, inputs, request)));
    const { asked, ...linked } = relinked && isLasting(relinked) ? relinked : await this.#make(request, make);
    if (isLasting(linked)) this.#put(key, request.graph, { given: inputs, asked }, linked);
    return linked.steps.map(({ fingerprint }) => fingerprint);
  }

  #put(key: string, graph: ModuleGraph, dependencies: Dependencies, linked: Linked): void {
    const { network } = linked;
    this.#steps.put(key, { ...dependencies, packed: packSteps(linked) });
    if (network) this.#links.put(key, { ...dependencies, imports: importsOf(graph), network });
  }

  async #make({ graph, options, summaries }: Request, make: Make) {
    const all = await summaries.of(graph.modules);
    const recorded = recordQueries(options);
    const linked = make(all, recorded.options);
    return { asked: recorded.log, ...linked };
  }
}

/** An entry that cannot be brought up to date is no error: everything is linked again. */
function orUndefined<T>(reuse: Promise<T | undefined>): Promise<T | undefined> {
  return reuse.catch(() => undefined);
}

/** False for fingerprints not worth keeping: an internal error or a missing parser may be gone tomorrow. */
function isLasting({ steps }: Pick<Linked, 'steps'>): boolean {
  const hazards = steps.flatMap(({ fingerprint }) => fingerprint.hazards);
  return hazards.every(({ kind }) => kind !== 'widened' && kind !== 'no-parser');
}
