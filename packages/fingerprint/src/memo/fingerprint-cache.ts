import type { CodeFingerprint, ModuleGraph } from '@varve/core/contract';
import { Shelf } from '../files/disk-cache.ts';
import type { LinkOptions } from '../link/options.ts';
import type { Linked } from '../slice/fingerprint-steps.ts';
import type { FileSummary } from '../summary/summary.ts';
import { givenOf, importsOf } from './inputs.ts';
import { isLasting, pack, unpack } from './pack.ts';
import { listening } from './query-log.ts';
import { placeOf, type Request } from './request.ts';
import { type Followed, follow } from './reuse-links.ts';
import { type Made, type Remembered, revise } from './reuse-steps.ts';

/** Makes fingerprints from nothing, with the options it is given. */
type Make = (summaries: ReadonlyMap<string, FileSummary>, options: LinkOptions) => Linked;

/** What was made of flows the last time: fingerprints, and the links of all code, which are used when those do not do. */
export class Memo {
  readonly #steps: Shelf<Remembered>;
  readonly #links: Shelf<Followed>;

  /** Without a folder all is kept in memory. */
  constructor(folder: string | undefined) {
    this.#steps = new Shelf('steps', folder);
    this.#links = new Shelf('links', folder);
  }

  /** What `make` makes; it is asked only when what is remembered does not say. */
  async recall(request: Request, make: Make): Promise<readonly CodeFingerprint[]> {
    const [place, given] = [placeOf(request), givenOf(request.graph)];
    const known = this.#steps.get(place);
    const revised = known && (await revise(known, given, request));
    if (revised) {
      if (revised !== known) this.#steps.put(place, revised);
      return unpack(revised.packed);
    }
    const links = this.#links.get(place);
    const followed = links && (await follow(links, given, request));
    const { asked, ...linked } = followed ?? (await this.#make(request, make));
    if (isLasting(linked)) this.#keep(place, request.graph, { given, asked }, linked);
    return linked.steps.map(({ fingerprint }) => fingerprint);
  }

  #keep(place: string, graph: ModuleGraph, made: Made, linked: Linked): void {
    const { network } = linked;
    this.#steps.put(place, { ...made, packed: pack(linked) });
    if (network) this.#links.put(place, { ...made, imports: importsOf(graph), network });
  }

  async #make({ graph, options, summaries }: Request, make: Make) {
    const all = await summaries.of(graph.modules);
    const { options: heard, asked } = listening(options);
    return { asked, ...make(all, heard) };
  }
}
