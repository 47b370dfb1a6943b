import type { CodeFingerprint } from '@varve/core/contract';
import type { Linked, LinkOptions } from '../link/fingerprint-step.ts';
import type { Summaries } from '../summary/summaries.ts';
import type { FileSummary } from '../summary/summary.ts';
import { listening } from './asked.ts';
import { givenOf } from './given.ts';
import { isLasting, pack, unpack } from './pack.ts';
import { placeOf, type Request } from './request.ts';
import { type Followed, follow, type Remembered, revise } from './revise.ts';
import { Shelf } from './shelf.ts';

/** Makes fingerprints from nothing, with the options it is given. */
type Make = (summaries: ReadonlyMap<string, FileSummary>, options: LinkOptions) => Linked;

/** What was made of flows the last time: fingerprints, and the links of all code, which are used when those do not do. */
export class Memo {
  readonly #steps: Shelf<Remembered>;
  readonly #links: Shelf<Followed>;

  constructor(
    readonly summaries: Summaries,
    /** Without a folder all is kept in memory. */
    folder: string | undefined,
  ) {
    this.#steps = new Shelf('steps', folder);
    this.#links = new Shelf('links', folder);
  }

  /** What `make` makes; it is asked only when what is remembered does not say. */
  async recall(request: Request, make: Make): Promise<readonly CodeFingerprint[]> {
    const [place, given] = [placeOf(request), givenOf(request.graph)];
    const known = this.#steps.get(place);
    const revised = known && (await revise(known, given, request, this.summaries));
    if (revised) {
      if (revised !== known) this.#steps.put(place, revised);
      return unpack(revised.packed);
    }
    const links = this.#links.get(place);
    const followed = links && (await follow(links, given, request, this.summaries));
    const { asked, ...linked } = followed ?? (await this.#make(request, make));
    if (isLasting(linked)) this.#steps.put(place, { given, asked, packed: pack(linked) });
    if (isLasting(linked) && linked.network) this.#links.put(place, { given, asked, network: linked.network });
    return linked.steps.map(({ fingerprint }) => fingerprint);
  }

  async #make({ graph, options }: Request, make: Make) {
    const summaries = await this.summaries.of(graph.modules);
    const { options: heard, asked } = listening(options);
    return { asked, ...make(summaries, heard) };
  }
}
