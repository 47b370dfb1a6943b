import type { Digest } from '@varve/core/contract';
import { assetOwn, contentOwn, projectOwn } from '../link/leaves.ts';
import { recordedOf } from '../link/node.ts';
import { isAsset, type NodeSource, pathOfAsset } from '../link/node-source.ts';
import type { AssetSource } from '../link/options.ts';
import { pieceOwn } from '../link/pieces.ts';
import { partsOf } from '../summary/parts.ts';
import type { FileSummary, Part } from '../summary/summary.ts';
import type { Change } from './inputs.ts';

/** A cached node, as far as an edit that keeps its links can change it. */
export interface PatchableNode {
  /** Hash of the node as the fingerprint records it. */
  readonly recorded: Digest;
  readonly line: number;
  readonly origin: NodeSource;
  readonly marks: readonly string[];
}

type NodePatch = Pick<PatchableNode, 'recorded' | 'line'>;

/**
 * Returns a function that computes hash and line of a node after changes; `undefined` for a node that is unchanged.
 * `assets` is set when a file read by name, or the project, changed. The function throws for a node that does not match
 * the file it is said to come from.
 */
export function nodePatcher(
  files: readonly Change[],
  assets: AssetSource | undefined,
): (node: PatchableNode) => NodePatch | undefined {
  const changed = new Map(files.map((change) => [change.module, withParts(change)]));
  return (node) => {
    const { origin, marks, line } = node;
    const patch = (own: Digest, at = line): NodePatch => ({ recorded: recordedOf(own, marks), line: at });
    if (typeof origin === 'string') {
      const own = assets && outsideOwn(assets, origin);
      return own === undefined ? undefined : patch(own);
    }
    const [module, index] = origin;
    const change = changed.get(module);
    if (!change) return undefined;
    if (index === undefined) return patch(contentOwn(change.source));
    const [before, after] = [change.before[index], change.after[index]];
    if (!before || !after || !isMadeOf(node, before, change)) throw new Error(`${change.file} has no such piece`);
    return patch(pieceOwn(after, change.file, change.source), after.line);
  };
}

/** Hash of an asset or the project; `undefined` for sources that no file decides. */
function outsideOwn(assets: AssetSource, origin: string): Digest | undefined {
  if (origin === 'project') return projectOwn(assets);
  return isAsset(origin) ? assetOwn(assets, pathOfAsset(origin)) : undefined;
}

/** Guards against a cache entry that does not fit the summary it names. */
function isMadeOf(
  { recorded, line, marks }: PatchableNode,
  part: Part,
  { file, source }: Pick<Change, 'file' | 'source'>,
): boolean {
  return recorded === recordedOf(pieceOwn(part, file, source), marks) && line === part.line;
}

function withParts(change: Change) {
  const parts = (summary: FileSummary | undefined) => (summary ? partsOf(summary) : []);
  return { ...change, before: parts(change.summaries?.before), after: parts(change.summaries?.after) };
}
