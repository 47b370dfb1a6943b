import type { Digest } from '@varve/core/contract';
import { assetOwn, contentOwn, projectOwn } from '../link/leaves.ts';
import { recordedOf } from '../link/node.ts';
import { isAsset, type Origin, pathOfAsset } from '../link/node-source.ts';
import type { AssetSource } from '../link/options.ts';
import { pieceOwn } from '../link/pieces.ts';
import { partsOf } from '../summary/parts.ts';
import type { FileSummary, Part } from '../summary/summary.ts';
import type { Change } from './changes.ts';

/** What an edit may change of a piece when it keeps its links. */
export interface Mendable {
  /** What is hashed of it. */
  readonly recorded: Digest;
  readonly line: number;
  readonly origin: Origin;
  readonly marks: readonly string[];
}

type Mended = Pick<Mendable, 'recorded' | 'line'>;

/**
 * Says what a piece is after changes; nothing when it is what it was. `assets` is where to ask again, set when a file
 * that is read by its name, or the project, is not what it was. Throws for a piece that is not what it is said to be
 * made from.
 */
export function mender(
  files: readonly Change[],
  assets: AssetSource | undefined,
): (piece: Mendable) => Mended | undefined {
  const changed = new Map(files.map((change) => [change.module, partsThenAndNow(change)]));
  return (piece) => {
    const { origin, marks, line } = piece;
    const made = (own: Digest, at = line): Mended => ({ recorded: recordedOf(own, marks), line: at });
    if (typeof origin === 'string') {
      const own = assets && outsideOwn(assets, origin);
      return own === undefined ? undefined : made(own);
    }
    const [module, index] = origin;
    const change = changed.get(module);
    if (!change) return undefined;
    if (index === undefined) return made(contentOwn(change.source));
    const [before, after] = [change.before[index], change.after[index]];
    if (!before || !after || !isMadeOf(piece, before, change.file)) throw new Error(`${change.file} has no such piece`);
    return made(pieceOwn(after, change.file), after.line);
  };
}

/** Of what is asked of the files outside; nothing for what no file decides. */
function outsideOwn(assets: AssetSource, origin: string): Digest | undefined {
  if (origin === 'project') return projectOwn(assets);
  return isAsset(origin) ? assetOwn(assets, pathOfAsset(origin)) : undefined;
}

/** What is kept must agree with what it is said to be made from. */
function isMadeOf({ recorded, line, marks }: Mendable, part: Part, file: string): boolean {
  return recorded === recordedOf(pieceOwn(part, file), marks) && line === part.line;
}

function partsThenAndNow(change: Change) {
  const parts = (summary: FileSummary | undefined) => (summary ? partsOf(summary) : []);
  return { ...change, before: parts(change.summaries?.before), after: parts(change.summaries?.after) };
}
