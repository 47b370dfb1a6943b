import { isQuietBuiltin } from '../summary/builtins.ts';
import { Use, WRITES } from '../summary/summary.ts';
import { type EffectLinks, EffectSearch, FILLED, GLOBAL, type Lists } from './effect-search.ts';
import type { Edge, LinkNode } from './node.ts';

/** How much counts as a change of shared state while files are loaded. */
export interface EffectRules {
  /** Every name handed on counts as changed. */
  readonly strict: boolean;
  /** Whether a call of this function of a package changes nothing in the package. */
  readonly isPureCall: (module: string, name: string) => boolean;
}

const RUNS = Use.Call | Use.Own | Use.Method | Use.Argument;

/** Finds which statements and initialisers change what a step reads, by searching backwards from it. */
export class Effects {
  readonly #states = new Map<string, number>([
    ['', GLOBAL],
    ['?', FILLED],
  ]);
  readonly #stateOfNode: number[] = [];
  readonly #links: EffectLinks = {
    loadedBy: [],
    runBy: [],
    loadWriters: [],
    runWriters: [],
    derived: [],
    stateOf: (node) => this.stateOf(node),
  };

  /** `fresh` are pieces that run whenever an object is made: field initialisers and constructors of the flow. */
  constructor(
    pieces: readonly LinkNode[],
    readonly fresh: ReadonlySet<LinkNode>,
    readonly rules: EffectRules,
  ) {
    const known = new Set(pieces);
    for (const piece of known) {
      this.#note(piece);
      for (const { to } of piece.edges) known.add(to);
    }
  }

  search(): EffectSearch {
    return new EffectSearch(this.#links);
  }

  /** Number of the state that a node stands for. */
  stateOf({ id, state }: LinkNode): number {
    const known = this.#stateOfNode[id];
    if (known !== undefined) return known;
    const number = this.#states.get(state) ?? this.#states.size;
    this.#states.set(state, number);
    this.#stateOfNode[id] = number;
    return number;
  }

  #note(unit: LinkNode): void {
    const { loadWriters, runWriters } = this.#links;
    const { facts } = unit;
    const [handedNow, handedLater] = this.#keeps(unit) ? [false, true] : [true, false];
    const globalEager = facts.globalEager || (handedNow && facts.globalHanded);
    const globalLater = facts.globalLater || (handedLater && facts.globalHanded);
    const fillsEager = facts.fillsEager || (handedNow && facts.fillsHanded);
    const fillsLater = facts.fillsLater || (handedLater && facts.fillsHanded);
    const isFresh = this.fresh.has(unit);
    if (globalEager || (globalLater && isFresh)) push(loadWriters, GLOBAL, unit);
    if (globalEager || globalLater) push(runWriters, GLOBAL, unit);
    if (fillsEager || (fillsLater && isFresh)) push(loadWriters, FILLED, unit);
    if (fillsEager || fillsLater) push(runWriters, FILLED, unit);
    for (const edge of unit.edges) this.#noteEdge(unit, edge);
  }

  #noteEdge(unit: LinkNode, edge: Edge): void {
    const { loadedBy, runBy, loadWriters, runWriters } = this.#links;
    const { to, part, handed = 0 } = edge;
    const kept = this.#keeps(unit);
    const both = usesOf(edge);
    const eager = this.fresh.has(unit) ? both : edge.eager | (kept ? 0 : handed);
    const { callsUnknown, callsUnknownHanded } = unit.facts;
    const unknown = callsUnknown === true || (callsUnknownHanded === true && !kept);
    const aliases = this.rules.strict || unit.kind === 'statement' || unknown;
    if (eager & (RUNS | (aliases ? Use.Alias : 0))) push(loadedBy, to.id, unit);
    if (part || both & (RUNS | Use.Alias)) push(runBy, to.id, unit);
    if (this.#writes(to, eager)) push(loadWriters, this.#written(to, eager), unit);
    if (this.#writes(to, both)) push(runWriters, this.#written(to, both), unit);
    const value = unit.kind === 'function' || unit.kind === 'member' || kept ? both : eager;
    if (holds(to, value)) this.#noteHolder(unit, edge);
  }

  /** What it is given runs later; where every name handed on counts as changed, nothing does. */
  #keeps(unit: LinkNode): boolean {
    return !this.rules.strict && unit.keeper !== undefined;
  }

  /** A value that holds `to`. What a function makes is not that function, but may give what that one names. */
  #noteHolder(unit: LinkNode, edge: Edge): void {
    const { derived } = this.#links;
    const isOnlyMaker = this.#keeps(unit) && edge.to === unit.keeper && !edge.handed && !edge.later;
    if (!isOnlyMaker) return push(derived, this.stateOf(edge.to), unit);
    for (const each of edge.to.edges) if (holds(each.to, usesOf(each))) push(derived, this.stateOf(each.to), unit);
  }

  #written(to: LinkNode, uses: number): number {
    const isBuiltin = to.kind === 'builtin' && (uses & (Use.Assign | Use.Fill)) !== 0;
    return isBuiltin ? GLOBAL : this.stateOf(to);
  }

  #writes(to: LinkNode, uses: number): boolean {
    if (to.kind === 'constant' || to.kind === 'framework') return false;
    if (to.external) return this.#writesOutside(to, to.external, uses);
    const isFunction = to.kind === 'function' || this.#keeps(to);
    const handedOn = isFunction && !this.rules.strict ? 0 : Use.Argument;
    return (uses & (WRITES | handedOn | (this.rules.strict ? Use.Alias : 0))) !== 0;
  }

  #writesOutside(to: LinkNode, external: { module: string; name: string }, uses: number): boolean {
    if (uses & (Use.Assign | Use.Fill)) return true;
    const { module, name } = external;
    if (to.kind === 'builtin' ? isQuietBuiltin(module, name) : this.rules.isPureCall(module, name)) return false;
    return (uses & (Use.Call | Use.Own | Use.Method | Use.Argument)) !== 0;
  }
}

function usesOf({ eager, later, handed = 0 }: Edge): number {
  return eager | later | handed;
}

/** Whether a value made with these uses of `to` may be it or a part of it. What a package returns is not the package. */
function holds(to: LinkNode, uses: number): boolean {
  if (to.external) return (uses & Use.Alias) !== 0 && (uses & (Use.Call | Use.Own)) === 0;
  return (uses & (Use.Alias | Use.Argument | Use.Call | Use.Own | Use.Method)) !== 0 && to.kind !== 'constant';
}

function push(lists: Lists, at: number, node: LinkNode): void {
  const known = lists[at];
  if (known) known.push(node);
  else lists[at] = [node];
}
