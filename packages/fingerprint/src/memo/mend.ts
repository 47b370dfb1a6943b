import type { Digest } from '@varve/core/contract';
import { type AssetSource, assetOwn, projectOwn } from '../link/asset-slots.ts';
import { contentOwn } from '../link/leaves.ts';
import { recordedOf } from '../link/node.ts';
import { isAsset, pathOfAsset } from '../link/origin.ts';
import { pieceOwn } from '../link/pieces.ts';
import { partsOf } from '../summary/parts.ts';
import type { FileSummary, Part } from '../summary/summary.ts';
import type { Change, Changes } from './changes.ts';
import type { PackedPiece } from './pack.ts';

/** Makes pieces what they are after changes that keep all links. */
export function mender({ files, assets }: Changes): (piece: PackedPiece) => PackedPiece {
  const changed = new Map(files.map((change) => [change.module, partsThenAndNow(change)]));
  return (piece) => {
    const [label, , line, origin = '', ...marks] = piece;
    const remade = (own: Digest, at = line): PackedPiece => [label, recordedOf(own, marks), at, origin, ...marks];
    if (typeof origin === 'string') {
      const own = assets && outsideOwn(assets, origin);
      return own === undefined ? piece : remade(own);
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

/** Of what is asked of the files outside; nothing for what no file decides. */
function outsideOwn(assets: AssetSource, origin: string): Digest | undefined {
  if (origin === 'project') return projectOwn(assets);
  return isAsset(origin) ? assetOwn(assets, pathOfAsset(origin)) : undefined;
}

/** What is kept must agree with what it is said to be made from. */
function isMadeOf([, own, line]: PackedPiece, part: Part, file: string, marks: readonly string[]): boolean {
  return own === recordedOf(pieceOwn(part, file), marks) && line === part.line;
}

function partsThenAndNow(change: Change) {
  const parts = (summary: FileSummary | undefined) => (summary ? partsOf(summary) : []);
  return { ...change, before: parts(change.summaries?.before), after: parts(change.summaries?.after) };
}
