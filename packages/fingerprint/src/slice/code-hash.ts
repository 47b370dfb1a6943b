import { createHash } from 'node:crypto';
import type { Digest, FingerprintNode, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts, FP_VERSION, STEP_PROTOCOL } from '../format.ts';
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

/** The compiler options that change what code does, in a normal form. */
export function emitOptions(emit: ModuleGraph['emit']): Readonly<Record<string, unknown>> {
  const { target, useDefineForClassFields, experimentalDecorators, emitDecoratorMetadata, ...rest } = emit;
  const jsx = Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith('jsx')));
  return {
    ...jsx,
    define: useDefineForClassFields ?? definesByDefault(target),
    legacyDecorators: experimentalDecorators === true,
    decoratorMetadata: emitDecoratorMetadata === true,
  };
}

/** Fields are defined, not assigned, from ES2022 on and without a target. */
function definesByDefault(target: unknown): boolean {
  if (typeof target !== 'string') return true;
  const name = target.toLowerCase();
  return name === 'esnext' || Number(/^es(\d{4})$/.exec(name)?.[1] ?? 0) >= 2022;
}
