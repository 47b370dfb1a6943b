import { laterUses, type Network, type NetworkNode } from '../link/network.ts';
import type { Hidden } from '../summary/doing/doing.ts';
import { type Survivors, survivorsOf, survivorsOfBoth } from './survivors.ts';

/** The part that a node plays in a step: it runs while files are loaded, its result is kept, or a task runs it. */
type Part = 'load' | 'kept' | 'task';

const RANK: Readonly<Record<Part, number>> = { load: 1, kept: 2, task: 3 };

/** Finds which of the reached code can run while a task runs, rather than only while files are loaded. */
export class TaskReach {
  readonly #nodes: readonly NetworkNode[];
  readonly #loads: ReadonlySet<number>;
  readonly #inTask: ReadonlySet<number>;
  readonly #survivors = new Map<number, Survivors>();

  constructor({ nodes, pieces, fresh, steps, shared }: Network) {
    this.#nodes = nodes;
    const inTask = new Set([...fresh, ...shared, ...Object.values(steps).flat()]);
    this.#loads = new Set(pieces.filter((piece) => !inTask.has(piece)));
    this.#inTask = inTask;
  }

  /** Nodes whose code, or functions that it makes, can run in a task. */
  from(roots: readonly number[]): ReadonlySet<number> {
    const parts = new Map<number, Part>();
    const waiting: number[] = [];
    const give = (node: number, least: Part): void => {
      const part = this.#inTask.has(node) ? 'task' : least;
      const known = parts.get(node);
      if (known && RANK[known] >= RANK[part]) return;
      parts.set(node, part);
      waiting.push(node);
    };
    for (const root of roots) give(root, this.#loads.has(root) ? 'load' : 'task');
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      this.#pass(node, parts.get(node) ?? 'task', give);
    }
    return new Set([...parts].flatMap(([node, part]) => (this.#changesInTask(node, part) ? [node] : [])));
  }

  /** True for code of the flow that runs whenever a task starts. */
  isRunByTasks(piece: number): boolean {
    return this.#inTask.has(piece);
  }

  /** True if functions that outlive a piece name a node. */
  isNamedLater(piece: number, target: number): boolean {
    const { tops } = this.#nodes[piece] ?? {};
    return [...this.#survivorsOf(piece).inside].some((ref) => tops?.[ref]?.slice(1).includes(target));
  }

  #changesInTask(number: number, part: Part): boolean {
    const node = this.#nodes[number];
    if (part === 'task' && node && !runsAtLoad(node)) return true;
    // Of an object that code only assigns properties of, only setters run.
    if (part === 'load' && node?.hidden && runsAtLoad(node)) {
      return node.hidden.some(([, code]) => outlives(survivorsOf(code)));
    }
    const { functions, returned } = this.#survivorsOf(number);
    return functions || (returned && part !== 'load');
  }

  #pass(number: number, part: Part, give: (node: number, part: Part) => void): void {
    const node = this.#nodes[number];
    if (!node) return;
    if (node.kind === 'class') return this.#passClass(number, part, give);
    const keeps = this.#changesInTask(number, part);
    const { called, results, valued, assigned } = this.#survivorsOf(number);
    const targets = (refs: ReadonlySet<number>) =>
      new Set([...refs].flatMap((ref) => node.tops?.[ref]?.slice(1) ?? []));
    const [calls, kept, holders] = [targets(called), targets(results), targets(assigned)];
    // What a variable holds that only code at load uses is let go with it.
    if (part !== 'load') for (const each of targets(valued)) kept.add(each);
    const isOnce = part !== 'task' || runsAtLoad(node) || node.load !== undefined;
    for (let i = 0; i < node.edges.length; i += 2) {
      const [to, uses] = [node.edges[i] ?? 0, node.edges[i + 1] ?? 0];
      const isCall = calls.has(to) && !(keeps && laterUses(uses));
      const isBase = this.#nodes[to]?.kind === 'class' && isTop(node, to);
      if (isBase && part !== 'task') {
        give(to, part);
        continue;
      }
      const isOwn = part === 'load' && !keeps && node.kind === 'member' && this.#nodes[to]?.kind === 'member';
      if (isCall && isOnce) give(to, kept.has(to) ? 'kept' : 'load');
      else give(to, isOwn || (holders.has(to) && runsAtLoad(node)) ? 'load' : 'task');
    }
  }

  /** Methods of a class run in a task if a task, or an object that others keep, leads to the class. */
  #passClass(number: number, part: Part, give: (node: number, part: Part) => void): void {
    const node = this.#nodes[number];
    if (!node) return;
    const isKept = part !== 'load' || this.#leaksObjects(number, new Set());
    for (let i = 0; i < node.edges.length; i += 2) {
      const to = node.edges[i] ?? 0;
      if (part === 'task' || (isKept && this.#isMethod(node, to))) give(to, 'task');
      else give(to, isKept && i === 0 ? 'kept' : 'load');
    }
  }

  /** True if code of a class, or of its base classes, may hand its objects to others. */
  #leaksObjects(type: number, seen: Set<number>): boolean {
    const node = this.#nodes[type];
    if (node?.kind !== 'class' || seen.has(type)) return true;
    seen.add(type);
    const header = this.#nodes[node.edges[0] ?? -1];
    if (header?.use || node.members?.some(([, , , member]) => this.#survivorsOf(member).leaksThis)) return true;
    const base = header?.value ?? 'data';
    if (base === 'data') return false;
    const [, only] = (Array.isArray(base) && base[0] === 'top' && header?.tops?.[base[1]]) || [];
    return only === undefined || this.#leaksObjects(only, seen);
  }

  #isMethod({ members }: NetworkNode, to: number): boolean {
    return members?.some(([, , kind, member]) => member === to && kind === 'method') === true;
  }

  #survivorsOf(number: number): Survivors {
    const known = this.#survivors.get(number);
    if (known) return known;
    const node = this.#nodes[number];
    const made = survivorsIn(node);
    this.#survivors.set(number, made);
    return made;
  }
}

function survivorsIn(node: NetworkNode | undefined): Survivors {
  // Accessors and iterators run whenever something reads them.
  if (node?.kind !== 'function' && node?.hidden?.some((each) => !isReplacement(each))) return survivorsOf(undefined);
  if (node?.call && node.load) return survivorsOfBoth(survivorsOf(node.load), survivorsOf(node.call));
  return survivorsOf(
    node?.call ?? node?.load ?? (node && runsAtLoad(node) ? { frame: 0, deeds: [] } : undefined),
    node?.call ? undefined : node?.value,
  );
}

/** True for a class header whose base class is that node. */
function isTop({ kind, call, value, tops }: NetworkNode, to: number): boolean {
  if (kind !== 'member' || call || !Array.isArray(value) || value[0] !== 'top') return false;
  return tops?.[Number(value[1])]?.slice(1).includes(to) === true;
}

/** True for what a decorator may make of a field: it is read with the field itself. */
function isReplacement([key, { arrow, deeds }]: Hidden): boolean {
  return /^[gs]et:/.test(key) && arrow === true && deeds.some(([kind]) => kind === 'replaced');
}

function outlives({ functions, returned }: Survivors): boolean {
  return functions || returned;
}

/** True for code that runs once, when its file is loaded: only functions that it makes can run later. */
function runsAtLoad({ kind, call }: NetworkNode): boolean {
  return !call && /^(value|container|constant|statement|member)$/.test(kind);
}
