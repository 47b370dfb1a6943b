import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import { isImpureBuiltin } from '../summary/builtins.ts';
import { Use } from '../summary/summary.ts';
import { toHazard } from './hazard-text.ts';
import { edgesOf, type LinkNode } from './node.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'env' | 'envComputed' | 'timeZone' | 'moduleState'>;

/** What the reached code says about itself, each thing once. */
export function collectFindings({ closure, flow }: Slice): Findings {
  const { nodes } = closure;
  const own = new Set([...flow.headers(), ...flow.all(() => true).map(({ node }) => node)]);
  const computed = nodes.filter(({ facts }) => facts.envComputed);
  const hazards = [
    ...nodes.flatMap((node) => hazardsOf(node, own.has(node))),
    ...nodes.flatMap(unresolvedIn),
    ...nodes.flatMap(vmIn),
    ...computed.map((node) => toHazard({ kind: 'computed-env', line: node.line }, node.file)),
    ...(flow.opaqueAt ? [opaqueBase(flow.opaqueAt.node)] : []),
  ];
  return {
    hazards: unique(hazards),
    purity: unique(nodes.flatMap(purityOf)),
    env: unique(nodes.flatMap(({ facts }) => facts.env ?? [])).sort(),
    envComputed: computed.length > 0,
    timeZone: nodes.some(({ facts }) => facts.timeZone === true),
    moduleState: moduleState(nodes),
  };
}

function hazardsOf(node: LinkNode, inFlow: boolean): readonly Hazard[] {
  const found = (node.facts.hazards ?? []).filter(({ kind }) => kind !== 'this-escapes' || inFlow);
  return found.map((each) => toHazard(each, node.file));
}

function unresolvedIn(node: LinkNode): readonly Hazard[] {
  const missing = edgesOf(node).filter(({ to }) => to.kind === 'missing');
  return missing.map(({ to }) => toHazard({ kind: 'unresolved', line: node.line, detail: to.label }, node.file));
}

function vmIn(node: LinkNode): readonly Hazard[] {
  const vm = edgesOf(node).filter(({ to }) => to.external?.module === 'node:vm');
  return vm.map(({ to }) => toHazard({ kind: 'vm', line: node.line, detail: to.label }, node.file));
}

function opaqueBase(node: LinkNode): Hazard {
  return toHazard({ kind: 'unknown-base', line: node.line, detail: node.label.split('#').at(-1) ?? '' }, node.file);
}

function purityOf(node: LinkNode): readonly PurityFinding[] {
  const { file, line } = node;
  const calls = (node.facts.purity ?? []).map((each) => ({ call: each.kind, file, line: each.line }));
  const env = (node.facts.env ?? []).length > 0 || node.facts.envComputed ? [{ call: 'process.env', file, line }] : [];
  const parts = edgesOf(node).flatMap(({ to }) => {
    const isImpure = to.kind === 'builtin' && to.external && isImpureBuiltin(to.external.module, to.external.name);
    return isImpure && to.external ? [{ call: to.external.module, file, line }] : [];
  });
  return [...calls, ...env, ...parts];
}

/** Variables of files that the code changes while a task runs, and reads: they outlive the task. */
function moduleState(nodes: readonly LinkNode[]): readonly string[] {
  const [read, changed] = [new Set<LinkNode>(), new Set<LinkNode>()];
  for (const node of nodes) {
    for (const { to, eager, later } of edgesOf(node)) {
      if ((eager | later) & (Use.Read | Use.Alias | Use.Argument)) read.add(to);
      const changes = to.kind === 'container' ? Use.Assign | Use.Method : Use.Assign;
      if (isState(to) && later & changes) changed.add(to);
    }
  }
  return [...changed].filter((node) => read.has(node)).map(({ label }) => label);
}

function isState({ kind }: LinkNode): boolean {
  return kind === 'container' || kind === 'value' || kind === 'statement';
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
