import type { CodeFingerprint, Digest, FingerprintNode } from '@varve/core/contract';
import { isAsset, type NodeSource, pathOfAsset } from '../link/node-source.ts';
import type { AssetSource } from '../link/options.ts';
import { hashNodes, sourceTier } from '../slice/code-hash.ts';
import type { Linked } from '../slice/fingerprint-steps.ts';
import { callsAlike, linesOf, outlineOf, partsOf } from '../summary/parts.ts';
import { type Change, changesSince, type Dependencies, type Inputs, type Request } from './inputs.ts';
import { nodePatcher } from './patch-node.ts';
import { repeatQueries } from './query-log.ts';

/** Cached fingerprints, with what they were made from. Field names are stored. */
export interface CachedSteps extends Dependencies {
  readonly packed: PackedSteps;
}

/** Fingerprints of several steps, with the pieces that they share written once. Field names are stored. */
export interface PackedSteps {
  readonly pieces: readonly PackedPiece[];
  readonly steps: readonly PackedStep[];
  /** Pieces whose code may run while files are loaded when they are called, by numbers of file and piece. */
  readonly followed: readonly (readonly [module: number, part: number])[];
}

type PackedPiece = readonly [label: string, own: Digest, line: number, source?: NodeSource, ...marks: string[]];

type PackedStep = Omit<CodeFingerprint, 'nodes'> & {
  /** For each node its piece, the node through which it was reached, and the nodes it refers to. */
  readonly nodes: readonly (readonly [piece: number, from: number, ...refs: number[]])[];
  /** Set for a step that was made of pieces. */
  readonly roots?: readonly number[];
};

/**
 * Brings cached fingerprints up to date without linking; `undefined` when that needs linking. Works while imports lead
 * where they led and every changed file has the same pieces with the same names, references and uses: then every step
 * reaches what it reached, and only hashes and lines change. Throws where an edit cannot be traced.
 */
export async function reuseSteps(
  cached: CachedSteps,
  inputs: Inputs,
  request: Request,
): Promise<CachedSteps | undefined> {
  const { graph, options, summaries } = request;
  if (cached.given.frame !== inputs.frame || cached.given.links !== inputs.links) return undefined;
  const asked = repeatQueries(options, cached.asked);
  const files = asked && (await changesSince(cached.given, graph, summaries));
  if (!asked || !files) return undefined;
  const sameAnswers = asked === cached.asked;
  if (files.length === 0 && sameAnswers) return cached;
  if (!keepsLinks(files, cached.packed.followed)) return undefined;
  const assets = sameAnswers ? undefined : options.assets;
  return {
    given: inputs,
    asked,
    packed: patchSteps(cached.packed, files, assets, sourceTier(graph, options.overrides)),
  };
}

/** True if no reference and nothing that runs while files are loaded changed. `followed` are pieces that may run then. */
function keepsLinks(files: readonly Change[], followed: PackedSteps['followed']): boolean {
  return files.every(({ module, summaries }) => {
    if (!summaries) return true;
    if (outlineOf(summaries.before) !== outlineOf(summaries.after)) return false;
    const [before, after] = [partsOf(summaries.before), partsOf(summaries.after)];
    return followed.every(([at, part]) => at !== module || callsAlike(before[part], after[part]));
  });
}

/**
 * Puts changed pieces in the place of the old ones. `assets` is set when a file read by name, or the project, changed.
 */
function patchSteps(
  { pieces: old, steps, followed }: PackedSteps,
  files: readonly Change[],
  assets: AssetSource | undefined,
  tier: string,
): PackedSteps {
  const patch = nodePatcher(files, assets);
  const pieces = old.map((piece): PackedPiece => {
    const [label, recorded, line, origin = '', ...marks] = piece;
    const patched = patch({ recorded, line, origin, marks });
    return patched ? [label, patched.recorded, patched.line, origin, ...marks] : piece;
  });
  const isChanged = pieces.map((piece, index) => piece[1] !== old[index]?.[1]);
  const lines = new Map(
    files.flatMap(({ file, summaries }) => (summaries ? [[file, linesMoved(summaries)] as const] : [])),
  );
  const moved = steps.map((step) => {
    if (!step.roots) throw new Error(`${step.step} is not made of pieces`);
    const { hazards, purity } = step;
    const read = assets ? { assets: assetsOf(pieces, step, assets) } : {};
    return { ...step, hazards: moveLines(hazards, lines), purity: moveLines(purity, lines), ...read };
  });
  return { pieces, steps: hashAgain({ pieces, steps: moved }, isChanged, tier), followed };
}

function hashAgain(
  packed: Pick<PackedSteps, 'pieces' | 'steps'>,
  isChanged: readonly boolean[],
  tier: string,
): readonly PackedStep[] {
  const fingerprints = unpackSteps(packed);
  return packed.steps.map((step, index) => {
    const isSame = step.tier === 'version' || !step.nodes.some(([piece]) => isChanged[piece]);
    const nodes = fingerprints[index]?.nodes;
    return isSame || !nodes ? step : { ...step, code: hashNodes(nodes, step.roots ?? [], tier) };
  });
}

/** New line by old line, for every line of a file that a finding may name. */
type Lines = ReadonlyMap<number, number>;

/** Throws where two lines became one, or one became two: findings may then differ. */
function linesMoved({ before, after }: NonNullable<Change['summaries']>): Lines {
  const [old, now] = [linesOf(before), linesOf(after)];
  const moved = new Map<number, number>();
  const taken = new Map<number, number>();
  old.forEach((from, index) => {
    const to = now[index];
    if (to === undefined || (moved.get(from) ?? to) !== to || (taken.get(to) ?? from) !== from) {
      throw new Error(`line ${from} is not one line now`);
    }
    moved.set(from, to);
    taken.set(to, from);
  });
  return moved;
}

function moveLines<T extends { readonly file: string; readonly line: number }>(
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

export function packSteps({ network, steps, followed }: Linked): PackedSteps {
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
  const pairs = followed.flatMap((number) => {
    const [module, part] = network?.nodes[number]?.origin ?? [];
    return typeof module === 'number' && typeof part === 'number' ? [[module, part] as const] : [];
  });
  return { pieces, steps: packed, followed: pairs };
}

export function unpackSteps({ pieces, steps }: Pick<PackedSteps, 'pieces' | 'steps'>): readonly CodeFingerprint[] {
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
