import { laterUses, type Network, type NetworkNode } from '../link/network.ts';
import { type Survivors, survivorsOf } from './survivors.ts';

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
    const keeps = this.#changesInTask(number, part);
    const { called, results, assigned } = this.#survivorsOf(number);
    const targets = (refs: ReadonlySet<number>) =>
      new Set([...refs].flatMap((ref) => node.tops?.[ref]?.slice(1) ?? []));
    const [calls, kept, holders] = [targets(called), targets(results), targets(assigned)];
    for (let i = 0; i < node.edges.length; i += 2) {
      const [to, uses] = [node.edges[i] ?? 0, node.edges[i + 1] ?? 0];
      const isCall = calls.has(to) && !(keeps && laterUses(uses));
      if (node.kind === 'class') give(to, part === 'task' || this.#isMethod(node, to) ? 'task' : 'load');
      else if (isCall && (part !== 'task' || runsAtLoad(node))) give(to, kept.has(to) ? 'kept' : 'load');
      else give(to, holders.has(to) && runsAtLoad(node) ? 'load' : 'task');
    }
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
  if ((node?.hidden && node.kind !== 'function') || (node?.call && node.load)) return survivorsOf(undefined);
  return survivorsOf(node?.call ?? node?.load ?? (node && runsAtLoad(node) ? { frame: 0, deeds: [] } : undefined));
}

function outlives({ functions, returned }: Survivors): boolean {
  return functions || returned;
}

/** True for code that runs once, when its file is loaded: only functions that it makes can run later. */
function runsAtLoad({ kind, call }: NetworkNode): boolean {
  return !call && /^(value|container|constant|statement|member)$/.test(kind);
}
