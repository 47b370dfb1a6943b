import { dirname, isAbsolute, resolve } from 'node:path';
import type { Digest } from '@varve/core/contract';
import { digestOfParts } from '../format.ts';
import type { Facts } from '../summary/summary.ts';
import { leaf } from './leaves.ts';
import { type LinkedModule, projectPath } from './modules.ts';
import { type LinkNode, plainEdge, type Slot } from './node.ts';
import type { Program } from './program.ts';

/** Content of files that are read by name, or that may be loaded. */
export interface AssetSource {
  /** Digest of a file, or of a folder with all that is in it; nothing if there is none. */
  digest(path: string): Digest | undefined;
  /** Digest of all source files of the project. */
  project(): Digest;
}

/** The files that a piece names, as leaves. */
export function assetSlots(program: Program, module: LinkedModule, facts: Facts): readonly Slot[] {
  const beside = (path: string) => resolve(dirname(module.source.path), path.split(/[?#]/)[0] ?? path);
  const files = (facts.assets ?? []).map(({ path, base }) => {
    if (base === 'module') return beside(path);
    return isAbsolute(path) ? path : resolve(program.graph.root, path);
  });
  const folders = (facts.folders ?? []).map(beside);
  // Each once: how often one is named depends on how the lines are laid out.
  const slots = [...new Set([...files, ...folders])].map((path): Slot => [plainEdge(assetNode(program, path))]);
  return facts.project ? [...slots, [plainEdge(projectNode(program))]] : slots;
}

/** A file or folder by its content. */
export function assetNode(program: Program, path: string): LinkNode {
  const file = projectPath(program.graph.root, path);
  const key = `asset:${path}`;
  return program.node(key, () => {
    const own = assetOwn(program.outside.assets, path);
    return leaf({ key, label: file, own, kind: 'asset', file });
  });
}

/** Any file of the project. */
export function projectNode(program: Program): LinkNode {
  return program.node('project', () =>
    leaf({
      key: 'project',
      label: 'the whole project',
      own: projectOwn(program.outside.assets),
      kind: 'project',
    }),
  );
}

export function assetOwn(assets: AssetSource, path: string): Digest {
  return digestOfParts(['asset', assets.digest(path) ?? 'missing']);
}

export function projectOwn(assets: AssetSource): Digest {
  return digestOfParts(['project', assets.project()]);
}
