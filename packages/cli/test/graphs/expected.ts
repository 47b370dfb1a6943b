import { CONDITIONS, LISTS, type Node, type Nodes, parentsOf, scopesOf } from './graph-data.ts';

/** Expected outcome of a task, derived from the graph alone. */
export type Expected =
  | { readonly status: 'succeeded' | 'caught'; readonly trail: readonly string[] }
  | { readonly status: 'skipped' | 'failed' };

/** Planned failures, by task. */
export type Trouble = Readonly<Record<string, 'failed' | 'caught'>>;

/** Data that a task passes to the next. */
interface Left {
  readonly trail: readonly string[];
  readonly even: boolean;
}

type Ended =
  | { readonly how: 'done'; readonly left: Left }
  | { readonly how: 'skipped' }
  /** It failed, or depends on a failed task. */
  | { readonly how: 'blocked' };

const BLOCKED: Ended = { how: 'blocked' };
const SKIPPED: Ended = { how: 'skipped' };
const START: Left = { trail: [], even: true };

/** Computes the tasks that must be in the journal, with their outcomes. Tasks after a failure are absent. */
export function expectedTasks(nodes: Nodes, trouble: Trouble = {}): Map<string, Expected> {
  return new Oracle(nodes, trouble).all();
}

/** Reference model of the executor, written for clarity: walks from each step back to the roots. */
class Oracle {
  private readonly byName: ReadonlyMap<string, Node>;
  private readonly scopes: ReadonlyMap<string, readonly string[]>;
  private readonly known = new Map<string, Ended>();
  private readonly tasks = new Map<string, Expected>();

  constructor(
    private readonly nodes: Nodes,
    private readonly trouble: Trouble,
  ) {
    this.byName = new Map(nodes.map((node) => [node.name, node]));
    this.scopes = scopesOf(nodes);
  }

  all(): Map<string, Expected> {
    for (const { name } of this.nodes) for (const path of this.paths(this.scopes.get(name) ?? [])) this.end(name, path);
    return this.tasks;
  }

  /** All positions inside these foreach steps; where one was skipped or never split, the position around it. */
  private paths(scope: readonly string[]): number[][] {
    return scope.reduce<number[][]>(
      (paths, foreach) => paths.flatMap((path) => this.elements(foreach, path)?.map((i) => [...path, i]) ?? [path]),
      [[]],
    );
  }

  /** Elements of a foreach at a position; `undefined` where it was not split. */
  private elements(foreach: string, outer: readonly number[]): number[] | undefined {
    const scope = this.scopes.get(foreach)?.length ?? 0;
    if (outer.length < scope - 1) return undefined;
    const list = LISTS[this.node(foreach).foreach ?? 'none'];
    return this.gate(this.node(foreach), outer).how === 'done' ? list.map((_, i) => i) : undefined;
  }

  private end(name: string, path: readonly number[]): Ended {
    const task = path.length === 0 ? name : `${name}[${path.join(',')}]`;
    const known = this.known.get(task);
    if (known) return known;
    const ended = this.decide(this.node(name), path, task);
    this.known.set(task, ended);
    return ended;
  }

  private decide(node: Node, path: readonly number[], task: string): Ended {
    const depth = this.scopes.get(node.name)?.length ?? 0;
    // A step inside a skipped foreach is skipped at the position of the foreach.
    if (path.length < depth) return this.note(task, this.gateOfScope(node, path));
    const gate = this.gate(node, node.foreach === undefined ? path : path.slice(0, -1));
    if (gate.how !== 'done') return this.note(task, gate);
    const trouble = this.trouble[task];
    if (trouble === 'failed') {
      this.tasks.set(task, { status: 'failed' });
      return BLOCKED;
    }
    if (trouble === 'caught') {
      this.tasks.set(task, { status: 'caught', trail: gate.left.trail });
      return gate;
    }
    const trail = [...new Set([...this.cameThrough(node, path, gate.left), task])];
    this.tasks.set(task, { status: 'succeeded', trail });
    const even = node.foreach === undefined ? gate.left.even : (path.at(-1) ?? 0) % 2 === 0;
    return { how: 'done', left: { trail, even } };
  }

  private note(task: string, ended: Ended): Ended {
    if (ended.how === 'skipped') this.tasks.set(task, { status: 'skipped' });
    return ended;
  }

  private gateOfScope(node: Node, path: readonly number[]): Ended {
    const foreach = this.scopes.get(node.name)?.[path.length];
    return foreach === undefined ? BLOCKED : this.gate(this.node(foreach), path);
  }

  /** Outcome of the parents of a step at this position, and the data it starts from. */
  private gate(node: Node, path: readonly number[]): Ended {
    const from = node.join === undefined ? this.afterParents(node, path) : this.afterTasks(node, path);
    if (from.how !== 'done' || node.when === undefined) return from;
    return (CONDITIONS[node.when].holds ?? from.left.even) ? from : SKIPPED;
  }

  private afterParents(node: Node, path: readonly number[]): Ended {
    const parents = parentsOf(node).map((name) => this.end(name, path));
    if (parents.length === 0) return { how: 'done', left: START };
    if (parents.some((p) => p.how === 'blocked')) return BLOCKED;
    return parents.find((p) => p.how === 'done') ?? SKIPPED;
  }

  /** A join starts from the data before the split. */
  private afterTasks(node: Node, path: readonly number[]): Ended {
    const foreach = this.node(this.scopes.get(node.join ?? '')?.at(-1) ?? '');
    const before = this.gate(foreach, path);
    if (before.how !== 'done') return before;
    const tasks = this.elements(foreach.name, path)?.map((i) => this.end(node.join ?? '', [...path, i])) ?? [];
    return tasks.some((t) => t.how === 'blocked') ? BLOCKED : before;
  }

  private cameThrough(node: Node, path: readonly number[], left: Left): readonly string[] {
    if (node.join !== undefined) {
      const scope = this.scopes.get(node.join) ?? [];
      const indexes = this.elements(scope.at(-1) ?? '', path) ?? [];
      return indexes.flatMap((i) => trailOf(this.end(node.join ?? '', [...path, i])));
    }
    if (Array.isArray(node.after)) return node.after.flatMap((name: string) => trailOf(this.end(name, path)));
    return left.trail;
  }

  private node(name: string): Node {
    return this.byName.get(name) as Node;
  }
}

function trailOf(ended: Ended): readonly string[] {
  return ended.how === 'done' ? ended.left.trail : [];
}
