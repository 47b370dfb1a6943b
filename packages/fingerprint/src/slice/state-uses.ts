import { allUses, eagerUses, laterUses, type Network, type NetworkNode } from '../link/network.ts';
import type { Val } from '../summary/doing/doing.ts';
import { Use } from '../summary/summary.ts';
import { ArgumentChanges } from './argument-changes.ts';

/** Pieces by the number of the node that they use. */
type Links = (number[] | undefined)[];

const HOLDERS = /^(container|value|statement|class|member|function|namespace)$/;

/** The code that changes and reads each value of the top scope. */
export class StateUses {
  readonly #nodes: readonly NetworkNode[];
  /** Pieces that change a node while a task runs, and those that change it, perhaps in a function that they hand on. */
  readonly changers: Links;
  readonly early: Links;
  /** Pieces that give a node a value only while it has none. */
  readonly fillers: Links;
  readonly partFillers: Links;
  /** Pieces that fill a node with something that depends on the first call. */
  readonly givers: Links;
  /** Pieces that change a part of a node, or give the node to a call, whenever that is. */
  readonly handlers: Links;
  /** Pieces whose functions call a node as it is. */
  readonly callers: Links;
  /** Pieces whose functions read a node, and those that hand it on, or read it, while they are evaluated. */
  readonly readers: Links;
  readonly holders: Links;
  readonly glances: Links;
  /** Values that each node holds by reference: a change of a part of it may be one of theirs. */
  readonly held: Links;

  constructor({ nodes }: Network) {
    this.#nodes = nodes;
    const links = (): Links => new Array(nodes.length);
    [this.changers, this.early] = [links(), links()];
    [this.fillers, this.partFillers, this.callers] = [links(), links(), links()];
    [this.givers, this.handlers] = [links(), links()];
    [this.readers, this.holders, this.glances, this.held] = [links(), links(), links(), links()];
    nodes.forEach((node, number) => {
      this.#note(number, node);
    });
    for (const { piece, target, byMethod } of new ArgumentChanges(nodes).all()) {
      const node = nodes[target];
      if (!node || !HOLDERS.test(node.kind)) continue;
      if (!byMethod || this.#changing(node) & Use.Method) push(this.changers, target, piece);
    }
    nodes.forEach((node, number) => {
      if (node.call) this.#noteResults(number, node);
    });
  }

  /** Notes changes of what a function returns as changes of the values that it names. */
  #noteResults(piece: number, { edges }: NetworkNode): void {
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, laterUses(edges[i + 1] ?? 0)];
      if (this.#nodes[to]?.kind !== 'function' || !(uses & Use.Call) || !(uses & (Use.Assign | Use.Method))) continue;
      for (const [target, isResult] of this.#returnedBy(to, new Set())) {
        const changes = isResult ? Use.Assign : this.#changing(this.#nodes[target] as NetworkNode);
        if (uses & changes) push(this.changers, target, piece);
      }
    }
  }

  /** Values that a function may return, and whether only a call or a part of them is returned. */
  #returnedBy(number: number, seen: Set<number>): readonly (readonly [target: number, isResult: boolean])[] {
    if (seen.has(number)) return [];
    seen.add(number);
    const { edges = [] } = this.#nodes[number] ?? {};
    const found: (readonly [number, boolean])[] = [];
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, laterUses(edges[i + 1] ?? 0)];
      const kind = this.#nodes[to]?.kind ?? '';
      if (!(uses & Use.Alias)) continue;
      if (/^(container|value|class)$/.test(kind)) found.push([to, (uses & Use.Call) !== 0]);
      else if (kind === 'function' && uses & Use.Call) found.push(...this.#returnedBy(to, seen));
    }
    return found;
  }

  #note(number: number, node: NetworkNode): void {
    const { edges } = node;
    for (let i = 0; i < edges.length; i += 2) {
      const [to, uses] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      const target = this.#nodes[to];
      if (target && HOLDERS.test(target.kind)) this.#noteUses(number, node, to, target, uses);
    }
    // A static method that assigns parts of its class changes and reads the class.
    if (node.kind === 'class') {
      for (const [, isStatic, , member] of node.members ?? []) {
        if (!isStatic || !this.#nodes[member]?.call?.changesThis) continue;
        push(this.changers, number, member);
        push(this.readers, number, member);
      }
    }
  }

  #noteUses(number: number, node: NetworkNode, to: number, target: NetworkNode, uses: number): void {
    const [later, eager, changes] = [laterUses(uses), eagerUses(uses), this.#changing(target)];
    if (later & changes) push(this.changers, to, number);
    else if (eager & changes) push(this.early, to, number);
    if (allUses(uses) & Use.Fill) push(this.fillers, to, number);
    if (allUses(uses) & Use.FillPart) push(this.partFillers, to, number);
    if (allUses(uses) & (Use.Assign | Use.Argument)) push(this.handlers, to, number);
    if (allUses(uses) & Use.Given) push(this.givers, to, number);
    if (later & Use.Call && !(later & (Use.Own | Use.Method))) push(this.callers, to, number);
    // A method that changes its object also reads it; a variable that is called gives a function.
    const reads = Use.Read | Use.Alias | Use.Argument | (target.reassigned ? Use.Call : 0) | (changes & Use.Own);
    if (later & reads) push(this.readers, to, number);
    if (eager & (Use.Alias | Use.Argument)) push(this.holders, to, number);
    else if (eager & reads) push(this.glances, to, number);
    const isMaker = /^(class|function)$/.test(target.kind) && (eager & Use.Call) !== 0;
    const holds = eager & Use.Alias && /^(container|value)$/.test(node.kind);
    if ((holds && !isMaker) || node.kind === 'namespace') push(this.held, number, to);
  }

  /** Uses that change a value. */
  #changing(target: NetworkNode): number {
    if (target.kind === 'container') return Use.Assign | Use.Method;
    return (
      Use.Assign |
      (this.#holdsObjects(target, target.value) ? Use.Method : 0) |
      (this.#isStateful(target) ? Use.Own | Use.Method : 0)
    );
  }

  /** True for an object made by a literal that holds other objects: methods of those may change them. */
  #holdsObjects(node: NetworkNode, value: Val | undefined): boolean {
    if (!Array.isArray(value) || value[0] !== 'new') return false;
    const parts: readonly Val[] = value[3];
    return parts.some((part) => {
      if (!Array.isArray(part)) return part === 'any';
      // An object that holds functions alone has no method that changes it.
      if (part[0] === 'new' && part[2] === 'object') return this.#holdsObjects(node, part);
      if (part[0] !== 'top') return part[0] !== 'fn';
      return !this.#isPlainFunction(node.tops?.[Number(part[1])]?.[1]);
    });
  }

  /** True for a function that does not change the object it is called on. */
  #isPlainFunction(number: number | undefined): boolean {
    const node = number === undefined ? undefined : this.#nodes[number];
    return node?.kind === 'builtin' || (node?.kind === 'function' && !node.call?.changesThis);
  }

  /** True for an object whose methods change it. */
  #isStateful({ load, value, tops }: NetworkNode): boolean {
    if (load?.fns?.some(({ changesThis }) => changesThis)) return true;
    const made = load?.deeds.find((deed) => deed[0] === 'call' && deed[6] === 1 && isSlot(value, deed[1]));
    const callee = made?.[0] === 'call' ? made[2] : undefined;
    const [, type] = Array.isArray(callee) && callee[0] === 'top' ? (tops?.[callee[1]] ?? []) : [];
    return type !== undefined && this.#changesItself(type, new Set());
  }

  /** True if methods of a class, or of its base classes, change their object. */
  #changesItself(type: number, seen: Set<number>): boolean {
    const node = this.#nodes[type];
    if (node?.kind !== 'class' || seen.has(type)) return false;
    seen.add(type);
    const own = node.members?.some(([, , kind, at]) => kind === 'method' && this.#nodes[at]?.call?.changesThis);
    const header = this.#nodes[node.edges[0] ?? -1];
    const base = header?.value;
    const [, next] = Array.isArray(base) && base[0] === 'top' ? (header?.tops?.[base[1]] ?? []) : [];
    return own === true || (next !== undefined && this.#changesItself(next, seen));
  }
}

function push(to: Links, key: number, value: number): void {
  const known = to[key];
  if (known) known.push(value);
  else to[key] = [value];
}

function isSlot(value: Val | undefined, id: number): boolean {
  return Array.isArray(value) && value[0] === 'slot' && value[1] === id;
}
