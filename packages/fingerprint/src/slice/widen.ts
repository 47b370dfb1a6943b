import type { CodeFingerprint, FingerprintNode, Hazard, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts } from '../format.ts';
import { projectPath } from '../link/modules.ts';
import type { LinkOptions, PackageTarget } from '../link/options.ts';
import { isFramework } from '../summary/walk/step-options.ts';
import { hashNodes } from './code-hash.ts';
import { emitOptions } from './emit-options.ts';
import { toHazard } from './hazard-text.ts';

/** The class of the flow is not written in its file: it is made while the file is loaded. */
export class NoClass extends Error {
  override readonly name = 'NoClass';
}

/** Takes all files of the flow by their bytes, and all their packages: what is left when code cannot be followed. */
export function widen(graph: ModuleGraph, step: string, options: LinkOptions, error?: Error): CodeFingerprint {
  const { assets, overrides, packageInfo } = options;
  const included = overrides.includes.map((path) => ({
    file: projectPath(graph.root, path),
    digest: assets.digest(path) ?? null,
  }));
  const files = graph.modules.map(({ path, digest }): FingerprintNode => {
    return { label: projectPath(graph.root, path), own: digest, refs: [], from: -1, line: 1 };
  });
  const packages = [...packagesOf(graph).values()].map((target) => ({ target, info: packageInfo(target) }));
  const leaves = packages.map(({ info }): FingerprintNode => {
    return { label: info.name, own: digestOfParts(['package', info.digest]), refs: [], from: -1, line: 1 };
  });
  const more = included.map(({ file, digest }): FingerprintNode => {
    return { label: file, own: digestOfParts(['asset', digest ?? 'missing']), refs: [], from: -1, line: 1 };
  });
  const nodes = [...files, ...leaves, ...more];
  const tier = error instanceof NoClass ? 'runtime' : 'files';
  const domain = digestOfParts([tier, canonicalJson(emitOptions(graph.emit)), assets.project(), overrides.salt]);
  const entry = projectPath(graph.root, graph.entry);
  const kind = tier === 'runtime' ? 'runtime-class' : 'widened';
  const hazards: Hazard[] = error ? [toHazard({ kind, line: 1, detail: error.message }, entry)] : [];
  return {
    step,
    tier,
    code: hashNodes(
      nodes,
      nodes.map((_, index) => index),
      domain,
    ),
    nodes,
    packages: packages.map(({ info: { name, version, digest } }) => ({ name, version, digest, via: entry })),
    assets: included,
    env: [],
    envComputed: true,
    timeZone: true,
    native: packages.some(({ info }) => info.native),
    moduleState: [],
    hazards,
    purity: [],
  };
}

function packagesOf(graph: ModuleGraph): ReadonlyMap<string, PackageTarget> {
  const found = new Map<string, PackageTarget>();
  for (const { target } of graph.modules.flatMap(({ imports }) => imports)) {
    if (target.type === 'package' && !isFramework(target.name)) found.set(target.directory, target);
  }
  return found;
}
