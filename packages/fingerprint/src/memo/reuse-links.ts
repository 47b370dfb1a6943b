import type { ModuleGraph } from '@varve/core/contract';
import { matchInterface } from '../link/file-interface.ts';
import type { Network } from '../link/network.ts';
import type { LinkOptions } from '../link/options.ts';
import { type RelinkedFile, relink } from '../link/relink.ts';
import { fingerprintNetwork, type Linked } from '../slice/fingerprint-steps.ts';
import { type Change, changesSince, type Dependencies, type ImportLists, type Inputs, type Request } from './inputs.ts';
import { nodePatcher } from './patch-node.ts';
import { type LoggedQuery, recordQueries, repeatQueries } from './query-log.ts';

/** The cached links of all code, with what they were made from. Field names are stored. */
export interface CachedLinks extends Dependencies {
  readonly imports: ImportLists;
  readonly network: Network;
}

/**
 * Fingerprints from cached links, with only the changed files linked again; `undefined` when other files may notice
 * the change. Throws where an edit cannot be traced.
 */
export async function reuseLinks(
  cached: CachedLinks,
  inputs: Inputs,
  request: Request,
): Promise<(Linked & { readonly asked: readonly LoggedQuery[] }) | undefined> {
  const { graph, options, summaries } = request;
  const asked = cached.given.frame === inputs.frame ? repeatQueries(options, cached.asked) : undefined;
  const files = asked && (await changesSince(cached.given, graph, summaries));
  if (!asked || !files || !keepsOtherImports(cached, inputs, graph, files)) return undefined;
  const edited = files.filter((each) => each.summaries).map((change) => matchFile(change, cached));
  if (edited.includes(undefined)) return undefined;
  const recorded = recordQueries(options, asked);
  const others = files.filter((each) => !each.summaries);
  const patched = patchLeaves(cached.network, others, asked === cached.asked ? undefined : options);
  const source = { graph, flow: request.flow, summaries: summaries.lazily(graph.modules) };
  const network = relink(
    patched,
    source,
    edited.flatMap((each) => each ?? []),
    recorded.options,
  );
  return { asked: recorded.log, ...fingerprintNetwork(graph, network, request.steps, recorded.options) };
}

/** True if imports lead where they led, apart from those of changed code. */
function keepsOtherImports(
  cached: CachedLinks,
  inputs: Inputs,
  { modules }: ModuleGraph,
  files: readonly Change[],
): boolean {
  if (cached.given.links === inputs.links) return true;
  const changed = new Set(files.flatMap(({ module, summaries }) => (summaries ? [module] : [])));
  return modules.every(({ imports }, at) => {
    return changed.has(at) || JSON.stringify(imports) === JSON.stringify(cached.imports[at]);
  });
}

function matchFile({ module, source, summaries }: Change, cached: CachedLinks): RelinkedFile | undefined {
  if (!summaries) return undefined;
  const imports = { before: cached.imports[module] ?? [], after: source.imports };
  const match = matchInterface({ path: source.path, ...summaries, imports }, new Set(cached.network.absent));
  return match && { module, parts: match.parts };
}

/** Hashes the leaves of changed files again. */
function patchLeaves(network: Network, files: readonly Change[], options: LinkOptions | undefined): Network {
  if (files.length === 0 && !options) return network;
  const patch = nodePatcher(files, options?.assets);
  const nodes = network.nodes.map((node) => {
    const patched = patch(node);
    return patched ? { ...node, ...patched } : node;
  });
  return { ...network, nodes };
}
