import type { Hazard } from '@varve/core/contract';
import type { Network } from '../link/network.ts';
import type { OpenEffect } from './effects.ts';

/** Names an effect that belongs to every step: where it is, why, what it costs, and how to keep it local. */
export function describeEffect({ nodes }: Network, { node, doubt }: OpenEffect): Hazard {
  const [piece, cause] = [nodes[node], nodes[doubt.node]];
  const at = cause && cause !== piece ? ` (in ${cause.label})` : '';
  // Other lines may be those of a function.
  const line = (piece?.line ?? 1) + (cause === piece && piece?.load ? doubt.line : 0);
  const cost = `every step depends on it and on all that it reaches: editing one of these ${nodesBelow(nodes, node)} pieces runs all steps again`;
  return {
    kind: 'load-effect',
    file: piece?.file ?? '',
    line,
    message: `${piece?.label} runs while files are loaded and ${doubt.what}${at}, so ${cost}. Do it in a function that the steps call, change only variables of its own file, or write /* @__PURE__ */ before a call that changes nothing.`,
  };
}

/** Number of pieces that a piece reaches, itself included. */
function nodesBelow(nodes: Network['nodes'], root: number): number {
  const found = new Set([root]);
  for (const node of found) {
    const edges = nodes[node]?.edges ?? [];
    for (let i = 0; i < edges.length; i += 2) found.add(edges[i] ?? 0);
  }
  return found.size;
}
