import type { CodeFingerprint, Digest, FingerprintNode } from '@varve/core/contract';
import type { LinkedStep } from '../link/fingerprint-step.ts';
import type { LinkNode } from '../link/node.ts';
import type { Origin, Origins } from './origin.ts';

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

/** Throws where it cannot be told what a piece was made from. */
export function pack(linked: readonly LinkedStep[], origins: Origins): Packed {
  const pieces: PackedPiece[] = [];
  const known = new Map<LinkNode, number>();
  const indexOf = ({ label, own, line }: FingerprintNode, made: LinkNode | undefined): number => {
    const found = made && known.get(made);
    if (found !== undefined) return found;
    const index = pieces.push(made ? [label, own, line, origins.of(made), ...made.marks] : [label, own, line]) - 1;
    if (made) known.set(made, index);
    return index;
  };
  const steps = linked.map(({ fingerprint, pieces: made, roots }): PackedStep => {
    const nodes = fingerprint.nodes.map((node, index): PackedStep['nodes'][number] => {
      return [indexOf(node, made?.[index]), node.from, ...node.refs];
    });
    return { ...fingerprint, nodes, ...(roots && { roots }) };
  });
  return { pieces, steps };
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
