import type { FingerprintNode } from '@varve/core/contract';

/** Which pieces of two fingerprints are the same piece. */
export interface NodeMatch {
  /** A node before, and the index of what it is now. */
  readonly pairs: readonly (readonly [before: FingerprintNode, after: number])[];
  /** Indices of nodes that only the later one has. */
  readonly added: readonly number[];
  /** Indices of nodes that only the earlier one has. */
  readonly removed: readonly number[];
  samePiece(before: FingerprintNode, after: number): boolean;
}

/** Pairs nodes by label, and what is left by its own hash: that was moved or renamed. */
export function matchNodes(before: readonly FingerprintNode[], after: readonly FingerprintNode[]): NodeMatch {
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const key of ['label', 'own'] as const) {
    const free = new Map<string, number[]>();
    after.forEach((node, index) => {
      if (!taken.has(index)) free.set(node[key], [...(free.get(node[key]) ?? []), index]);
    });
    before.forEach((node, index) => {
      const found = pairs.has(index) ? undefined : free.get(node[key])?.shift();
      if (found === undefined) return;
      pairs.set(index, found);
      taken.add(found);
    });
  }
  return {
    pairs: [...pairs].flatMap(([old, now]) => {
      const node = before[old];
      return node ? [[node, now] as const] : [];
    }),
    added: after.flatMap((_, index) => (taken.has(index) ? [] : [index])),
    removed: before.flatMap((_, index) => (pairs.has(index) ? [] : [index])),
    samePiece: (node, index) => pairs.get(before.indexOf(node)) === index,
  };
}
