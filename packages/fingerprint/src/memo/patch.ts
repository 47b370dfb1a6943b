import type { CodeFingerprint } from '@varve/core/contract';
import { isAsset, pathOfAsset } from '../link/node-source.ts';
import type { AssetSource } from '../link/options.ts';
import { hashNodes } from '../slice/code-hash.ts';
import { type Change, type Lines, linesMoved } from './changes.ts';
import { type Packed, type PackedPiece, type PackedStep, unpack } from './pack.ts';
import { mender } from './patch-node.ts';

/** What changed, of what fingerprints were made from. */
interface Changes {
  readonly files: readonly Change[];
  /** Where to ask again, when a file that is read by its name, or the project, is not what it was. */
  readonly assets: AssetSource | undefined;
}

/**
 * The fingerprints after changes that keep all links, without linking: the changed pieces in the place of what they
 * were. `tier` is what is in the hash of every step. Throws where it cannot be told what a change leads to.
 */
export function patch({ pieces: known, steps: old }: Packed, { files, assets }: Changes, tier: string): Packed {
  const mend = mender(files, assets);
  const pieces = known.map((piece): PackedPiece => {
    const [label, recorded, line, origin = '', ...marks] = piece;
    const mended = mend({ recorded, line, origin, marks });
    return mended ? [label, mended.recorded, mended.line, origin, ...marks] : piece;
  });
  const isChanged = pieces.map((piece, index) => piece[1] !== known[index]?.[1]);
  const lines = new Map(
    files.flatMap(({ file, summaries }) => (summaries ? [[file, linesMoved(summaries)] as const] : [])),
  );
  const steps = old.map((step) => {
    if (!step.roots) throw new Error(`${step.step} is not made of pieces`);
    const { hazards, purity } = step;
    const read = assets ? { assets: assetsOf(pieces, step, assets) } : {};
    return { ...step, hazards: move(hazards, lines), purity: move(purity, lines), ...read };
  });
  return { pieces, steps: hashAgain({ pieces, steps }, isChanged, tier) };
}

function hashAgain(packed: Packed, isChanged: readonly boolean[], tier: string): readonly PackedStep[] {
  const fingerprints = unpack(packed);
  return packed.steps.map((step, index) => {
    const isSame = step.tier === 'version' || !step.nodes.some(([piece]) => isChanged[piece]);
    const nodes = fingerprints[index]?.nodes;
    return isSame || !nodes ? step : { ...step, code: hashNodes(nodes, step.roots ?? [], tier) };
  });
}

function move<T extends { readonly file: string; readonly line: number }>(
  findings: readonly T[],
  moved: ReadonlyMap<string, Lines>,
): readonly T[] {
  return findings.map((finding) => {
    const lines = moved.get(finding.file);
    const line = lines ? lines.get(finding.line) : finding.line;
    if (line === undefined) throw new Error(`nothing is said of line ${finding.line}`);
    return { ...finding, line };
  });
}

function assetsOf(
  pieces: readonly PackedPiece[],
  { nodes }: PackedStep,
  assets: AssetSource,
): CodeFingerprint['assets'] {
  return nodes.flatMap(([piece]) => {
    const [label = '', , , origin] = pieces[piece] ?? [];
    if (typeof origin !== 'string' || !isAsset(origin)) return [];
    return [{ file: label, digest: assets.digest(pathOfAsset(origin)) ?? null }];
  });
}
