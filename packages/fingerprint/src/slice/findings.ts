import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import { allUses, argumentUses, laterUses, type Network, type NetworkNode } from '../link/network.ts';
import { isImpureBuiltin } from '../summary/builtins.ts';
import { type Finding, Use } from '../summary/summary.ts';
import type { Closure } from './closure.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'env' | 'envComputed' | 'timeZone' | 'moduleState'>;

/** Findings of one node, whichever step reaches it. */
interface NodeFindings {
  readonly node: NetworkNode;
  readonly hazards: readonly Hazard[];
  readonly unresolved: readonly Hazard[];
  readonly vm: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
  /** Top-level variables that it changes while a task runs. */
  readonly changes: readonly number[];
}

const NOTHING: readonly never[] = [];

/** Collects the findings of reached code, each once. Every node is examined once for all steps. */
export class Finder {
  /** By node number; `found` is `undefined` for the many nodes without findings. */
  readonly #known: { readonly found: NodeFindings | undefined }[] = [];
  readonly #own: ReadonlySet<number>;
  /** Pieces that read a variable, by the number of the variable. */
  readonly #readers: (number[] | undefined)[];

  constructor(readonly network: Network) {
    this.#own = new Set(network.own);
    this.#readers = new Array(network.nodes.length);
  }

  collect({ closure }: Slice): Findings {
    const found = closure.reached.flatMap((node) => this.#findingsOf(node) ?? NOTHING);
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

  /** Top-level variables that the code reads and changes while a task runs: their values outlive the task. */
  #moduleState(closure: Closure, found: readonly NodeFindings[]): readonly string[] {
    const changed = [...new Set(found.flatMap(({ changes }) => changes))];
    const read = changed.filter((each) => this.#readers[each]?.some((reader) => closure.indexOf(reader) >= 0));
    return read.map((each) => this.network.nodes[each]?.label ?? '');
  }

  #findingsOf(number: number): NodeFindings | undefined {
    const known = this.#known[number] ?? { found: this.#findIn(number) };
    this.#known[number] = known;
    return known.found;
  }

  #findIn(number: number): NodeFindings | undefined {
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

  /** The targets of a node. Registers it as a reader of variables on the way. */
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
      const later = keeper === undefined ? laterUses(uses) : laterUses(uses) | argumentUses(uses);
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

const PROJECT = 'so the step depends on every source file of the project';

type Describe = (detail: string) => string;

const TEXTS: Readonly<Record<string, Describe>> = {
  'computed-import': (what) =>
    `${what} loads a file whose name is not written out, ${PROJECT}. Import by a literal name.`,
  'computed-folder': (folder) =>
    `Any file in ${folder} may be loaded, so the step depends on all of them. Import the ones you need by name.`,
  'computed-path': (what) =>
    `${what} names a file by an expression, so changes of that file are not seen. Write the name out, or take the file as a param.file().`,
  eval: (what) => `${what} runs code made of text, ${PROJECT}. Call a function instead.`,
  with: () => `A with statement hides which names are meant, ${PROJECT}. Name the object.`,
  vm: (what) => `${what} runs code made of text, ${PROJECT}. Import the code instead.`,
  'other-process': (what) => `${what} runs a file that is not followed, ${PROJECT}. Make it a step of its own.`,
  'this-escapes': () =>
    'The flow itself is handed on or asked for a computed name, so the step depends on every member of the class. Hand on the values it needs.',
  'unknown-base': (what) =>
    `The base class of ${what} cannot be followed, so every step depends on every member. Extend Flow or a class of your own by name.`,
  'syntax-error': (what) =>
    `This file cannot be parsed (${what}), so every step depends on all of its text. Mend the syntax.`,
  'unknown-syntax': (what) =>
    `This file uses syntax that is not understood (${what}), so every step depends on all of its text. Move that code to a file of its own.`,
  'no-parser': (what) =>
    `There is no parser for this platform (${what}), so every step depends on all of every file. Install the package oxc-parser with its optional dependencies.`,
  commonjs: () => 'A CommonJS file is taken whole, and so is all that it requires. Write it as an ES module.',
  unresolved: (what) => `${what} leads nowhere that is known, so changes behind it are not seen. Mend the import.`,
  'computed-env': () =>
    'The environment is read by a name that is not written out, so any variable may matter. Write process.env.NAME.',
  native: (what) =>
    `${what} is a native addon, so its result may differ between machines. Keep the cache to one kind of machine.`,
  'runtime-class': (what) =>
    `The class ${what} is not written in the flow's file but made while it is loaded, so every step depends on all code of the flow, and what the class was made from is not seen. Write the class in the flow's file, or give its steps cache: { version }: without it they are not cached.`,
  widened: (what) =>
    `The code of this step could not be followed (${what}), so it depends on all code of the flow. Please report this.`,
};

/** Turns a finding into a hazard whose message says what it costs and how to fix it. */
export function toHazard({ kind, line, detail = '' }: Finding, file: string): Hazard {
  const describe = TEXTS[kind];
  return { kind, file, line, message: describe ? describe(detail) : `${kind} ${detail}`.trim() };
}
