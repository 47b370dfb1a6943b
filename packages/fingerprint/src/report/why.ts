import type { CodeFingerprint, FingerprintNode } from '@varve/core/contract';

/**
 * How a step comes to reach a piece of code: labels from the step to the piece, each reached through the one before.
 * `label` is a label (`lib/math.ts#normalize`), a name (`normalize`) or a file; nothing when the step reaches no such
 * piece.
 */
export function whyReached(fingerprint: CodeFingerprint, label: string): readonly string[] | undefined {
  const index = findNode(fingerprint.nodes, label);
  return index < 0 ? undefined : chainTo(fingerprint, index);
}

function findNode(nodes: readonly FingerprintNode[], wanted: string): number {
  const exact = nodes.findIndex(({ label }) => label === wanted);
  if (exact >= 0) return exact;
  const named = nodes.findIndex(({ label }) => label.endsWith(`#${wanted}`) || label.endsWith(`.${wanted}`));
  return named >= 0 ? named : nodes.findIndex(({ label }) => label.startsWith(`${wanted}#`));
}

/** Labels from the step to the node of that index. */
export function chainTo({ nodes, step }: CodeFingerprint, index: number): readonly string[] {
  const chain: string[] = [];
  for (let at = index; at >= 0 && chain.length <= nodes.length; at = nodes[at]?.from ?? -1) {
    const node = nodes[at];
    if (node) chain.unshift(node.label);
  }
  return chain[0]?.endsWith(`.${step}`) ? chain : [step, ...chain];
}
