import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import { isImpureBuiltin } from '../summary/builtins.ts';
import { Use } from '../summary/summary.ts';
import type { FlowClass } from './flow-class.ts';
import { toHazard } from './hazard-text.ts';
import type { Edge, LinkNode } from './node.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'env' | 'envComputed' | 'timeZone' | 'moduleState'>;

/** What one piece says, whichever step reaches it. */
interface NodeFindings {
  readonly hazards: readonly Hazard[];
  readonly unresolved: readonly Hazard[];
  readonly vm: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
  /** Variables of files that it reads, and those that it changes while a task runs. */
  readonly reads: readonly LinkNode[];
  readonly changes: readonly LinkNode[];
}

/** Collects what the reached code says about itself, each thing once; every piece is asked once for all steps. */
export class Finder {
  readonly #known = new Map<LinkNode, NodeFindings>();
  readonly #own: ReadonlySet<LinkNode>;

  constructor(readonly flow: FlowClass) {
    this.#own = new Set([...flow.headers(), ...flow.all(() => true).map(({ node }) => node)]);
  }

  collect({ closure }: Slice): Findings {
    const { nodes } = closure;
    const found = nodes.map((node) => this.#of(node));
    const computed = nodes.filter(({ facts }) => facts.envComputed);
    const { opaqueAt } = this.flow;
    return {
      hazards: unique([
        ...found.flatMap(({ hazards }) => hazards),
        ...found.flatMap(({ unresolved }) => unresolved),
        ...found.flatMap(({ vm }) => vm),
        ...computed.map((node) => toHazard({ kind: 'computed-env', line: node.line }, node.file)),
        ...(opaqueAt ? [opaqueBase(opaqueAt.node)] : []),
      ]),
      purity: unique(found.flatMap(({ purity }) => purity)),
      env: unique(nodes.flatMap(({ facts }) => facts.env ?? [])).sort(),
      envComputed: computed.length > 0,
      timeZone: nodes.some(({ facts }) => facts.timeZone === true),
      moduleState: moduleState(found),
    };
  }

  #of(node: LinkNode): NodeFindings {
    const known = this.#known.get(node);
    if (known) return known;
    const found: NodeFindings = {
      hazards: hazardsOf(node, this.#own.has(node)),
      unresolved: unresolvedIn(node),
      vm: vmIn(node),
      purity: purityOf(node),
      reads: stateUsed(node, ({ eager, later, handed = 0 }) => ((eager | later | handed) & (Use.Read | Use.Alias | Use.Argument)) !== 0),
      changes: stateUsed(node, ({ to, later, handed = 0 }) => {
        const uses = node.keeper ? later | handed : later;
        return (uses & (to.kind === 'container' ? Use.Assign | Use.Method : Use.Assign)) !== 0;
      }),
    };
    this.#known.set(node, found);
    return found;
  }
}

function hazardsOf(node: LinkNode, inFlow: boolean): readonly Hazard[] {
  const found = (node.facts.hazards ?? []).filter(({ kind }) => kind !== 'this-escapes' || inFlow);
  return found.map((each) => toHazard(each, node.file));
}

function unresolvedIn(node: LinkNode): readonly Hazard[] {
  const missing = node.edges.filter(({ to }) => to.kind === 'missing');
  return missing.map(({ to }) => toHazard({ kind: 'unresolved', line: node.line, detail: to.label }, node.file));
}

function vmIn(node: LinkNode): readonly Hazard[] {
  const vm = node.edges.filter(({ to }) => to.external?.module === 'node:vm');
  return vm.map(({ to }) => toHazard({ kind: 'vm', line: node.line, detail: to.label }, node.file));
}

function opaqueBase(node: LinkNode): Hazard {
  return toHazard({ kind: 'unknown-base', line: node.line, detail: node.label.split('#').at(-1) ?? '' }, node.file);
}

function purityOf(node: LinkNode): readonly PurityFinding[] {
  const { file, line } = node;
  const calls = (node.facts.purity ?? []).map((each) => ({ call: each.kind, file, line: each.line }));
  const env = (node.facts.env ?? []).length > 0 || node.facts.envComputed ? [{ call: 'process.env', file, line }] : [];
  const parts = node.edges.flatMap(({ to }) => {
    const isImpure = to.kind === 'builtin' && to.external && isImpureBuiltin(to.external.module, to.external.name);
    return isImpure && to.external ? [{ call: to.external.module, file, line }] : [];
  });
  return [...calls, ...env, ...parts];
}

function stateUsed(node: LinkNode, isUsed: (edge: Edge) => boolean): readonly LinkNode[] {
  return node.edges.flatMap((edge) => (isState(edge.to) && isUsed(edge) ? [edge.to] : []));
}

function isState({ kind }: LinkNode): boolean {
  return kind === 'container' || kind === 'value' || kind === 'statement';
}

/** Variables of files that the code changes while a task runs, and reads: they outlive the task. */
function moduleState(found: readonly NodeFindings[]): readonly string[] {
  const read = new Set(found.flatMap(({ reads }) => reads));
  const changed = new Set(found.flatMap(({ changes }) => changes));
  return [...changed].filter((node) => read.has(node)).map(({ label }) => label);
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
