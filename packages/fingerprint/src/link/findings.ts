import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import { isImpureBuiltin } from '../summary/builtins.ts';
import { Use } from '../summary/summary.ts';
import type { Closure } from './closure.ts';
import type { FlowClass } from './flow-class.ts';
import { toHazard } from './hazard-text.ts';
import type { Edge, LinkNode } from './node.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'env' | 'envComputed' | 'timeZone' | 'moduleState'>;

/** What one piece says, whichever step reaches it. */
interface NodeFindings {
  readonly node: LinkNode;
  readonly hazards: readonly Hazard[];
  readonly unresolved: readonly Hazard[];
  readonly vm: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
  /** Variables of files that it changes while a task runs. */
  readonly changes: readonly LinkNode[];
}

/** Collects what the reached code says about itself, each thing once; every piece is asked once for all steps. */
export class Finder {
  /** By the number of the node; nothing for the many that have nothing to say. */
  readonly #known: { readonly found: NodeFindings | undefined }[] = [];
  readonly #own: ReadonlySet<LinkNode>;
  /** Pieces that read a variable, by its number. */
  readonly #readers: LinkNode[][] = [];

  constructor(readonly flow: FlowClass) {
    this.#own = new Set([...flow.headers(), ...flow.all(() => true).map(({ node }) => node)]);
  }

  collect({ closure }: Slice): Findings {
    const found = closure.nodes.flatMap((node) => this.#of(node) ?? []);
    const computed = found.filter(({ node }) => node.facts.envComputed);
    const { opaqueAt } = this.flow;
    return {
      hazards: unique([
        ...found.flatMap(({ hazards }) => hazards),
        ...found.flatMap(({ unresolved }) => unresolved),
        ...found.flatMap(({ vm }) => vm),
        ...computed.map(({ node }) => toHazard({ kind: 'computed-env', line: node.line }, node.file)),
        ...(opaqueAt ? [opaqueBase(opaqueAt.node)] : []),
      ]),
      purity: unique(found.flatMap(({ purity }) => purity)),
      env: unique(found.flatMap(({ node }) => node.facts.env ?? [])).sort(),
      envComputed: computed.length > 0,
      timeZone: found.some(({ node }) => node.facts.timeZone === true),
      moduleState: this.#moduleState(closure, found),
    };
  }

  /** Variables of files that the code changes while a task runs, and reads: they outlive the task. */
  #moduleState(closure: Closure, found: readonly NodeFindings[]): readonly string[] {
    const changed = [...new Set(found.flatMap(({ changes }) => changes))];
    const read = changed.filter(({ id }) => this.#readers[id]?.some((reader) => closure.indexOf(reader) >= 0));
    return read.map(({ label }) => label);
  }

  #of(node: LinkNode): NodeFindings | undefined {
    const known = this.#known[node.id] ?? { found: this.#ask(node) };
    this.#known[node.id] = known;
    return known.found;
  }

  #ask(node: LinkNode): NodeFindings | undefined {
    for (const edge of node.edges) if (isRead(edge)) this.#noteReader(edge.to, node);
    const hazards = hazardsOf(node, this.#own.has(node));
    const [unresolved, vm, purity, changes] = [unresolvedIn(node), vmIn(node), purityOf(node), changesOf(node)];
    const { env = [], envComputed, timeZone } = node.facts;
    const lists = [hazards, unresolved, vm, purity, changes, env];
    const isSilent = !envComputed && !timeZone && lists.every(({ length }) => length === 0);
    return isSilent ? undefined : { node, hazards, unresolved, vm, purity, changes };
  }

  #noteReader({ id }: LinkNode, reader: LinkNode): void {
    const known = this.#readers[id];
    if (known) known.push(reader);
    else this.#readers[id] = [reader];
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

function changesOf(node: LinkNode): readonly LinkNode[] {
  return node.edges.flatMap(({ to, later, handed = 0 }) => {
    const uses = node.keeper ? later | handed : later;
    const changes = to.kind === 'container' ? Use.Assign | Use.Method : Use.Assign;
    return isState(to) && uses & changes ? [to] : [];
  });
}

function isState({ kind }: LinkNode): boolean {
  return kind === 'container' || kind === 'value' || kind === 'statement';
}

function isRead({ to, eager, later, handed = 0 }: Edge): boolean {
  return isState(to) && ((eager | later | handed) & (Use.Read | Use.Alias | Use.Argument)) !== 0;
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
