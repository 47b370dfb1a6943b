import type { ModuleGraph } from '@varve/core/contract';
import { matchFace } from '../link/file-interface.ts';
import type { Network } from '../link/network.ts';
import type { LinkOptions } from '../link/options.ts';
import { type Reshaped, relink } from '../link/relink.ts';
import { fingerprintNetwork, type Linked } from '../slice/fingerprint-steps.ts';
import { type Change, changesSince } from './changes.ts';
import type { Given, ImportLists } from './inputs.ts';
import { isLasting } from './pack.ts';
import { mender } from './patch-node.ts';
import { type Asked, askAgain, listening } from './query-log.ts';
import { type Request, safely } from './request.ts';
import type { Made } from './reuse-steps.ts';

/** The links of all code, with all that they were made from. */
export interface Followed extends Made {
  readonly imports: ImportLists;
  readonly network: Network;
}

/** Fingerprints of links that are remembered, with the changed files linked again; nothing when more takes linking. */
export async function follow(
  known: Followed,
  given: Given,
  request: Request,
): Promise<(Linked & { readonly asked: readonly Asked[] }) | undefined> {
  const { graph, options, summaries } = request;
  const asked = known.given.frame === given.frame ? askAgain(options, known.asked) : undefined;
  const files = asked && (await changesSince(known.given, graph, summaries));
  if (!asked || !files || !keepsOtherImports(known, given, graph, files)) return undefined;
  return safely(() => {
    const code = files.filter((each) => each.summaries);
    const reshaped = code.map((change) => reshape(change, known));
    if (reshaped.includes(undefined)) return undefined;
    const ear = listening(options, asked);
    const others = files.filter((each) => !each.summaries);
    const mended = mendLeaves(known.network, others, asked === known.asked ? undefined : options);
    const source = { graph, flow: request.flow, summaries: summaries.lazily(graph.modules) };
    const again = reshaped.flatMap((each) => each ?? []);
    const network = relink(mended, source, again, ear.options);
    const linked = { network, steps: fingerprintNetwork(graph, network, request.steps, ear.options) };
    return isLasting(linked) ? { asked: ear.asked, ...linked } : undefined;
  });
}

/** Whether the imports of all files lead where they led, apart from those of code that changed. */
function keepsOtherImports(known: Followed, given: Given, { modules }: ModuleGraph, files: readonly Change[]): boolean {
  if (known.given.links === given.links) return true;
  const changed = new Set(files.flatMap(({ module, summaries }) => (summaries ? [module] : [])));
  return modules.every(({ imports }, at) => {
    return changed.has(at) || JSON.stringify(imports) === JSON.stringify(known.imports[at]);
  });
}

/** How the pieces of a changed file are found again; nothing when other files may notice the change. */
function reshape({ module, source, summaries }: Change, known: Followed): Reshaped | undefined {
  if (!summaries) return undefined;
  const imports = { before: known.imports[module] ?? [], after: source.imports };
  const match = matchFace({ path: source.path, ...summaries, imports }, new Set(known.network.absent));
  return match && { module, parts: match.parts };
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
