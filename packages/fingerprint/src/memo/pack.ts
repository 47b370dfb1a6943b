import type { CodeFingerprint, Digest, FingerprintNode } from '@varve/core/contract';

/** Fingerprints of several steps, with the pieces that they share written once. */
export interface Packed {
  readonly pieces: readonly (readonly [label: string, own: Digest, line: number])[];
  readonly steps: readonly PackedStep[];
}

type PackedStep = Omit<CodeFingerprint, 'nodes'> & {
  /** For each node its piece, the node through which it was reached, and what it refers to. */
  readonly nodes: readonly (readonly [piece: number, from: number, ...refs: number[]])[];
};

export function pack(fingerprints: readonly CodeFingerprint[]): Packed {
  const pieces: (readonly [string, Digest, number])[] = [];
  const known = new Map<string, number>();
  const pieceOf = ({ label, own, line }: FingerprintNode): number => {
    const key = `${own} ${line} ${label}`;
    const found = known.get(key) ?? pieces.push([label, own, line]) - 1;
    known.set(key, found);
    return found;
  };
  const steps = fingerprints.map((each): PackedStep => {
    return { ...each, nodes: each.nodes.map((node) => [pieceOf(node), node.from, ...node.refs]) };
  });
  return { pieces, steps };
}

export function unpack({ pieces, steps }: Packed): readonly CodeFingerprint[] {
  return steps.map((each): CodeFingerprint => {
    const nodes = each.nodes.map(([piece, from, ...refs]): FingerprintNode => {
      const found = pieces[piece];
      if (!found) throw new Error(`no piece ${piece}`);
      const [label, own, line] = found;
      return { label, own, refs, from, line };
    });
    return { ...each, nodes };
  });
}
