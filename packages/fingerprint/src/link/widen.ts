import type { CodeFingerprint, FingerprintNode, Hazard, ImportTarget, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts } from '../format.ts';
import { isFramework } from '../summary/step-options.ts';
import { hashNodes } from './digest.ts';
import { emitOptions } from './emit-options.ts';
import type { LinkOptions } from './fingerprint-step.ts';
import { toHazard } from './hazard-text.ts';
import { projectPath } from './modules.ts';

type Package = Extract<ImportTarget, { type: 'package' }>;

/** Takes all files of the flow by their bytes, and all their packages: what is left when code cannot be followed. */
export function widen(
  graph: ModuleGraph,
  step: string,
  options: LinkOptions,
  errors: readonly Error[],
): CodeFingerprint {
  const files = graph.modules.map(({ path, digest }): FingerprintNode => {
    return { label: projectPath(graph.root, path), own: digest, refs: [], from: -1, line: 1 };
  });
  const packages = [...packagesOf(graph).values()].map((target) => ({ target, info: options.packageInfo(target) }));
  const leaves = packages.map(({ info }): FingerprintNode => {
    return { label: info.name, own: digestOfParts(['package', info.digest]), refs: [], from: -1, line: 1 };
  });
  const nodes = [...files, ...leaves];
  const tier = digestOfParts(['files', canonicalJson(emitOptions(graph.emit)), options.assets.project()]);
  const entry = projectPath(graph.root, graph.entry);
  const hazards = errors.map((error): Hazard => toHazard({ kind: 'widened', line: 1, detail: error.message }, entry));
  return {
    step,
    code: hashNodes(
      nodes,
      nodes.map((_, index) => index),
      tier,
    ),
    nodes,
    packages: packages.map(({ info: { name, version, digest } }) => ({ name, version, digest, via: entry })),
    assets: [],
    env: [],
    envComputed: true,
    timeZone: true,
    native: packages.some(({ info }) => info.native),
    moduleState: [],
    hazards,
    purity: [],
  };
}

function packagesOf(graph: ModuleGraph): ReadonlyMap<string, Package> {
  const found = new Map<string, Package>();
  for (const { target } of graph.modules.flatMap(({ imports }) => imports)) {
    if (target.type === 'package' && !isFramework(target.name)) found.set(target.directory, target);
  }
  return found;
}
