import type { Digest, SourceModule } from '@varve/core/contract';
import { digestOf, digestOfParts, isFramework, STEP_PROTOCOL } from '../format.ts';
import type { Facts } from '../summary/summary.ts';
import type { CodeGraph } from './graph.ts';
import { type LinkedModule, projectPath } from './modules.ts';
import type { LinkNode, NodeKind, NodeParts, Slot } from './node.ts';
import type { AssetSource, PackageTarget, Surroundings } from './options.ts';

interface LeafParts {
  readonly key: string;
  readonly label: string;
  readonly own: Digest;
  readonly kind: NodeKind;
  readonly file?: string;
  readonly line?: number;
  readonly facts?: Facts;
  readonly packageName?: string;
  readonly external?: NonNullable<NodeParts['external']>;
  readonly target?: NonNullable<NodeParts['target']>;
  readonly slots?: () => readonly Slot[];
}

const NO_SLOTS = (): readonly Slot[] => [];

/** Fills in the data that most leaves have in common. */
export function leaf(parts: LeafParts): NodeParts {
  const defaults = { file: '', line: 1, facts: {}, slots: NO_SLOTS };
  return { ...defaults, ...parts };
}

export function packageLeaf(
  target: PackageTarget,
  specifier: string,
  name: string,
  infoOf: Surroundings['packageInfo'],
): NodeParts {
  if (isFramework(target.name)) {
    const key = `framework:${specifier}#${name}`;
    return leaf({
      key,
      label: `${specifier}#${name}`,
      own: digestOfParts(['framework', STEP_PROTOCOL, name]),
      kind: 'framework',
    });
  }
  return leaf({
    key: `package:${target.directory}:${specifier}#${name}`,
    label: `${specifier}#${name}`,
    own: digestOfParts(['package', specifier, name, infoOf(target).digest]),
    kind: 'package',
    packageName: target.name,
    external: { module: target.name, name },
    target,
  });
}

export function builtinLeaf(module: string, name: string): NodeParts {
  const label = `${module}#${name}`;
  const own = digestOfParts(['builtin', module, name]);
  return leaf({
    key: `builtin:${label}`,
    label,
    own,
    kind: 'builtin',
    packageName: module,
    external: { module, name },
  });
}

/** A name that cannot be resolved. */
export function missingLeaf(module: LinkedModule, name: string): NodeParts {
  const own = digestOfParts(['missing', name]);
  return leaf({ key: `missing:${module.file}:${name}`, label: name, own, kind: 'missing', file: module.file });
}

/** A file hashed by its content. */
export function contentLeaf(module: LinkedModule, slots: () => readonly Slot[], facts: Facts): NodeParts {
  const { source, file } = module;
  return leaf({
    key: `file:${source.path}`,
    label: file,
    own: contentOwn(source),
    kind: 'file',
    file,
    facts,
    slots,
  });
}

/** JSON is hashed by value, so that its layout changes nothing. */
export function contentOwn({ loader, contents, digest }: SourceModule): Digest {
  return digestOfParts(['file', loader === 'json' ? jsonDigest(contents) : digest]);
}

function jsonDigest(contents: Uint8Array): Digest {
  const text = Buffer.from(contents).toString('utf8');
  try {
    return digestOf(JSON.stringify(JSON.parse(text)));
  } catch {
    return digestOf(text);
  }
}

/** A file or folder by its content. */
export function assetNode(program: CodeGraph, path: string): LinkNode {
  const file = projectPath(program.graph.root, path);
  const key = `asset:${path}`;
  return program.node(key, () => {
    const own = assetOwn(program.outside.assets, path);
    return leaf({ key, label: file, own, kind: 'asset', file });
  });
}

/** Any file of the project. */
export function projectNode(program: CodeGraph): LinkNode {
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
