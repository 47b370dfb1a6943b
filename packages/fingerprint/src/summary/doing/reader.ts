import { child, list, type Node, need, text } from '../../ast/node.ts';
import type { Binding, Scope } from '../../ast/scopes.ts';
import { CHANGERS } from '../builtins.ts';
import type { Ref } from '../summary.ts';
import type { FileContext } from '../walk/walker.ts';
import type { Deed, Doing, Hidden, Val } from './doing.ts';
import { Frame, Numbers } from './frame.ts';

/** What a piece of code is read with. */
export interface PieceContext {
  readonly file: FileContext;
  readonly refs: readonly Ref[];
  /** Top-level names that the piece declares. */
  readonly binds: readonly string[];
  /** Its first line. */
  readonly line: number;
}

interface Local {
  readonly value: Val;
  readonly frame: number;
}

/** Functions that read nodes. They call each other through the reader. */
export interface Readers {
  expression(reader: Reader, node: Node, used: boolean): Val;
  statement(reader: Reader, node: Node): void;
  bind(reader: Reader, pattern: Node, value: Val): void;
}

/** The state of reading what one piece of code does. */
export class Reader {
  readonly hidden: Hidden[] = [];
  readonly #numbers = new Numbers();
  readonly #locals = new Map<Binding, Local>();
  readonly #refs: ReadonlyMap<string, number>;
  frame: Frame;
  scope: Scope;

  constructor(
    readonly piece: PieceContext,
    readonly readers: Readers,
    scope: Scope,
  ) {
    this.#refs = new Map(piece.refs.map(({ kind, name, member }, at) => [refKey(kind, name, member), at]));
    this.frame = new Frame(this.#numbers.next(), undefined, false);
    this.scope = scope;
  }

  /** Counted from the first line of the piece, so that moving it changes nothing. */
  line(node: Node): number {
    return this.piece.file.lineOf(node.start) - this.piece.line;
  }

  expression(node: Node, used = true): Val {
    const { scope } = this;
    this.scope = this.piece.file.scopes.get(node) ?? scope;
    const value = this.readers.expression(this, node, used);
    this.scope = scope;
    return value;
  }

  statement(node: Node): void {
    const { scope } = this;
    this.scope = this.piece.file.scopes.get(node) ?? scope;
    this.readers.statement(this, node);
    this.scope = scope;
  }

  add(deed: Deed): void {
    this.frame.deeds.push(deed);
  }

  unknown(node: Node, what: string): Val {
    this.add(['unknown', this.line(node), what]);
    return 'any';
  }

  call(node: Node, callee: Val, args: readonly Val[], used: boolean, isNew = false): Val {
    const id = this.#numbers.next();
    this.add(['call', id, callee, args, used ? 1 : 0, this.line(node), isNew ? 1 : 0]);
    return ['slot', id];
  }

  method(node: Node, on: Val, name: string, args: readonly Val[], used: boolean): Val {
    const id = this.#numbers.next();
    if (CHANGERS.has(name)) {
      this.#noteChange(on);
      if (args.some((each) => each !== 'data')) putInto(on);
    }
    this.add(['method', id, on, name, args, used ? 1 : 0, this.line(node)]);
    return ['slot', id];
  }

  get(node: Node, of: Val, name: string | null): Val {
    if (of === 'data' && name !== 'constructor') return 'data';
    const id = this.#numbers.next();
    if (of === 'this') this.frame.own.add(id);
    this.add(['get', id, of, name, this.line(node)]);
    return ['slot', id];
  }

  set(node: Node, of: Val, name: string | null, value: Val = 'any'): void {
    this.#noteChange(of);
    if (value !== 'data') putInto(of);
    this.add(['set', of, name, this.line(node), value === 'data' ? 1 : 0]);
  }

  see(node: Node, of: Val): void {
    if (of !== 'data') this.add(['see', of, this.line(node)]);
  }

  #noteChange(of: Val): void {
    if (of === 'this') this.frame.changesThis = true;
    if (!Array.isArray(of)) return;
    if (of[0] === 'new') this.keeps(Number(of[1]));
    if (of[0] === 'slot' && this.frame.own.has(Number(of[1]))) this.frame.changesThis = true;
  }

  /** Notes that the code being read changes something of a frame. */
  keeps(frame: number): void {
    const owner = frame === this.frame.id ? undefined : this.frame.find(frame);
    if (owner) owner.keeps = true;
  }

  /** The reference to a name of the top scope, or to a member of it. */
  top(name: string, member?: string): Val {
    const at = this.#refs.get(refKey('name', name, member));
    return at === undefined ? 'any' : ['top', at];
  }

  refOf(kind: Ref['kind'], name: string, member?: string): number | undefined {
    return this.#refs.get(refKey(kind, name, member));
  }

  declare(name: string, value: Val): void {
    const binding = this.scope.find(name);
    if (!binding || binding.top) return;
    const { assigned } = binding;
    const known = assigned === undefined ? value : assigned === 'data' && value === 'data' ? 'data' : 'any';
    this.#locals.set(binding, { value: known, frame: this.frame.id });
  }

  local(binding: Binding): Local | undefined {
    return this.#locals.get(binding);
  }

  /** Registers a function: its code is read when the code around it has been. */
  fn(node: Node): Val {
    const { frame, scope } = this;
    const known = frame.pending.find((each) => each.node === node);
    if (known) return ['fn', frame.id, known.index];
    frame.pending.push({ node, scope, index: frame.pending.length });
    return ['fn', frame.id, frame.pending.length - 1];
  }

  /** Reads a function that is not the value of anything else in the piece. */
  hide(key: string, node: Node, before?: () => void): void {
    const { frame } = this;
    this.hidden.push([key, this.function(node, before)]);
    this.frame = frame;
  }

  /** Does the same with code that is no function. */
  hideCode(key: string, read: () => void): void {
    const { frame } = this;
    this.frame = new Frame(this.#numbers.next(), frame, true);
    read();
    this.hidden.push([key, this.finish()]);
    this.frame = frame;
  }

  /** Notes a value that the language may call as a method: nothing is known of it unless it is no function. */
  hideUnknown(value: Val): void {
    if (value === 'data' || (Array.isArray(value) && value[0] === 'new')) return;
    this.hidden.push(['implicit', { frame: -1, deeds: [['unknown', 0, 'a method']] }]);
  }

  /** Reads the functions that were found in the current frame, and closes it. */
  finish(): Doing {
    const { frame, scope } = this;
    // The list grows during the loop.
    for (const { node, scope: around, index } of frame.pending) {
      this.scope = around;
      frame.fns[index] = this.function(node);
      this.frame = frame;
    }
    this.scope = scope;
    return frame.finish();
  }

  /** Reads the code of a function, and `before` it what else runs when it is called. */
  function(node: Node, before?: () => void): Doing {
    const { scope } = this;
    this.scope = this.piece.file.scopes.get(node) ?? scope;
    this.frame = new Frame(this.#numbers.next(), this.frame, node.type === 'ArrowFunctionExpression');
    const id = child(node, 'id');
    if (id && node.type === 'FunctionExpression') this.declare(text(id, 'name'), 'any');
    for (const parameter of list(node, 'params')) this.#parameter(parameter);
    before?.();
    const body = need(node, 'body');
    if (body.type === 'BlockStatement') this.statement(body);
    else this.frame.returns.push(this.expression(body));
    // What is returned is then wrapped in an iterator or a promise.
    this.frame.isWrapped = node.generator === true || node.async === true;
    const code = this.finish();
    this.scope = scope;
    if (node.generator === true) this.hidden.push(['implicit', code]);
    return code;
  }

  #parameter(node: Node): void {
    if (node.type === 'Identifier' && node.name === 'this') return;
    const id = this.#numbers.next();
    if (node.type === 'RestElement') {
      this.frame.rest = id;
      this.readers.bind(this, need(node, 'argument'), 'any');
    } else {
      this.frame.params.push(id);
      this.readers.bind(this, node, ['slot', id]);
    }
  }
}

/** Notes that an object holds more than its literal says. */
function putInto(object: Val): void {
  if (Array.isArray(object) && object[0] === 'new' && !object[3].includes('any')) (object[3] as Val[]).push('any');
}

function refKey(kind: string, name: string, member: string | undefined): string {
  return JSON.stringify([kind, name, member]);
}
