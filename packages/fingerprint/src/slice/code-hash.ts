import { createHash } from 'node:crypto';
import type { Digest, FingerprintNode } from '@varve/core/contract';
import { FP_VERSION, STEP_PROTOCOL } from '../format.ts';
import type { Closure } from './closure.ts';

/** The nodes as they are recorded. */
export function recordNodes(closure: Closure): readonly FingerprintNode[] {
  return closure.reached.map((number, index): FingerprintNode => {
    const node = closure.nodes[number];
    if (!node) throw new Error(`no node ${number}`);
    const { label, recorded, line, edges } = node;
    const refs: number[] = [];
    for (let i = 0; i < edges.length; i += 2) refs.push(closure.indexOf(edges[i] ?? -1));
    return { label, own: recorded, refs, from: closure.fromOf(index), line };
  });
}

/** One hash over numbered nodes: no name and no path is in it, so moving and renaming change nothing. */
export function hashNodes(nodes: readonly FingerprintNode[], roots: readonly number[], tier: string): Digest {
  const hash = createHash('sha256').update(`${FP_VERSION} ${STEP_PROTOCOL} ${tier}\n`);
  let lines = '';
  for (const { own, refs } of nodes) lines += `${own}>${refs.join()}\n`;
  return `sha256:${hash.update(`${lines}roots>${roots.join()}\n`).digest('hex')}`;
}

export function rootIndices(closure: Closure, roots: readonly number[]): readonly number[] {
  return roots.map((root) => closure.indexOf(root));
}
