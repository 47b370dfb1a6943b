import { createHash } from 'node:crypto';
import type { Digest, FingerprintNode } from '@varve/core/contract';
import { digestOfParts, FP_VERSION, STEP_PROTOCOL } from '../format.ts';
import type { Closure } from './closure.ts';
import type { LinkNode } from './node.ts';

/** The nodes as they are recorded. References that lead nowhere, and which of several things is meant, enter `own`. */
export function recordNodes(closure: Closure): readonly FingerprintNode[] {
  return closure.nodes.map((node, index) => {
    const slots = node.slots();
    const picks = slots.map((slot) => slot.map(({ pick }) => pick).join());
    const told = slots.every((slot) => slot.length === 1) && picks.every((pick) => pick === '');
    const own = told
      ? node.own
      : digestOfParts([node.own, ...slots.map((slot, i) => `${slot.length}${picks[i] ?? ''}`)]);
    return {
      label: node.label,
      own,
      refs: slots.flatMap((slot) => slot.map(({ to }) => closure.indexOf(to))),
      from: closure.fromOf(index),
      line: node.line,
    };
  });
}

/** One hash over numbered nodes: no name and no path is in it, so moving and renaming change nothing. */
export function hashNodes(nodes: readonly FingerprintNode[], roots: readonly number[], tier: string): Digest {
  const hash = createHash('sha256').update(`${FP_VERSION} ${STEP_PROTOCOL} ${tier}\n`);
  for (const { own, refs } of nodes) hash.update(`${own}>${refs.join()}\n`);
  return `sha256:${hash.update(`roots>${roots.join()}\n`).digest('hex')}`;
}

export function rootIndices(closure: Closure, roots: readonly LinkNode[]): readonly number[] {
  return roots.map((root) => closure.indexOf(root));
}
