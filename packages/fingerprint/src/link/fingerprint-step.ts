import type { CodeFingerprint, Digest, FingerprintNode, ImportTarget, ModuleGraph } from '@varve/core/contract';
import { canonicalJson, digestOfParts, FP_VERSION, STEP_PROTOCOL } from '../format.ts';
import type { FileSummary } from '../summary/summary.ts';
import { assetNode } from './asset-slots.ts';
import { hashNodes, recordNodes, rootIndices } from './digest.ts';
import { type EffectRules, Effects } from './effects.ts';
import { emitOptions } from './emit-options.ts';
import { Finder } from './findings.ts';
import { findFlow } from './flow-class.ts';
import type { LinkNode } from './node.ts';
import { Program, type Surroundings } from './program.ts';
import { type Slice, Slicer } from './slice.ts';
import { NoClass, widen } from './widen.ts';

/** What is known of an installed package. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly native: boolean;
}

export interface LinkOptions extends Surroundings {
  readonly rules: EffectRules;
  readonly packageInfo: (target: Extract<ImportTarget, { type: 'package' }>) => PackageInfo;
  /** Hash all code of the flow into every step. */
  readonly wholeFiles: boolean;
  readonly overrides: Overrides;
}

/** What the user says of the code, besides the code. */
export interface Overrides {
  /** Absolute paths of files and folders that every step depends on. */
  readonly includes: readonly string[];
  /** In every hash. */
  readonly salt: string;
  /** Stands for the code of a step, if the user gave one. */
  readonly versionOf: (step: string) => string | undefined;
}

/** A fingerprint, with what its nodes were made from; without that where it was not made of pieces. */
export interface LinkedStep {
  readonly fingerprint: CodeFingerprint;
  readonly pieces?: readonly LinkNode[];
  /** Indices of the nodes from which all others are reached. */
  readonly roots?: readonly number[];
}

/** One fingerprint a step. What goes wrong inside widens that step to all code of the flow. */
export function fingerprintSteps(
  graph: ModuleGraph,
  summaries: ReadonlyMap<string, FileSummary>,
  flowName: string,
  steps: readonly string[],
  options: LinkOptions,
): readonly LinkedStep[] {
  const loaded = options.wholeFiles ? undefined : attempt(() => load(graph, summaries, flowName, options));
  return steps.map((step) => {
    const made =
      loaded === undefined || loaded instanceof Error ? loaded : attempt(() => fingerprintStep(loaded, step, options));
    const found =
      made === undefined || made instanceof Error ? { fingerprint: widen(graph, step, options, made) } : made;
    const version = options.overrides.versionOf(step);
    if (version === undefined) return found;
    const code = versionDigest(version, options);
    return { ...found, fingerprint: { ...found.fingerprint, tier: 'version', code } };
  });
}

/** The code does not matter then: whoever gives a version says when it changes. */
function versionDigest(version: string, { overrides: { salt } }: LinkOptions): Digest {
  return digestOfParts([FP_VERSION, STEP_PROTOCOL, 'version', version, salt]);
}

interface LoadedFlow {
  readonly slicer: Slicer;
  readonly finder: Finder;
  /** In the hash of every step. */
  readonly tier: string;
}

function load(
  graph: ModuleGraph,
  summaries: ReadonlyMap<string, FileSummary>,
  flowName: string,
  options: LinkOptions,
): LoadedFlow {
  const program = new Program(graph, summaries, options);
  const flow = findFlow(program, flowName);
  const entry = summaries.get(graph.entry);
  if (!flow && entry && !entry.whole) throw new NoClass(flowName);
  if (!flow) throw new Error(`no class ${flowName} that can be read in the flow's file`);
  program.flow = flow;
  const pieces = program.pieces();
  const fresh = new Set(flow.all(({ kind }) => kind !== 'method').map(({ node }) => node));
  const effects = new Effects(pieces, fresh, options.rules);
  const tier = sourceTier(graph, options.overrides);
  const includes = options.overrides.includes.map((path) => assetNode(program, path));
  return { slicer: new Slicer(program, flow, effects, pieces, includes), finder: new Finder(flow), tier };
}

/** What is in the hash of every step that is made of pieces. */
export function sourceTier({ emit }: ModuleGraph, { salt }: Pick<Overrides, 'salt'>): string {
  return digestOfParts(['source', canonicalJson(emitOptions(emit)), salt]);
}

function fingerprintStep(loaded: LoadedFlow, step: string, options: LinkOptions): LinkedStep {
  const slice = loaded.slicer.slice(step);
  const nodes = recordNodes(slice.closure);
  const roots = rootIndices(slice.closure, slice.roots);
  const { packages, native } = reachedPackages(slice, nodes, options);
  const findings = loaded.finder.collect(slice);
  const code = hashNodes(nodes, roots, loaded.tier);
  const assets = assetsOf(slice, options);
  const fingerprint: CodeFingerprint = {
    step,
    tier: 'source',
    code,
    nodes,
    packages,
    native,
    assets,
    ...findings,
  };
  return { fingerprint, pieces: slice.closure.nodes, roots };
}

function reachedPackages(
  { closure }: Slice,
  nodes: readonly FingerprintNode[],
  options: LinkOptions,
): Pick<CodeFingerprint, 'packages' | 'native'> {
  const found = new Map<string, PackageInfo & { readonly via: string }>();
  for (const [index, { target, label }] of closure.nodes.entries()) {
    if (!target || found.has(target.directory)) continue;
    found.set(target.directory, { ...options.packageInfo(target), via: nodes[closure.fromOf(index)]?.label ?? label });
  }
  const packages = [...found.values()].map(({ name, version, digest, via }) => ({ name, version, digest, via }));
  const addons = closure.nodes.some(({ kind, label }) => kind === 'file' && label.endsWith('.node'));
  return { packages, native: addons || [...found.values()].some(({ native }) => native) };
}

function assetsOf({ closure }: Slice, { assets }: LinkOptions): CodeFingerprint['assets'] {
  const found = closure.nodes.filter(({ kind }) => kind === 'asset');
  return found.map((node) => ({ file: node.file, digest: assets.digest(node.key.slice('asset:'.length)) ?? null }));
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
