import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';
import type { Network, NetworkNode } from '../link/network.ts';
import { isImpureBuiltin } from '../summary/builtins.ts';
import type { Finding } from '../summary/summary.ts';
import { describeEffect } from './describe-effect.ts';
import type { Effects } from './effects.ts';
import { ModuleState } from './module-state.ts';
import type { Slice } from './slice.ts';

type Findings = Pick<CodeFingerprint, 'hazards' | 'purity' | 'moduleState' | 'memos' | 'variables'>;

/** Findings of one node, whichever step reaches it. */
interface NodeFindings {
  readonly node: NetworkNode;
  readonly hazards: readonly Hazard[];
  readonly unresolved: readonly Hazard[];
  readonly vm: readonly Hazard[];
  readonly purity: readonly PurityFinding[];
}

const NOTHING: readonly never[] = [];

/** Collects the findings of reached code, each once. Every node is examined once for all steps; `all` is what any reaches. */
export class Finder {
  /** By node number; `found` is `undefined` for the many nodes without findings. */
  readonly #known: { readonly found: NodeFindings | undefined }[] = [];
  readonly #own: ReadonlySet<number>;
  readonly #state: ModuleState;

  /** Effects that belong to every step. */
  readonly #openEffects: readonly Hazard[];

  constructor(
    readonly network: Network,
    effects: Effects,
    all: Slice,
  ) {
    this.#own = new Set(network.own);
    this.#openEffects = effects.open.map((effect) => describeEffect(network, effect));
    this.#state = new ModuleState(network, effects.keepers, all);
  }

  collect(slice: Slice): Findings {
    const { closure } = slice;
    const found = closure.reached.flatMap((node) => this.#findingsOf(node) ?? NOTHING);
    const { nodes, opaque } = this.network;
    const opaqueAt = opaque === undefined ? undefined : nodes[opaque];
    return {
      hazards: unique([
        ...found.flatMap(({ hazards }) => hazards),
        ...found.flatMap(({ unresolved }) => unresolved),
        ...found.flatMap(({ vm }) => vm),
        ...(opaqueAt ? [opaqueBase(opaqueAt)] : []),
        ...this.#openEffects,
      ]),
      purity: unique(found.flatMap(({ purity }) => purity)),
      ...this.#state.in(slice),
    };
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
    const targets = targetsOf(nodes, node);
    const outside = targets.filter(({ external, kind }) => external !== undefined || kind === 'missing');
    if (!node.facts && outside.length === 0) return undefined;
    const hazards = hazardsOf(node, this.#own.has(number));
    const purity = purityOf(node, outside);
    return { node, hazards, unresolved: unresolvedIn(node, outside), vm: vmIn(node, outside), purity };
  }
}

function targetsOf(nodes: readonly NetworkNode[], { edges }: NetworkNode): readonly NetworkNode[] {
  const targets: NetworkNode[] = [];
  for (let i = 0; i < edges.length; i += 2)
    targets.push(...(nodes[edges[i] ?? 0] ? [nodes[edges[i] ?? 0] as NetworkNode] : []));
  return targets;
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
  const parts = outside.flatMap(({ kind, external }) => {
    const isImpure = kind === 'builtin' && external && isImpureBuiltin(external.module, external.name);
    return isImpure && external ? [{ call: external.module, file, line }] : [];
  });
  return [...calls, ...parts];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

const PROJECT = 'so the step depends on every source file of the project';

type Describe = (detail: string) => string;

const TEXTS: Readonly<Record<string, Describe>> = {
  'computed-import': (what) =>
    `${what} loads a file whose name is not written out, so all of its text counts for the steps that load it. Import by a literal name.`,
  'computed-folder': (folder) =>
    `Any file in ${folder} may be loaded. For a step that loads one, the whole text of that file counts. Import the ones you need by name.`,
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
