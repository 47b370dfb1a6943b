import type { Digest } from '@varve/core/contract';
import { assetOwn, projectOwn } from '../link/asset-slots.ts';
import { contentOwn } from '../link/leaves.ts';
import { recordedOf } from '../link/node.ts';
import { pieceOwn } from '../link/pieces.ts';
import { partsOf } from '../summary/parts.ts';
import type { FileSummary, Part } from '../summary/summary.ts';
import type { Change, Changes } from './changes.ts';
import type { PackedPiece } from './pack.ts';

/** Makes pieces what they are after changes that keep all links. */
export function mender({ files, assets }: Changes): (piece: PackedPiece) => PackedPiece {
  const changed = new Map(files.map((change) => [change.module, partsThenAndNow(change)]));
  return (piece) => {
    const [label, , line, origin = 0, ...marks] = piece;
    const remade = (own: Digest, at = line): PackedPiece => [label, recordedOf(own, marks), at, origin, ...marks];
    if (origin === 0) return piece;
    if (typeof origin === 'string') {
      if (!assets) return piece;
      return remade(origin === 'project' ? projectOwn(assets) : assetOwn(assets, pathOfAsset(origin)));
    }
    const [module, index] = origin;
    const change = changed.get(module);
    if (!change) return piece;
    if (index === undefined) return remade(contentOwn(change.source));
    const [before, after] = [change.before[index], change.after[index]];
    if (!before || !after || !isMadeOf(piece, before, change.file, marks)) throw new Error(`${label} is not its piece`);
    return remade(pieceOwn(after, change.file), after.line);
  };
}

/** What is kept must agree with what it is said to be made from. */
function isMadeOf([, own, line]: PackedPiece, part: Part, file: string, marks: readonly string[]): boolean {
  return own === recordedOf(pieceOwn(part, file), marks) && line === part.line;
}

function partsThenAndNow(change: Change) {
  const parts = (summary: FileSummary | undefined) => (summary ? partsOf(summary) : []);
  return { ...change, before: parts(change.summaries?.before), after: parts(change.summaries?.after) };
}

/** The absolute path of the file or folder in an origin that is one. */
export function pathOfAsset(origin: string): string {
  return origin.slice('asset:'.length);
}
