import { createHash } from 'node:crypto';
import type { Digest, FingerprintNode, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts, FP_VERSION, STEP_PROTOCOL } from '../format.ts';
import type { Overrides } from '../link/options.ts';

/** One hash over numbered nodes: no name and no path is in it, so moving and renaming change nothing. */
export function hashNodes(nodes: readonly FingerprintNode[], roots: readonly number[], tier: string): Digest {
  const hash = createHash('sha256').update(`${FP_VERSION} ${STEP_PROTOCOL} ${tier}\n`);
  let lines = '';
  for (const { own, refs } of nodes) lines += `${own}>${refs.join()}\n`;
  return `sha256:${hash.update(`${lines}roots>${roots.join()}\n`).digest('hex')}`;
}

/** What is in the hash of every step that is made of pieces. */
export function sourceTier({ emit }: ModuleGraph, { salt }: Pick<Overrides, 'salt'>): string {
  return digestOfParts(['source', canonicalJson(emitOptions(emit)), salt]);
}

/** The compiler options that change what code does, as what they amount to. */
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

/** Fields are defined, not assigned, from ES2022 on, and where no target is named. */
function definesByDefault(target: unknown): boolean {
  if (typeof target !== 'string') return true;
  const name = target.toLowerCase();
  return name === 'esnext' || Number(/^es(\d{4})$/.exec(name)?.[1] ?? 0) >= 2022;
}
