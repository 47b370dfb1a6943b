import type { CodeFingerprint, FingerprintNode } from '@varve/core/contract';
import { matchNodes, type NodeMatch } from './match-nodes.ts';
import { chainTo } from './why.ts';

/** One thing that changed between two fingerprints of a step. */
export interface Cause {
  /**
   * `changed`: the code itself. `option`: an option of `@step`. `added`, `removed`: code that is reached now, or no
   * longer, though what reaches it is the same. `rebound`: a name leads elsewhere. `package`, `asset`, `env`: what it
   * says. `widened`: more is hashed than before, or the project that is hashed changed. `order`: statements run in
   * another order while files are loaded, or compiler options differ.
   */
  readonly kind:
    | 'changed'
    | 'option'
    | 'added'
    | 'removed'
    | 'rebound'
    | 'package'
    | 'asset'
    | 'env'
    | 'widened'
    | 'order';
  /** The piece, package, file or variable. */
  readonly label: string;
  /** For packages their versions, for re-bound names where they led and lead, for files their digests. */
  readonly before?: string;
  readonly after?: string;
  /** Labels from the step to the piece. */
  readonly chain: readonly string[];
  /** One sentence for people, without the name of the step. */
  readonly message: string;
}

/**
 * Why the code of a step is not what it was: the pieces that changed themselves, not those that only reach them.
 * Empty when the fingerprints are equal.
 */
export function diffFingerprints(before: CodeFingerprint, after: CodeFingerprint): readonly Cause[] {
  if (before.code === after.code) return [];
  const match = matchNodes(before.nodes, after.nodes);
  const pieces = [...changedPieces(match, after), ...reboundPieces(match, before, after)];
  const leaves = [...packageCauses(before, after), ...assetCauses(before, after), ...widenedCauses(before, after)];
  const causes = [...pieces, ...leaves];
  if (causes.length === 0) causes.push(...addedPieces(match, after), ...removedPieces(match, before));
  if (causes.length === 0) causes.push(...envCauses(before, after));
  return causes.length > 0 ? causes : [orderCause()];
}

function isLeaf({ label }: FingerprintNode, { packages, assets }: CodeFingerprint): boolean {
  if (label === PROJECT || assets.some(({ file }) => file === label)) return true;
  return packages.some(({ name }) => label.startsWith(`${name}#`) || label.startsWith(`${name}/`) || label === name);
}

const PROJECT = 'the whole project';

function changedPieces({ pairs }: NodeMatch, after: CodeFingerprint): readonly Cause[] {
  return pairs.flatMap(([old, index]): Cause[] => {
    const node = after.nodes[index];
    if (!node || old.own === node.own || isLeaf(node, after)) return [];
    const chain = chainTo(after, index);
    if (node.label.endsWith(' @step'))
      return [{ kind: 'option', label: node.label, chain, message: `an option of ${nameOf(node.label)} changed` }];
    return [{ kind: 'changed', label: node.label, chain, message: `${describe(node.label)} changed${shown(chain)}` }];
  });
}

/** The same code whose names lead to other pieces than before. */
function reboundPieces(
  { pairs, samePiece }: NodeMatch,
  before: CodeFingerprint,
  after: CodeFingerprint,
): readonly Cause[] {
  return pairs.flatMap(([old, index]) => {
    const node = after.nodes[index];
    if (!node || old.own !== node.own || old.refs.length !== node.refs.length) return [];
    return node.refs.flatMap((ref, slot): Cause[] => {
      const [was, is] = [before.nodes[old.refs[slot] ?? -1], after.nodes[ref]];
      if (!was || !is || was.label === is.label || samePiece(was, ref)) return [];
      const chain = [...chainTo(after, index), is.label];
      const message = `in ${describe(node.label)}, ${nameOf(was.label)} of ${fileOf(was.label)} is now ${nameOf(is.label)} of ${fileOf(is.label)}`;
      return [{ kind: 'rebound', label: node.label, before: was.label, after: is.label, chain, message }];
    });
  });
}

function addedPieces({ added }: NodeMatch, after: CodeFingerprint): readonly Cause[] {
  const fresh = new Set(added);
  return added
    .filter((index) => !fresh.has(after.nodes[index]?.from ?? -1))
    .map((index): Cause => {
      const [label, chain] = [after.nodes[index]?.label ?? '', chainTo(after, index)];
      return { kind: 'added', label, chain, message: `${describe(label)} is reached now${shown(chain)}` };
    });
}

function removedPieces({ removed }: NodeMatch, before: CodeFingerprint): readonly Cause[] {
  const gone = new Set(removed);
  return removed
    .filter((index) => !gone.has(before.nodes[index]?.from ?? -1))
    .map((index): Cause => {
      const [label, chain] = [before.nodes[index]?.label ?? '', chainTo(before, index)];
      return { kind: 'removed', label, chain, message: `${describe(label)} is no longer reached${shown(chain)}` };
    });
}

function packageCauses(before: CodeFingerprint, after: CodeFingerprint): readonly Cause[] {
  return after.packages.flatMap(({ name, version, digest, via }): Cause[] => {
    const old = before.packages.find((each) => each.name === name);
    if (!old || old.digest === digest) return [];
    const what =
      old.version === version ? `${version}, or what it depends on, changed` : `${old.version} -> ${version}`;
    const chain = [after.step, via, name];
    return [
      {
        kind: 'package',
        label: name,
        before: old.version,
        after: version,
        chain,
        message: `package ${name} ${what} (via ${nameOf(via)})`,
      },
    ];
  });
}

function assetCauses(before: CodeFingerprint, after: CodeFingerprint): readonly Cause[] {
  return after.assets.flatMap(({ file, digest }): Cause[] => {
    const old = before.assets.find((each) => each.file === file);
    if (!old || old.digest === digest) return [];
    const what = digest === null ? 'is missing now' : old.digest === null ? 'is there now' : 'changed';
    const index = after.nodes.findIndex(({ label }) => label === file);
    const chain = chainTo(after, index);
    return [
      {
        kind: 'asset',
        label: file,
        before: old.digest ?? '',
        after: digest ?? '',
        chain,
        message: `the file ${file} ${what}`,
      },
    ];
  });
}

function widenedCauses(before: CodeFingerprint, after: CodeFingerprint): readonly Cause[] {
  const old = before.nodes.find(({ label }) => label === PROJECT);
  const index = after.nodes.findIndex(({ label }) => label === PROJECT);
  const node = after.nodes[index];
  const known = new Set(before.hazards.map(({ kind, file, message }) => `${kind} ${file} ${message}`));
  const fresh = after.hazards.filter(({ kind, file, message }) => !known.has(`${kind} ${file} ${message}`));
  const causes = fresh.map(({ message, file, line }): Cause => {
    return { kind: 'widened', label: `${file}:${line}`, chain: [after.step, `${file}:${line}`], message };
  });
  if (!node || !old || old.own === node.own) return causes;
  const chain = chainTo(after, index);
  return [
    ...causes,
    {
      kind: 'widened',
      label: PROJECT,
      chain,
      message: `a file of the project changed, and ${describe(chain.at(-2) ?? '')} may load any`,
    },
  ];
}

function envCauses(before: CodeFingerprint, after: CodeFingerprint): readonly Cause[] {
  const names = after.env.filter((name) => !before.env.includes(name));
  return names.map(
    (name): Cause => ({ kind: 'env', label: name, chain: [after.step, name], message: `${name} is read now` }),
  );
}

function orderCause(): Cause {
  const message = 'statements run in another order while files are loaded, or compiler options changed';
  return { kind: 'order', label: 'evaluation', chain: [], message };
}

function describe(label: string): string {
  return label.includes('#') ? `${nameOf(label)} in ${fileOf(label)}` : label;
}

function nameOf(label: string): string {
  return label.slice(label.indexOf('#') + 1).replace(' @step', '');
}

function fileOf(label: string): string {
  return label.includes('#') ? label.slice(0, label.indexOf('#')) : label;
}

function shown(chain: readonly string[]): string {
  return chain.length > 1 ? ` (${chain.map((label) => nameOf(label)).join(' -> ')})` : '';
}
