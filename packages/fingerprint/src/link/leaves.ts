import type { Digest, ImportTarget, SourceModule } from '@varve/core/contract';
import { digestOf, digestOfParts, STEP_PROTOCOL } from '../format.ts';
import type { Facts } from '../summary/summary.ts';
import { isFramework } from '../summary/walk/step-options.ts';
import type { LinkedModule } from './modules.ts';
import type { NodeKind, NodeParts, Slot } from './node.ts';

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

export function leaf(parts: LeafParts): NodeParts {
  const defaults = { file: '', line: 1, facts: {}, slots: NO_SLOTS };
  return { ...defaults, ...parts };
}

/** What identifies an installed package: supplied from outside, as it takes reading files. */
export type PackageDigest = (target: Extract<ImportTarget, { type: 'package' }>) => Digest;

export function packageLeaf(
  target: Extract<ImportTarget, { type: 'package' }>,
  specifier: string,
  name: string,
  digest: PackageDigest,
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
    own: digestOfParts(['package', specifier, name, digest(target)]),
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

/** A name that leads nowhere that is known. */
export function missingLeaf(module: LinkedModule, name: string): NodeParts {
  const own = digestOfParts(['missing', name]);
  return leaf({ key: `missing:${module.file}:${name}`, label: name, own, kind: 'missing', file: module.file });
}

/** A file whose content matters as it is. JSON by its value, so that its layout changes nothing. */
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
