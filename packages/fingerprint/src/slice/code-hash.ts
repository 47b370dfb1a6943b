import { createHash } from 'node:crypto';
import type { Digest, FingerprintNode, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts, FP_VERSION, STEP_PROTOCOL } from '../format.ts';
import { emitOptions } from '../link/emit-options.ts';
import type { Overrides } from '../link/options.ts';

/** Hashes numbered nodes. No name and no path goes in, so moving and renaming code changes nothing. */
export function hashNodes(nodes: readonly FingerprintNode[], roots: readonly number[], tier: string): Digest {
  const hash = createHash('sha256').update(`${FP_VERSION} ${STEP_PROTOCOL} ${tier}\n`);
  let lines = '';
  for (const { own, refs } of nodes) lines += `${own}>${refs.join()}\n`;
  return `sha256:${hash.update(`${lines}roots>${roots.join()}\n`).digest('hex')}`;
}

/** Part of the hash of every sliced step: tiers, compiler options and salts never share a hash. */
export function sourceTier({ emit }: ModuleGraph, { salt }: Pick<Overrides, 'salt'>): string {
  return digestOfParts(['source', canonicalJson(emitOptions(emit)), salt]);
}
