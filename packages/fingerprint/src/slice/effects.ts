import {
  allUses,
  argumentUses,
  eagerUses,
  isPart,
  laterUses,
  type Network,
  type NetworkNode,
} from '../link/network.ts';
import type { EffectRules } from '../link/options.ts';
import { isQuietBuiltin } from '../summary/builtins.ts';
import { type Facts, Use, WRITES } from '../summary/summary.ts';
import { type EffectLinks, EffectSearch, FILLED, GLOBAL, type Lists } from './effect-search.ts';

const RUNS = Use.Call | Use.Own | Use.Method | Use.Argument;

const NO_FACTS: Facts = {};

/** Index of the statements and initialisers that change shared state, for a backward search from a step. */
export class Effects {
  readonly #nodes: readonly NetworkNode[];
  readonly #fresh: ReadonlySet<number>;
  readonly #states: States;
  readonly #links: EffectLinks;

  constructor(
    { nodes, pieces, fresh }: Network,
    readonly rules: EffectRules,
  ) {
    this.#nodes = nodes;
    this.#fresh = new Set(fresh);
    this.#states = new States(nodes);
    const { count: states } = this.#states;
    this.#links = {
      loadedBy: lists(nodes.length),
      runBy: lists(nodes.length),
      loadWriters: lists(states),
      runWriters: lists(states),
      derived: lists(states),
      states,
      stateOf: (node) => this.#states.of(node),
    };
    this.#noteAll(pieces);
  }

  search(): EffectSearch {
    return new EffectSearch(this.#nodes, this.#links);
  }

  /** Number of the state of a node. */
  stateOf(node: number): number {
    return this.#states.of(node);
  }

  /** Indexes the pieces and everything they lead to. */
  #noteAll(pieces: readonly number[]): void {
    const seen = new Uint8Array(this.#nodes.length);
    const queue = [...pieces];
    for (const piece of pieces) seen[piece] = 1;
    for (const number of queue) {
      const node = this.#nodes[number];
      if (!node) continue;
      this.#note(number, node);
      const { edges } = node;
      for (let i = 0; i < edges.length; i += 2) {
        const to = edges[i] ?? 0;
        if (!seen[to]) queue.push(to);
        seen[to] = 1;
      }
    }
  }

  #note(unit: number, node: NetworkNode): void {
    const { edges, facts = NO_FACTS, kind } = node;
    const [deferred, isFresh] = [this.#defersArguments(node), this.#fresh.has(unit)];
    if (facts !== NO_FACTS) this.#noteFacts(unit, facts, deferred, isFresh);
    const unknown = facts.callsUnknown === true || (facts.callsUnknownHanded === true && !deferred);
    const aliases = this.rules.strict || kind === 'statement' || unknown;
    const runsNow = RUNS | (aliases ? Use.Alias : 0);
    const isCode = kind === 'function' || kind === 'member' || deferred;
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const both = allUses(uses);
      // Reading a target neither runs nor changes it.
      if ((both & ~Use.Read) === 0 && !isPart(uses)) continue;
      const eager = isFresh ? both : deferred ? eagerUses(uses) : eagerUses(uses) | argumentUses(uses);
      if (eager & runsNow) push(this.#links.loadedBy, to, unit);
      if (isPart(uses) || both & (RUNS | Use.Alias)) push(this.#links.runBy, to, unit);
      this.#noteTarget(unit, node, to, uses, eager, isCode ? both : eager);
    }
  }

  #noteFacts(unit: number, facts: Facts, deferred: boolean, isFresh: boolean): void {
    const { loadWriters, runWriters } = this.#links;
    const globalEager = facts.globalEager || (!deferred && facts.globalHanded);
    const globalLater = facts.globalLater || (deferred && facts.globalHanded);
    const fillsEager = facts.fillsEager || (!deferred && facts.fillsHanded);
    const fillsLater = facts.fillsLater || (deferred && facts.fillsHanded);
    if (globalEager || (globalLater && isFresh)) push(loadWriters, GLOBAL, unit);
    if (globalEager || globalLater) push(runWriters, GLOBAL, unit);
    if (fillsEager || (fillsLater && isFresh)) push(loadWriters, FILLED, unit);
    if (fillsEager || fillsLater) push(runWriters, FILLED, unit);
  }

  /** Indexes the changes that uses make to a target, and values that may hold it. */
  #noteTarget(unit: number, node: NetworkNode, to: number, uses: number, eager: number, value: number): void {
    const target = this.#nodes[to];
    if (!target || target.kind === 'constant') return;
    const { loadWriters, runWriters } = this.#links;
    const both = allUses(uses);
    const writes = target.kind === 'framework' ? 0 : this.#writing(target);
    if (eager & writes) push(loadWriters, this.#written(to, target, eager), unit);
    if (both & writes) push(runWriters, this.#written(to, target, both), unit);
    if (holds(target, value)) this.#noteHolder(unit, node, to, uses);
  }

  /**
   * True if arguments of the call that makes its value run later. In strict mode passing a name on already changes it.
   */
  #defersArguments({ keeper }: NetworkNode): boolean {
    return !this.rules.strict && keeper !== undefined;
  }

  /**
   * Indexes a value that holds `to`. A value made by a wrapper is not the wrapper, but may give access to everything
   * that the wrapper names.
   */
  #noteHolder(unit: number, node: NetworkNode, to: number, uses: number): void {
    const { derived } = this.#links;
    const isOnlyMaker = this.#defersArguments(node) && to === node.keeper && !argumentUses(uses) && !laterUses(uses);
    if (!isOnlyMaker) return push(derived, this.stateOf(to), unit);
    const edges = this.#nodes[to]?.edges ?? [];
    for (let i = 0; i < edges.length; i += 2) {
      const [each, inner] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const target = this.#nodes[each];
      if (target && holds(target, allUses(inner))) push(derived, this.stateOf(each), unit);
    }
  }

  #written(to: number, { kind }: NetworkNode, uses: number): number {
    const isBuiltin = kind === 'builtin' && (uses & (Use.Assign | Use.Fill)) !== 0;
    return isBuiltin ? GLOBAL : this.stateOf(to);
  }

  /** Uses that change a target. */
  #writing(to: NetworkNode): number {
    const { external, kind } = to;
    if (external) {
      const { module, name } = external;
      const isQuiet = kind === 'builtin' ? isQuietBuiltin(module, name) : this.rules.isPureCall(module, name);
      return Use.Assign | Use.Fill | (isQuiet ? 0 : RUNS);
    }
    if (this.rules.strict) return WRITES | Use.Argument | Use.Alias;
    return kind === 'function' || this.#defersArguments(to) ? WRITES : WRITES | Use.Argument;
  }
}

/**
 * True if a value made with these uses of `to` may be it or a part of it. A value returned by a package is not the
 * package.
 */
function holds(to: NetworkNode, uses: number): boolean {
  if (to.external) return (uses & Use.Alias) !== 0 && (uses & (Use.Call | Use.Own)) === 0;
  return (uses & (Use.Alias | Use.Argument | Use.Call | Use.Own | Use.Method)) !== 0 && to.kind !== 'constant';
}

function lists(length: number): Lists {
  return new Array<number[] | undefined>(length);
}

function push(to: Lists, at: number, node: number): void {
  const known = to[at];
  if (known) known.push(node);
  else to[at] = [node];
}

/** Lower numbers are `GLOBAL` and `FILLED`. */
const FIRST = 2;

/** Numbers the states that code may change: one per node, but one for all exports of a package. */
class States {
  readonly #shared: ReadonlyMap<number, number>;
  /** Upper bound of the numbers. */
  readonly count: number;

  constructor(nodes: readonly NetworkNode[]) {
    const first = new Map<string, number>();
    const shared = new Map<number, number>();
    nodes.forEach((node, number) => {
      if (node.shared === '') return;
      const known = first.get(node.shared) ?? number;
      first.set(node.shared, known);
      shared.set(number, known);
    });
    this.#shared = shared;
    this.count = nodes.length + FIRST;
  }

  of(node: number): number {
    return (this.#shared.get(node) ?? node) + FIRST;
  }
}
