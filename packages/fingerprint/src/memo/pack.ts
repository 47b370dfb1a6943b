import type { CodeFingerprint, Digest, FingerprintNode } from '@varve/core/contract';
import type { Origin } from '../link/node-source.ts';
import type { Linked } from '../slice/fingerprint-steps.ts';

/** Fingerprints of several steps, with the pieces that they share written once. */
export interface Packed {
  readonly pieces: readonly PackedPiece[];
  readonly steps: readonly PackedStep[];
}

export type PackedPiece = readonly [label: string, own: Digest, line: number, origin?: Origin, ...marks: string[]];

export type PackedStep = Omit<CodeFingerprint, 'nodes'> & {
  /** For each node its piece, the node through which it was reached, and what it refers to. */
  readonly nodes: readonly (readonly [piece: number, from: number, ...refs: number[]])[];
  /** Of a step that was made of pieces. */
  readonly roots?: readonly number[];
};

export function pack({ network, steps }: Linked): Packed {
  const pieces: PackedPiece[] = [];
  const known: (number | undefined)[] = new Array(network?.nodes.length ?? 0);
  const indexOf = ({ label, own, line }: FingerprintNode, number: number | undefined): number => {
    const node = number === undefined ? undefined : network?.nodes[number];
    if (number === undefined || !node) return pieces.push([label, own, line]) - 1;
    const index = known[number] ?? pieces.push([label, own, line, node.origin, ...node.marks]) - 1;
    known[number] = index;
    return index;
  };
  const packed = steps.map(({ fingerprint, reached, roots }): PackedStep => {
    const nodes = fingerprint.nodes.map((node, index): PackedStep['nodes'][number] => {
      return [indexOf(node, reached?.[index]), node.from, ...node.refs];
    });
    return { ...fingerprint, nodes, ...(roots && { roots }) };
  });
  return { pieces, steps: packed };
}

export function unpack({ pieces, steps }: Packed): readonly CodeFingerprint[] {
  return steps.map(({ roots: _, ...each }): CodeFingerprint => {
    const nodes = each.nodes.map(([piece, from, ...refs]): FingerprintNode => {
      const found = pieces[piece];
      if (!found) throw new Error(`no piece ${piece}`);
      const [label, own, line] = found;
      return { label, own, refs, from, line };
    });
    return { ...each, nodes };
  });
}

/** Whether it is worth keeping: what went wrong today may be right tomorrow, with the same files. */
export function isLasting({ steps }: Pick<Linked, 'steps'>): boolean {
  const hazards = steps.flatMap(({ fingerprint }) => fingerprint.hazards);
  return hazards.every(({ kind }) => kind !== 'widened' && kind !== 'no-parser');
}
