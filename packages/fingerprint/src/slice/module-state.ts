import type { Network, NetworkNode } from '../link/network.ts';
import type { Val } from '../summary/doing/doing.ts';
import { Nearby } from './nearby.ts';
import type { Slice } from './slice.ts';
import { StateUses } from './state-uses.ts';
import { TaskReach } from './task-reach.ts';

/** Labels of what outlives a task; see `CodeFingerprint`. */
export interface StateFound {
  readonly moduleState: readonly string[];
  readonly memos?: readonly string[];
  readonly variables?: readonly string[];
}

/** Finds values of the top scope that outlive a task and that code changes or fills while tasks run. */
export class ModuleState {
  readonly #nodes: readonly NetworkNode[];
  readonly #reach: TaskReach;
  readonly #keepers: ReadonlySet<number>;
  readonly #uses: StateUses;
  readonly #nearby: Nearby;
  /** Nodes that tasks of any step change, and those that tasks fill once: as a whole, and in part. */
  readonly #changed: ReadonlySet<number>;
  readonly #filled: ReadonlySet<number>;
  readonly #filledInPart: ReadonlySet<number>;

  /** `keepers` are values made by calls whose functions keep a state; `all` is the code that any step reaches. */
  constructor(network: Network, keepers: ReadonlySet<number>, all: Slice) {
    this.#nodes = network.nodes;
    this.#nearby = new Nearby(network);
    this.#reach = new TaskReach(network);
    this.#keepers = keepers;
    this.#uses = new StateUses(network);
    const inTask = this.#reach.from(all.roots);
    const { reached } = all.closure;
    const isAmong = (pieces: readonly number[] | undefined) => pieces?.some((each) => inTask.has(each)) === true;
    this.#changed = this.#findChanged(reached, inTask);
    this.#filled = new Set(reached.filter((node) => isAmong(this.#uses.fillers[node])));
    this.#filledInPart = new Set(
      reached.filter(
        (node) => isAmong(this.#uses.partFillers[node]) || (isAmong(this.#uses.callers[node]) && this.#isWrapped(node)),
      ),
    );
  }

  /** Values that the reached code reads in a task and that a task of any step changes, and those that tasks fill once. */
  in(slice: Slice): StateFound {
    const found = this.#found(slice);
    const memos = new Set(found.memos);
    const watched = slice.closure.reached.filter((node) => {
      const { label = '' } = this.#nodes[node] ?? {};
      const isMemo = memos.has(label) || memos.has(`${label}[]`);
      return this.#keepsObjects(node) && (!isMemo || !this.#isOnlyFilled(node, slice.closure));
    });
    // A variable in a block has no piece of its own: all of its file are watched.
    const labels = watched.map((node) => {
      const { kind, file, label } = this.#nodes[node] ?? {};
      return kind === 'statement' ? file : label;
    });
    const variables = [...new Set(labels.map((label) => label ?? ''))];
    return { ...found, ...(variables.length > 0 && { variables }) };
  }

  #found({ closure, roots }: Slice): StateFound {
    const isMeant = (node: number) => this.#filled.has(node) || this.#filledInPart.has(node) || this.#changed.has(node);
    const some = closure.reached.filter((node) => isMeant(node) || this.#isKeeper(node));
    if (some.length === 0) return { moduleState: [] };
    const near = this.#nearby.of(roots);
    const all = some.filter((node) => near.indexOf(node) >= 0);
    const filled = all.filter((node) => this.#filled.has(node));
    const inPart = all.filter((node) => this.#filledInPart.has(node));
    const changed = all.filter((node) => this.#changed.has(node) || this.#isKeeper(node));
    if (all.length === 0) return { moduleState: [] };
    const inTask = this.#reach.from(roots);
    const isRead = (node: number) => this.#isRead(node, closure, inTask);
    // The step sees another value when a task of another step has filled it.
    const foreign = [...filled, ...inPart].filter((node) => !this.#isWrapped(node) && !this.#isFilledIn(node, inTask));
    const state = [
      ...changed.filter((node) => this.#isKeeper(node) || isRead(node)),
      ...foreign.filter((node) => isRead(node)),
    ];
    const whole = filled.filter((node) => isVariable(this.#nodes[node]));
    const parts = [...filled.filter((node) => !whole.includes(node)), ...inPart, ...state];
    const memos = [...new Set([...this.#labels(whole), ...this.#labels(parts).map((label) => `${label}[]`)])];
    return { moduleState: [...new Set(this.#labels(state))], ...(memos.length > 0 && { memos }) };
  }

  /** True for a value of the project that may be an object, or hold one; a function may have properties. */
  #keepsObjects(number: number): boolean {
    const { file, kind = '' } = this.#nodes[number] ?? {};
    if (!file) return false;
    return (
      /^(class|container|value|file)$/.test(kind) ||
      (kind === 'function' && this.#uses.handlers[number] !== undefined) ||
      (kind === 'statement' && (this.#uses.readers[number] ?? this.#uses.holders[number]) !== undefined)
    );
  }

  /** True for a memo that the reached code reads only where it fills it, with a value that does not depend on the first call. */
  #isOnlyFilled(node: number, closure: Slice['closure']): boolean {
    const { fillers, partFillers, givers, readers, glances } = this.#uses;
    if (givers[node] !== undefined) return false;
    const filling = new Set([...(fillers[node] ?? []), ...(partFillers[node] ?? [])]);
    if (filling.size === 0) return true;
    return [...(readers[node] ?? []), ...(glances[node] ?? [])].every(
      (piece) => filling.has(piece) || closure.indexOf(piece) < 0,
    );
  }

  #labels(nodes: readonly number[]): readonly string[] {
    return nodes.map((node) => this.#nodes[node]?.label ?? '');
  }

  #isKeeper(number: number): boolean {
    const node = this.#nodes[number];
    return node?.kind === 'value' && this.#keepers.has(number);
  }

  #isRead(node: number, closure: Slice['closure'], inTask: ReadonlySet<number>): boolean {
    const { readers, holders, glances } = this.#uses;
    return (
      readers[node]?.some((each) => inTask.has(each)) === true ||
      holders[node]?.some((each) => closure.indexOf(each) >= 0) === true ||
      glances[node]?.some((each) => this.#reach.isRunByTasks(each) && closure.indexOf(each) >= 0) === true
    );
  }

  #isFilledIn(node: number, inTask: ReadonlySet<number>): boolean {
    const { fillers, partFillers } = this.#uses;
    return [...(fillers[node] ?? []), ...(partFillers[node] ?? [])].some((each) => inTask.has(each));
  }

  #findChanged(reached: readonly number[], inTask: ReadonlySet<number>): ReadonlySet<number> {
    const { changers, early, fillers, held } = this.#uses;
    const isChanged = (node: number) =>
      changers[node]?.some((each) => inTask.has(each)) === true ||
      early[node]?.some((each) => inTask.has(each) && this.#reach.isNamedLater(each, node)) === true ||
      // Which of two values fills a variable depends on which task comes first.
      new Set(fillers[node]?.filter((each) => inTask.has(each))).size > 1;
    const found = new Set(reached.filter(isChanged));
    // The set grows during the loop.
    for (const node of found) for (const each of held[node] ?? []) found.add(each);
    return found;
  }

  /** True for a value that a package made of a function, as `once` and `memoize` do: it may call it once for all tasks. */
  #isWrapped(number: number): boolean {
    const { kind, load, tops } = this.#nodes[number] ?? {};
    if (kind !== 'value' || !load) return false;
    const kindsOf = (value: Val) =>
      Array.isArray(value) && value[0] === 'top'
        ? (tops?.[value[1]] ?? []).slice(1).map((each) => this.#nodes[each]?.kind)
        : [];
    const isFunction = (value: Val) =>
      (Array.isArray(value) && value[0] === 'fn') || kindsOf(value).includes('function');
    return load.deeds.some((deed) => {
      if (deed[0] !== 'call' && deed[0] !== 'method') return false;
      const args = deed[0] === 'call' ? deed[3] : deed[4];
      return kindsOf(deed[2]).includes('package') && args.some(isFunction);
    });
  }
}

/** True for a variable with a name of its own, which can be watched as a whole. */
function isVariable(node: NetworkNode | undefined): boolean {
  return node?.reassigned === true && node.value !== undefined && /^(value|container)$/.test(node.kind);
}
