import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import { allUses, handedUses, laterUses, type Network, type NetworkNode } from '../link/network.ts';
import { isImpureBuiltin } from '../summary/builtins.ts';
import { Use } from '../summary/summary.ts';
import type { Closure } from './closure.ts';
import { toHazard } from './hazard-text.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'env' | 'envComputed' | 'timeZone' | 'moduleState'>;

/** What one piece says, whichever step reaches it. */
interface NodeFindings {
  readonly node: NetworkNode;
  readonly hazards: readonly Hazard[];
  readonly unresolved: readonly Hazard[];
  readonly vm: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
  /** Variables of files that it changes while a task runs. */
  readonly changes: readonly number[];
}

const NOTHING: readonly never[] = [];

/** Collects what the reached code says about itself, each thing once; every piece is asked once for all steps. */
export class Finder {
  /** By the number of the node; nothing for the many that have nothing to say. */
  readonly #known: { readonly found: NodeFindings | undefined }[] = [];
  readonly #own: ReadonlySet<number>;
  /** Pieces that read a variable, by its number. */
  readonly #readers: (number[] | undefined)[];

  constructor(readonly network: Network) {
    this.#own = new Set(network.own);
    this.#readers = new Array(network.nodes.length);
  }

  collect({ closure }: Slice): Findings {
    const found = closure.reached.flatMap((node) => this.#of(node) ?? NOTHING);
    const computed = found.filter(({ node }) => node.facts?.envComputed);
    const { nodes, opaque } = this.network;
    const opaqueAt = opaque === undefined ? undefined : nodes[opaque];
    return {
      hazards: unique([
        ...found.flatMap(({ hazards }) => hazards),
        ...found.flatMap(({ unresolved }) => unresolved),
        ...found.flatMap(({ vm }) => vm),
        ...computed.map(({ node }) => toHazard({ kind: 'computed-env', line: node.line }, node.file)),
        ...(opaqueAt ? [opaqueBase(opaqueAt)] : []),
      ]),
      purity: unique(found.flatMap(({ purity }) => purity)),
      env: unique(found.flatMap(({ node }) => node.facts?.env ?? [])).sort(),
      envComputed: computed.length > 0,
      timeZone: found.some(({ node }) => node.facts?.timeZone === true),
      moduleState: this.#moduleState(closure, found),
    };
  }

  /** Variables of files that the code changes while a task runs, and reads: they outlive the task. */
  #moduleState(closure: Closure, found: readonly NodeFindings[]): readonly string[] {
    const changed = [...new Set(found.flatMap(({ changes }) => changes))];
    const read = changed.filter((each) => this.#readers[each]?.some((reader) => closure.indexOf(reader) >= 0));
    return read.map((each) => this.network.nodes[each]?.label ?? '');
  }

  #of(number: number): NodeFindings | undefined {
    const known = this.#known[number] ?? { found: this.#ask(number) };
    this.#known[number] = known;
    return known.found;
  }

  #ask(number: number): NodeFindings | undefined {
    const { nodes } = this.network;
    const node = nodes[number];
    if (!node) return undefined;
    const targets = this.#targets(number, node);
    const outside = targets.filter(({ external, kind }) => external !== undefined || kind === 'missing');
    const changes = this.#changes(node);
    if (!node.facts && outside.length === 0 && changes.length === 0) return undefined;
    const hazards = hazardsOf(node, this.#own.has(number));
    const purity = purityOf(node, outside);
    return { node, hazards, unresolved: unresolvedIn(node, outside), vm: vmIn(node, outside), purity, changes };
  }

  /** What a node refers to; notes meanwhile what it reads. */
  #targets(number: number, { edges }: NetworkNode): readonly NetworkNode[] {
    const targets: NetworkNode[] = [];
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const target = this.network.nodes[to];
      if (!target) continue;
      targets.push(target);
      if (isState(target) && allUses(uses) & (Use.Read | Use.Alias | Use.Argument)) this.#noteReader(to, number);
    }
    return targets;
  }

  #noteReader(variable: number, reader: number): void {
    const known = this.#readers[variable];
    if (known) known.push(reader);
    else this.#readers[variable] = [reader];
  }

  #changes({ edges, keeper }: NetworkNode): readonly number[] {
    const changed: number[] = [];
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const target = this.network.nodes[to];
      const later = keeper === undefined ? laterUses(uses) : laterUses(uses) | handedUses(uses);
      if (!target || later === 0 || !isState(target)) continue;
      const changes = target.kind === 'container' ? Use.Assign | Use.Method : Use.Assign;
      if (later & changes) changed.push(to);
    }
    return changed;
  }
}

function hazardsOf(node: NetworkNode, inFlow: boolean): readonly Hazard[] {
  const found = (node.facts?.hazards ?? []).filter(({ kind }) => kind !== 'this-escapes' || inFlow);
  return found.map((each) => toHazard(each, node.file));
}

function unresolvedIn({ line, file }: NetworkNode, outside: readonly NetworkNode[]): readonly Hazard[] {
  const missing = outside.filter(({ kind }) => kind === 'missing');
  return missing.map(({ label }) => toHazard({ kind: 'unresolved', line, detail: label }, file));
}

function vmIn({ line, file }: NetworkNode, outside: readonly NetworkNode[]): readonly Hazard[] {
  const vm = outside.filter(({ external }) => external?.module === 'node:vm');
  return vm.map(({ label }) => toHazard({ kind: 'vm', line, detail: label }, file));
}

function opaqueBase(node: NetworkNode): Hazard {
  return toHazard({ kind: 'unknown-base', line: node.line, detail: node.label.split('#').at(-1) ?? '' }, node.file);
}

function purityOf({ facts = {}, file, line }: NetworkNode, outside: readonly NetworkNode[]): readonly PurityFinding[] {
  const calls = (facts.purity ?? []).map((each) => ({ call: each.kind, file, line: each.line }));
  const env = (facts.env ?? []).length > 0 || facts.envComputed ? [{ call: 'process.env', file, line }] : [];
  const parts = outside.flatMap(({ kind, external }) => {
    const isImpure = kind === 'builtin' && external && isImpureBuiltin(external.module, external.name);
    return isImpure && external ? [{ call: external.module, file, line }] : [];
  });
  return [...calls, ...env, ...parts];
}

function isState({ kind }: NetworkNode): boolean {
  return kind === 'container' || kind === 'value' || kind === 'statement';
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
