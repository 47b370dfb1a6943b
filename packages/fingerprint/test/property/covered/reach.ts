import type { ModuleGraph } from '@varve/core/contract';
import type { Network, NetworkNode } from '../../../src/link/network.ts';
import type { LinkOptions } from '../../../src/link/options.ts';
import { pureCalls } from '../../../src/packages/pure-calls.ts';
import { Closure } from '../../../src/slice/closure.ts';
import { Effects } from '../../../src/slice/effects.ts';
import { fingerprintSteps } from '../../../src/slice/fingerprint-steps.ts';
import { Slicer } from '../../../src/slice/slice.ts';
import { Summaries } from '../../../src/summary/summaries.ts';

/** What packages and other files hold does not matter to what runs. */
const OPTIONS: LinkOptions = {
  packageInfo: ({ name }) => ({ name, version: '1.0.0', digest: 'sha256:', native: false }),
  assets: { digest: () => undefined, project: () => 'sha256:' },
  findInstalled: () => undefined,
  rules: { strict: false, isPureCall: pureCalls([]) },
  wholeFiles: false,
  overrides: { includes: [], salt: '', versionOf: () => undefined },
};

const summaries = new Summaries(undefined);

/** Code that is expected to run. */
export interface Reach {
  /** While files are loaded: what belongs to every step, what a proof followed, and what runs without a call. */
  readonly loaded: readonly NetworkNode[];
  /** In each step, if what belongs to every step led to nothing else. */
  readonly alone: readonly (readonly NetworkNode[])[];
}

/** Finds which code of a flow is expected to run, and when. */
export async function findReach(graph: ModuleGraph, flow: string, steps: readonly string[]): Promise<Reach> {
  const all = await summaries.of(graph.modules);
  const { network } = fingerprintSteps(graph, all, flow, steps, OPTIONS);
  if (!network) throw new Error(`${flow} cannot be linked`);
  const { nodes } = network;
  const effects = new Effects(network, OPTIONS.rules);
  const slicer = new Slicer(network, { ...effects, open: [] });
  const open = effects.open.map(({ node }) => node);
  return {
    loaded: findLoaded(network, effects),
    alone: steps.map((step) => nodesAt(nodes, [...open, ...slicer.slice(step).closure.reached])),
  };
}

function findLoaded({ nodes, shared }: Network, { open, followed }: Effects): readonly NetworkNode[] {
  const everywhere = new Closure(nodes);
  for (const root of [...shared, ...open.map(({ node }) => node)]) everywhere.add(root);
  return [...nodesAt(nodes, [...everywhere.reached, ...followed]), ...nodes.filter(runsByItself)];
}

function nodesAt(nodes: readonly NetworkNode[], numbers: readonly number[]): readonly NetworkNode[] {
  return numbers.flatMap((number) => nodes[number] ?? []);
}

function runsByItself({ kind, load, hidden }: NetworkNode): boolean {
  return load !== undefined || hidden !== undefined || (kind !== 'function' && kind !== 'member');
}
