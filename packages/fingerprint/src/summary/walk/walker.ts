import { isNode, isWrapper, type Node, need, UnknownSyntax } from '../../ast/node.ts';
import type { Binding, Scope, Scopes } from '../../ast/scopes.ts';
import { isErased, SHAPES } from '../../ast/shape.ts';
import type { Part } from '../summary.ts';
import { Recorder, type When } from './recorder.ts';

/** How one kind of node becomes tokens, where its shape alone does not say so. */
export type Handler = (walker: Walker, node: Node) => void;
export type Handlers = Readonly<Record<string, Handler>>;

/** What is the same for all pieces of a file. */
export interface FileContext {
  readonly handlers: Handlers;
  readonly scopes: Scopes;
  readonly top: Scope;
  /** Ends of purity comments. */
  readonly pure: readonly number[];
  readonly source: string;
  lineOf(offset: number): number;
  /** Where an imported name comes from. */
  importOf(name: string): { readonly from: string; readonly name: string } | undefined;
}

/** Expressions whose value is, or holds, the value of a part of them. */
const HOLDERS: ReadonlySet<string> = new Set([
  'ObjectExpression',
  'ArrayExpression',
  'Property',
  'SpreadElement',
  'ConditionalExpression',
  'LogicalExpression',
  'AssignmentExpression',
]);

/** What `this` is inside the function being read. */
export type This = 'instance' | 'static' | 'other';

/** Reads one piece of code and writes down its tokens, references and facts. */
export class Walker {
  readonly out = new Recorder();
  /** The nodes around the one being read, and it. */
  readonly path: Node[] = [];
  scope: Scope;
  when: When = 'eager';
  /** What is given to the call that makes the value of the piece, as far as it is functions and names. */
  handed: readonly Node[] = [];
  self: This;
  /** The function that is a method's code: it has the `this` of its class. */
  method: Node | undefined;
  /** Names that the piece itself declares at the top of the file. */
  binds: readonly string[] = [];

  constructor(
    readonly file: FileContext,
    self: This,
    scope: Scope = file.top,
  ) {
    this.self = self;
    this.scope = scope;
  }

  visit(node: Node): void {
    this.path.push(node);
    const { scope, when } = this;
    this.scope = this.file.scopes.get(node) ?? scope;
    if (this.handed.includes(node)) this.when = 'handed';
    if (isWrapper(node)) this.visit(need(node, 'expression'));
    else this.#tokens(node);
    Object.assign(this, { scope, when });
    this.path.pop();
  }

  #tokens(node: Node): void {
    const handler = this.file.handlers[node.type];
    if (handler) handler(this, node);
    else this.shape(node);
  }

  /** Writes a node down as its shape says. */
  shape(node: Node): void {
    const fields = SHAPES[node.type];
    if (!fields) throw new UnknownSyntax(node.type);
    this.out.token(node.type);
    for (const field of fields) {
      if (field.startsWith('=')) this.out.token(`=${String(node[field.slice(1)])}`);
      else this.value(node[field]);
    }
  }

  /** A child, a list of children, or nothing. */
  value(value: unknown): void {
    if (Array.isArray(value)) {
      for (const each of value) this.value(each);
      this.out.token(')');
    } else if (isNode(value) && !isErased(value)) this.visit(value);
    else this.out.token('_');
  }

  line(node: Node): number {
    return this.file.lineOf(node.start);
  }

  find(name: string): Binding | undefined {
    return this.scope.find(name);
  }

  /** Reads the inside of a function: it runs later if the piece only holds it; otherwise it may run on the spot. */
  inside(node: Node, read: () => void): void {
    const { when, self } = this;
    if (this.#isHeld()) this.when = 'later';
    if (node.type !== 'ArrowFunctionExpression' && node !== this.method) this.self = 'other';
    read();
    this.when = when;
    this.self = self;
  }

  /** Whether the function at the end of the path is, or is part of, the value that the piece declares or assigns. */
  #isHeld(): boolean {
    for (let i = this.path.length - 1; i > 0; i--) {
      const parent = this.path[i - 1];
      if (!parent) return true;
      if (/^(Method|Property)Definition$|^AccessorProperty$/.test(parent.type)) return true;
      if (i === 1 && /^(VariableDeclarator|ExpressionStatement)$/.test(parent.type)) return true;
      if (!isWrapper(parent) && !HOLDERS.has(parent.type)) return false;
    }
    return true;
  }

  part(node: Node): Part {
    return this.out.finish(this.line(node));
  }
}
