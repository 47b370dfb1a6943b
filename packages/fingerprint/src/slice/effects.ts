import type { Network, NetworkNode } from '../link/network.ts';
import type { EffectRules } from '../link/options.ts';
import { HiddenCode } from '../prove/hidden.ts';
import { type Doubt, methodKey, type Outcome } from '../prove/outcome.ts';
import { Knowledge, Prover } from '../prove/prover.ts';
import { Closure } from './closure.ts';

/** A piece of code that may change anything while files are loaded. */
export interface OpenEffect {
  readonly node: number;
  readonly doubt: Doubt;
}

/** The pieces of code that change something while files are loaded, and what each of them changes. */
export class Effects {
  /** Pieces that belong to every step, in evaluation order. */
  readonly open: readonly OpenEffect[];
  /** Pieces that change a node alone, by the number of the node, in evaluation order. */
  readonly writers: ReadonlyMap<number, readonly number[]>;
  /** Pieces that change nothing but the content of a container: who only puts something into it cannot see that. */
  readonly fillers: ReadonlyMap<number, readonly number[]>;
  /** Nodes whose code runs, or may run, while files are loaded. */
  readonly followed: ReadonlySet<number>;
  /** Values that keep a state from call to call. */
  readonly keepers: ReadonlySet<number>;

  constructor(network: Network, rules: EffectRules) {
    const { nodes, pieces, chain, own } = network;
    const members = new Set([...chain, ...own]);
    const known = new Knowledge(nodes, new HiddenCode(), { ...rules, isOpen: (node) => members.has(node) });
    findHidden(network, known);
    const fresh = new Set(network.fresh);
    const found = pieces.flatMap((piece) => {
      const outcome = outcomeOf(nodes[piece], piece, known, fresh.has(piece), chain[0]);
      return outcome ? [[piece, outcome] as const] : [];
    });
    openFurther(network, found);
    this.open = found.flatMap(([node, { doubt }]) => (doubt ? [{ node, doubt }] : []));
    const isFilled = (node: number, { shapes }: Outcome) => holdsContent(nodes[node]) && !shapes.has(node);
    this.writers = writersIn(found, (node, outcome) => !isFilled(node, outcome));
    this.fillers = writersIn(found, isFilled);
    this.followed = known.followed;
    this.keepers = new Set(found.flatMap(([piece, { keeps }]) => (keeps ? [piece] : [])));
  }
}

type Outcomes = readonly (readonly [piece: number, outcome: Outcome])[];

/**
 * A proof takes the methods of an object to be those of the source. Code of which nothing is known may have replaced
 * those of everything it reaches; other code those that it is known to assign.
 */
function openFurther({ nodes }: Network, found: Outcomes): void {
  const reach = new Closure(nodes);
  const replaced = new Set(found.flatMap(([, { replaces }]) => [...replaces]));
  const isOpen = (key: string) => {
    const [node = '', name = ''] = key.split(':');
    const keys = [key, methodKey(Number(node), null), methodKey('*', name), methodKey('*', null)];
    return reach.indexOf(Number(node)) >= 0 || keys.some((each) => replaced.has(each));
  };
  const waiting = new Set(found);
  for (let size = -1; size !== waiting.size; ) {
    size = waiting.size;
    for (const entry of waiting) {
      const [piece, outcome] = entry;
      if (!outcome.doubt && [...outcome.relies].some(isOpen)) {
        outcome.doubt = { node: piece, line: 0, what: 'calls a method that other code may have replaced' };
      }
      if (!outcome.doubt) continue;
      waiting.delete(entry);
      reach.add(piece);
    }
  }
}

/** The pieces whose changes of a node are `meant`, by the number of the node. */
function writersIn(
  found: Outcomes,
  meant: (node: number, outcome: Outcome) => boolean,
): ReadonlyMap<number, readonly number[]> {
  const writers = new Map<number, number[]>();
  for (const [piece, outcome] of found) {
    if (outcome.doubt) continue;
    for (const written of outcome.writes) if (meant(written, outcome)) push(writers, written, piece);
  }
  return writers;
}

/** True for a variable that holds a list, a `Map` or a `Set` of its own. */
function holdsContent(node: NetworkNode | undefined): boolean {
  const { kind, value, reassigned } = node ?? {};
  if (kind !== 'container' || reassigned || !Array.isArray(value) || value[0] !== 'new') return false;
  return /^(array|map|set)$/.test(String(value[2]));
}

/** What a piece does while files are loaded. Fields and constructors of the flow run whenever an object is made. */
function outcomeOf(
  node: NetworkNode | undefined,
  piece: number,
  known: Knowledge,
  isFresh: boolean,
  flow: number | undefined,
): Outcome | undefined {
  if (!node || (!node.load && !(isFresh && node.call))) return undefined;
  const prover = new Prover(known);
  const found = node.load ? prover.run(piece, node.load) : prover.outcome;
  if (isFresh && node.call && !found.doubt) prover.runOn(piece, node.call, flow ?? -1);
  return prover.outcome;
}

/** Finds the code that runs without a call and is not proven to change nothing. */
function findHidden({ nodes, pieces }: Network, known: Knowledge): void {
  const all = pieces.flatMap((piece) => (nodes[piece]?.hidden ?? []).map(([key, code]) => ({ piece, key, code })));
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (const { piece, key, code } of all) {
      const outcome = new Prover(known).run(piece, code);
      if (outcome.isPure && outcome.relies.size === 0) continue;
      isNew = known.hidden.add(key) || isNew;
    }
    // What was proven so far may rest on code that is now known to change something.
    if (isNew) known.forget();
  }
}

function push(to: Map<number, number[]>, key: number, value: number): void {
  const known = to.get(key);
  if (known) known.push(value);
  else to.set(key, [value]);
}
