import type { CodeFingerprint, Digest, FingerprintNode, Hazard, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts, FP_VERSION, isFramework, STEP_PROTOCOL } from '../format.ts';
import { buildNetwork } from '../link/build-network.ts';
import { emitOptions, namedOptions } from '../link/emit-options.ts';
import { findFlow } from '../link/flow-class.ts';
import { assetNode } from '../link/leaves.ts';
import { projectPath } from '../link/modules.ts';
import type { Network } from '../link/network.ts';
import { NodeSources, pathOfAsset } from '../link/node-source.ts';
import type { LinkOptions, PackageInfo, PackageTarget } from '../link/options.ts';
import { Program } from '../link/program.ts';
import type { FileSummary } from '../summary/summary.ts';
import { recordNodes, rootIndices } from './closure.ts';
import { hashNodes, sourceTier } from './code-hash.ts';
import { Effects } from './effects.ts';
import { Finder, toHazard } from './findings.ts';
import { type Slice, Slicer } from './slice.ts';

/** The flow's class is not written in its file but made while the file is loaded. */
class NoClass extends Error {
  override readonly name = 'NoClass';
}

/** A fingerprint with the slice it was made from; without one if the code could not be sliced. */
export interface LinkedStep {
  readonly fingerprint: CodeFingerprint;
  /** Number in the network of each node. */
  readonly reached?: readonly number[];
  /** Indices of the nodes that reach all others. */
  readonly roots?: readonly number[];
}

/** Fingerprints with the network they were made from, if the code could be linked. */
export interface Linked {
  readonly network: Network | undefined;
  readonly steps: readonly LinkedStep[];
  /** Nodes whose code may run while files are loaded. */
  readonly followed: readonly number[];
}

/** Makes one fingerprint per step. An internal error widens it to all code of the flow. */
export function fingerprintSteps(
  graph: ModuleGraph,
  summaries: ReadonlyMap<string, FileSummary>,
  flowName: string,
  steps: readonly string[],
  options: LinkOptions,
): Linked {
  const linked = options.wholeFiles ? undefined : attempt(() => linkFlow(graph, summaries, flowName, steps, options));
  const network = linked instanceof Error ? undefined : linked;
  if (network) return fingerprintNetwork(graph, network, steps, options);
  const error = linked instanceof Error ? linked : undefined;
  const wide = steps.map((step) => versioned(step, widened(graph, step, options, error), options));
  return { network, steps: wide, followed: [] };
}

/** Makes one fingerprint per step from a linked network. */
export function fingerprintNetwork(
  graph: ModuleGraph,
  network: Network,
  steps: readonly string[],
  options: LinkOptions,
): Linked {
  const parts = attempt(() => openNetwork(graph, network, options));
  const made = steps.map((step) => {
    const one = parts instanceof Error ? parts : attempt(() => fingerprintStep(parts, step, options));
    return versioned(step, one instanceof Error ? widened(graph, step, options, one) : one, options);
  });
  return { network, steps: made, followed: parts instanceof Error ? [] : [...parts.effects.followed] };
}

function widened(graph: ModuleGraph, step: string, options: LinkOptions, error: Error | undefined): LinkedStep {
  return { fingerprint: widen(graph, step, options, error) };
}

/** Replaces the code by the version of the user, if there is one. */
function versioned(step: string, made: LinkedStep, options: LinkOptions): LinkedStep {
  const version = options.overrides.versionOf(step);
  if (version === undefined) return made;
  return { ...made, fingerprint: { ...made.fingerprint, tier: 'version', code: versionDigest(version, options) } };
}

function versionDigest(version: string, { overrides: { salt } }: LinkOptions): Digest {
  return digestOfParts([FP_VERSION, STEP_PROTOCOL, 'version', version, salt]);
}

function linkFlow(
  graph: ModuleGraph,
  summaries: ReadonlyMap<string, FileSummary>,
  flowName: string,
  steps: readonly string[],
  options: LinkOptions,
): Network {
  const program = new Program(graph, summaries, options);
  const flow = findFlow(program, flowName);
  const entry = summaries.get(graph.entry);
  if (!flow && entry && !entry.whole) throw new NoClass(flowName);
  if (!flow) throw new Error(`no class ${flowName} that can be read in the flow's file`);
  program.flow = flow;
  const includes = options.overrides.includes.map((path) => assetNode(program, path));
  return buildNetwork(program, flow, steps, includes, new NodeSources(graph, summaries));
}

/** Tools that the steps of one network share. */
interface Parts {
  readonly network: Network;
  readonly effects: Effects;
  readonly slicer: Slicer;
  readonly finder: Finder;
  /** Part of every hash: see `sourceTier`. */
  readonly tier: string;
  readonly compiler: NonNullable<CodeFingerprint['compiler']>;
}

function openNetwork(graph: ModuleGraph, network: Network, options: LinkOptions): Parts {
  const effects = new Effects(network, options.rules);
  const slicer = new Slicer(network, effects);
  const finder = new Finder(network, effects, slicer.whole());
  const tier = sourceTier(graph, options.overrides);
  return { network, effects, slicer, finder, tier, compiler: namedOptions(graph) };
}

function fingerprintStep({ slicer, finder, tier, compiler }: Parts, step: string, options: LinkOptions): LinkedStep {
  const slice = slicer.slice(step);
  const nodes = recordNodes(slice.closure);
  const roots = rootsOf(slice);
  const { packages, native } = reachedPackages(slice, nodes, options);
  const findings = finder.collect(slice);
  const code = hashNodes(nodes, roots, tier);
  const assets = assetsOf(slice, options);
  const of = { step, tier: 'source', code, nodes, packages, native, assets, compiler } as const;
  const fingerprint: CodeFingerprint = { ...of, ...findings };
  return { fingerprint, reached: slice.closure.reached, roots };
}

/** Indices of the roots and, after -1, of the nodes whose order of evaluation counts. */
function rootsOf({ closure, roots, order }: Slice): readonly number[] {
  const own = rootIndices(closure, roots);
  return order.length === 0 ? own : [...own, -1, ...rootIndices(closure, order)];
}

function reachedPackages(
  { closure }: Slice,
  nodes: readonly FingerprintNode[],
  options: LinkOptions,
): Pick<CodeFingerprint, 'packages' | 'native'> {
  const found = new Map<string, PackageInfo & { readonly via: string }>();
  let addons = false;
  closure.reached.forEach((number, index) => {
    const { target, label, kind } = closure.nodes[number] ?? {};
    addons ||= kind === 'file' && label?.endsWith('.node') === true;
    if (!target || found.has(target.directory)) return;
    const via = nodes[closure.fromOf(index)]?.label ?? label ?? '';
    found.set(target.directory, { ...options.packageInfo(target), via });
  });
  const packages = [...found.values()].map(({ name, version, digest, via }) => ({ name, version, digest, via }));
  return { packages, native: addons || [...found.values()].some(({ native }) => native) };
}

function assetsOf({ closure }: Slice, { assets }: LinkOptions): CodeFingerprint['assets'] {
  return closure.reached.flatMap((number) => {
    const { kind, file = '', origin } = closure.nodes[number] ?? {};
    if (kind !== 'asset' || typeof origin !== 'string') return [];
    return [{ file, digest: assets.digest(pathOfAsset(origin)) ?? null }];
  });
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Fallback for code that cannot be followed: all files of the flow by their bytes, and all their packages. */
function widen(graph: ModuleGraph, step: string, options: LinkOptions, error?: Error): CodeFingerprint {
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
  const domain = digestOfParts([
    tier,
    canonicalJson([graph, ...graph.modules].map(({ emit = {} }) => emitOptions(emit))),
    assets.project(),
    overrides.salt,
  ]);
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
    compiler: namedOptions(graph),
    native: packages.some(({ info }) => info.native),
    moduleState: [],
    variables: ['*'],
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
