import { fingerprintNetwork, type Linked, type LinkOptions, sourceTier } from '../link/fingerprint-step.ts';
import type { Network } from '../link/network.ts';
import { relink } from '../link/relink.ts';
import type { Summaries } from '../summary/summaries.ts';
import { type Asked, askAgain, listening } from './asked.ts';
import { type Change, changesSince, keepsFaces, keepsLinks } from './changes.ts';
import type { Given } from './given.ts';
import { mender } from './mend.ts';
import { isLasting, type Packed } from './pack.ts';
import { patch } from './patch.ts';
import type { Request } from './request.ts';

/** What was made, with all that it was made from. */
interface Made {
  readonly given: Given;
  readonly asked: readonly Asked[];
}

export interface Remembered extends Made {
  readonly packed: Packed;
}

export interface Followed extends Made {
  readonly network: Network;
}

/** Fingerprints that are remembered, brought to what is given now; nothing when that takes linking. */
export async function revise(
  known: Remembered,
  given: Given,
  { graph, options }: Request,
  summaries: Summaries,
): Promise<Remembered | undefined> {
  const asked = known.given.frame === given.frame ? askAgain(options, known.asked) : undefined;
  const files = asked && (await changesSince(known.given, graph, summaries));
  if (!asked || !files) return undefined;
  const isSame = asked === known.asked;
  if (files.length === 0 && isSame) return known;
  return safely(() => {
    if (!keepsLinks(files)) return undefined;
    const changes = { files, assets: isSame ? undefined : options.assets };
    return { given, asked, packed: patch(known.packed, changes, sourceTier(graph, options.overrides)) };
  });
}

/** Fingerprints of a network that is remembered, with the changed files linked again; nothing when more takes linking. */
export async function follow(
  known: Followed,
  given: Given,
  request: Request,
  summaries: Summaries,
): Promise<(Made & Linked) | undefined> {
  const { graph, options, flow, steps } = request;
  const asked = known.given.frame === given.frame ? askAgain(options, known.asked) : undefined;
  const files = asked && (await changesSince(known.given, graph, summaries));
  if (!asked || !files) return undefined;
  return safely(() => {
    if (!keepsFaces(files)) return undefined;
    const ear = listening(options, asked);
    const source = { graph, flow, summaries: summaries.lazily(graph.modules) };
    const [code, others] = [files.filter((each) => each.summaries), files.filter((each) => !each.summaries)];
    const mended = mendLeaves(known.network, others, asked === known.asked ? undefined : options);
    const network = relink(
      mended,
      source,
      code.map(({ module }) => module),
      ear.options,
    );
    const linked = { network, steps: fingerprintNetwork(graph, network, steps, ear.options) };
    return isLasting(linked) ? { given, asked: ear.asked, ...linked } : undefined;
  });
}

/** Leaves by what is in their files now. */
function mendLeaves(network: Network, files: readonly Change[], options: LinkOptions | undefined): Network {
  if (files.length === 0 && !options) return network;
  const mend = mender(files, options?.assets);
  const nodes = network.nodes.map((node) => {
    const mended = mend(node);
    return mended ? { ...node, ...mended } : node;
  });
  return { ...network, nodes };
}

/** What cannot be told by what is remembered is found by linking. */
function safely<T>(make: () => T | undefined): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
