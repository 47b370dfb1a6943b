import type { NetworkNode } from '../link/network.ts';
import type { Deed, Doing, Val } from '../summary/doing/doing.ts';
import { callMethod, callReplacement, callValue } from './calls.ts';
import type { HiddenCode } from './hidden.ts';
import { mayRun } from './opaque.ts';
import { Outcome } from './outcome.ts';
import type { Call, Proof, ProofRules } from './proof.ts';
import { type Activation, ANY, DATA, oneOf, outlived, runOf, typed, type Value } from './value.ts';
import { write } from './writes.ts';

/** Deeds that one proof follows before it gives up. */
const LIMIT = 20_000;

/** What calling a function does, whatever it is given. */
interface Known {
  readonly outcome: Outcome;
  readonly result: Value;
}

/** Results that the proofs of one network share. */
export class Knowledge {
  readonly calls = new Map<number, Known>();
  readonly values = new Map<number, Value>();
  /** Nodes of which a proof followed the code that runs when they are called. */
  readonly followed = new Set<number>();

  constructor(
    readonly nodes: readonly NetworkNode[],
    readonly hidden: HiddenCode,
    readonly rules: ProofRules,
  ) {}

  /** Drops what was proven while less hidden code was known. */
  forget(): void {
    this.calls.clear();
    this.values.clear();
  }
}

/** Follows code from one piece and finds what it changes. */
export class Prover implements Proof {
  outcome = new Outcome();
  readonly #shared: Knowledge;
  #budget = LIMIT;
  /** Functions being followed, and those of them that were called again meanwhile. */
  readonly #open = new Set<number>();
  readonly #again = new Set<number>();
  #nesting = 0;

  constructor(shared: Knowledge) {
    this.#shared = shared;
  }

  get hidden(): HiddenCode {
    return this.#shared.hidden;
  }

  get rules(): ProofRules {
    return this.#shared.rules;
  }

  nodeAt(number: number): NetworkNode | undefined {
    return this.#shared.nodes[number];
  }

  /** Follows the code of a node that runs by itself. */
  run(node: number, doing: Doing, self: Value = ANY): Outcome {
    this.#follow({ kind: 'fn', doing, at: undefined, node }, NO_CALL, self);
    return this.outcome;
  }

  /** Follows code of a class that runs on a new object of a class. */
  runOn(node: number, doing: Doing, type: number): Outcome {
    this.#shared.followed.add(node);
    const at = this.#start({ frame: -1, deeds: [] }, node, undefined, ANY);
    return this.run(node, doing, { kind: 'instance', type, at });
  }

  doubt(at: Activation, line: number, what: string): Value {
    this.outcome.doubt ??= { node: at.node, line, what };
    return ANY;
  }

  valueOf(number: number): Value {
    const known = this.#shared.values.get(number);
    if (known) return known;
    // A value that is asked for while it is being found refers to itself.
    this.#shared.values.set(number, { kind: 'node', node: number });
    const value = this.#findValue(number);
    this.#shared.values.set(number, value);
    return value;
  }

  #findValue(number: number): Value {
    const self: Value = { kind: 'node', node: number };
    const node = this.nodeAt(number);
    if (!node || node.reassigned) return self;
    if (node.kind === 'constant') return DATA;
    const { value, load } = node;
    if (value === undefined) return self;
    const prover = new Prover(this.#shared);
    const run = prover.#start({ frame: 0, deeds: [], ...load }, number, undefined, ANY);
    prover.#evaluateAll(run);
    const found = prover.#value(run, value);
    run.live = false;
    const known = outlived(found);
    return known.kind === 'any' && !known.type && !known.from ? self : known;
  }

  applyNode(number: number, call: Call): Value {
    const doing = this.nodeAt(number)?.call;
    this.#shared.followed.add(number);
    if (!doing) return ANY;
    const known = this.#known(number, doing);
    if ((!known.outcome.doubt && !decorates(call)) || this.#open.has(number)) {
      this.outcome.include(known.outcome);
      return known.result;
    }
    // With what is known of the arguments, more may be proven.
    const before = this.outcome;
    this.outcome = new Outcome();
    this.#open.add(number);
    const result = this.#follow({ kind: 'fn', doing, at: undefined, node: number }, call, call.self);
    this.#open.delete(number);
    before.include(this.outcome);
    this.outcome = before;
    return result;
  }

  /** What a call does if nothing is known of its arguments. A call of itself adds nothing. */
  #known(number: number, doing: Doing): Known {
    const known = this.#shared.calls.get(number);
    if (known) return known;
    if (this.#open.has(number)) {
      this.#again.add(number);
      return { outcome: new Outcome(), result: ANY };
    }
    const before = this.outcome;
    this.outcome = new Outcome();
    this.#open.add(number);
    const anything = (doing.params ?? []).map(() => ANY);
    const result = this.#follow(
      { kind: 'fn', doing, at: undefined, node: number },
      { ...NO_CALL, args: anything },
      ANY,
    );
    const found = { outcome: this.outcome, result };
    this.outcome = before;
    this.#open.delete(number);
    this.#again.delete(number);
    // What depends on a function that is still being followed is not known for good.
    if (this.#again.size === 0) this.#shared.calls.set(number, found);
    return found;
  }

  apply(fn: Extract<Value, { kind: 'fn' }>, call: Call): Value {
    return this.#follow(fn, call, fn.doing.arrow ? (fn.at?.self ?? ANY) : call.self);
  }

  #follow({ doing, at, node }: Extract<Value, { kind: 'fn' }>, { args, line }: Call, self: Value): Value {
    const run = this.#start(doing, node, at, self);
    if (depthOf(at) > 30 || this.#budget <= 0 || this.#open.size > 200)
      return this.doubt(run, line, 'calls too much code');
    if (doing.keeps) this.outcome.keeps = true;
    for (const [position, slot] of (doing.params ?? []).entries()) run.slots.set(slot, args[position] ?? ANY);
    this.#nesting++;
    if (this.#nesting > 120) this.doubt(run, line, 'calls too much code');
    else this.#evaluateAll(run);
    this.#nesting--;
    const result = doing.returns === undefined ? DATA : this.#value(run, doing.returns);
    run.live = false;
    return outlived(result);
  }

  #start(doing: Doing, node: number, outer: Activation | undefined, self: Value): Activation {
    return { frame: doing.frame, node, doing, slots: new Map(), outer, self, live: true };
  }

  #evaluateAll(run: Activation): void {
    for (const deed of run.doing.deeds) {
      if (this.outcome.doubt) return;
      if (this.#budget-- <= 0) this.doubt(run, 0, 'runs too much code');
      else this.#evaluate(run, deed);
    }
  }

  #evaluate(run: Activation, deed: Deed): void {
    switch (deed[0]) {
      case 'unknown':
        return void this.doubt(run, deed[1], wordsFor(deed[2]));
      case 'call': {
        const [, id, callee, args, used, line, isNew] = deed;
        const call = this.#call(run, args, used, line, isNew);
        return void run.slots.set(id, callValue(this, run, this.#value(run, callee), call));
      }
      case 'method': {
        const [, id, on, name, args, used, line] = deed;
        const call = this.#call(run, args, used, line, 0);
        return void run.slots.set(id, this.#method(run, on, name, call));
      }
      case 'get':
        return void run.slots.set(deed[1], this.#get(run, deed[2], deed[3], deed[4]));
      case 'set':
        return this.#set(run, deed);
      case 'assign':
        return this.#assign(run, deed[1], deed[2]);
      case 'outer':
        if (!runOf(deed[1], run)?.live) this.doubt(run, deed[2], 'changes a variable of a finished call');
        return;
      case 'see': {
        const value = this.#value(run, deed[1]);
        if (mayRun(this, value, this.hidden.onUse())) this.doubt(run, deed[2], 'may run an iterator or a conversion');
        return;
      }
      case 'replaced':
        return callReplacement(this, run, this.#value(run, deed[1]), deed[2]);
    }
  }

  #call(run: Activation, args: readonly Val[], used: 0 | 1, line: number, isNew: 0 | 1): Call {
    return {
      args: args.map((each) => this.#value(run, each)),
      self: ANY,
      isUsed: used === 1,
      isNew: isNew === 1,
      line,
    };
  }

  #method(run: Activation, on: Val, name: string, call: Call): Value {
    const target = this.#target(run, on);
    if (target?.isMember) return callValue(this, run, target.value, call);
    return callMethod(this, run, this.#value(run, on), name, call);
  }

  #get(run: Activation, of: Val, name: string | null, line: number): Value {
    const target = this.#target(run, of);
    if (target?.isMember) return target.value;
    const value = this.#value(run, of);
    if (mayRun(this, value, this.hidden.onGet(name))) this.doubt(run, line, `may run an accessor ${name ?? ''}`.trim());
    switch (value.kind) {
      case 'data':
        return name === 'constructor' ? ANY : DATA;
      case 'global':
        return name === null
          ? value.path === 'process.env'
            ? DATA
            : ANY
          : { kind: 'global', path: `${value.path}.${name}` };
      case 'node': {
        const isClass = this.nodeAt(value.node)?.kind === 'class';
        if (isClass && name === 'prototype') return value;
        const known = this.valueOf(value.node);
        if (known.kind === 'data') return DATA;
        return known.kind === 'any' && known.from ? known : ANY;
      }
      case 'any':
        if (value.from) return value;
        return value.type && (name === 'length' || name === 'size') ? DATA : ANY;
      case 'made':
        if (value.type === 'class' && name === 'prototype') return value;
        return name === 'length' || name === 'size' ? DATA : ANY;
      default:
        return ANY;
    }
  }

  #set(run: Activation, [, of, name, line, plain]: Extract<Deed, readonly ['set', ...unknown[]]>): void {
    const target = this.#target(run, of);
    if (target?.isMember) this.doubt(run, line, 'assigns a name of another file');
    else write(this, run, this.#value(run, of), name, line, plain === 1);
  }

  #assign(run: Activation, ref: number, line: number): void {
    const [isMember, only, ...others] = this.nodeAt(run.node)?.tops?.[ref] ?? [];
    const isFile = only !== undefined && others.length === 0 && isMember === 0 && this.nodeAt(only)?.file !== '';
    if (isFile && !this.rules.isOpen(only)) this.outcome.writes.add(only);
    else this.doubt(run, line, 'assigns a name');
  }

  /** The one node that a name leads to. */
  #target(run: Activation, value: Val): { readonly value: Value; readonly isMember: boolean } | undefined {
    if (!Array.isArray(value) || value[0] !== 'top') return undefined;
    const [isMember, only, ...others] = this.nodeAt(run.node)?.tops?.[value[1]] ?? [];
    if (only === undefined || others.length > 0) return undefined;
    return { value: { kind: 'node', node: only }, isMember: isMember === 1 };
  }

  #value(run: Activation, value: Val): Value {
    if (value === 'any') return ANY;
    if (value === 'data') return DATA;
    if (value === 'this') return run.self;
    switch (value[0]) {
      case 'new': {
        const at = runOf(value[1], run);
        const parts = value[3].map((each) => this.#value(run, each));
        return at ? { kind: 'made', at, type: value[2], parts } : typed(value[2]);
      }
      case 'fn': {
        const at = runOf(value[1], run);
        const doing = at?.doing.fns?.[value[2]];
        return doing ? { kind: 'fn', doing, at, node: run.node } : ANY;
      }
      case 'top':
        return this.#target(run, value)?.value ?? ANY;
      case 'slot':
        return slotOf(run, value[1]);
      case 'global':
        return { kind: 'global', path: value[1] };
      case 'either':
        return oneOf(value[1].map((each) => this.#value(run, each)));
    }
  }
}

/** A decorator often returns the class that it is given. */
function decorates({ args: [first] }: Call): boolean {
  return first?.kind === 'made' && first.type === 'class';
}

const NO_CALL: Call = { args: [], self: ANY, isUsed: true, isNew: false, line: 0 };

function slotOf(run: Activation, id: number): Value {
  for (let at: Activation | undefined = run; at; at = at.outer) {
    const found = at.slots.get(id);
    if (found) return found;
  }
  return ANY;
}

function depthOf(run: Activation | undefined): number {
  let depth = 0;
  for (let at = run; at; at = at.outer) depth++;
  return depth;
}

const WORDS: Readonly<Record<string, string>> = {
  await: 'waits at the top of a file',
  ImportExpression: 'loads a module by import()',
};

function wordsFor(what: string): string {
  return WORDS[what] ?? `does what cannot be followed (${what})`;
}
