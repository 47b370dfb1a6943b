import { isNode, isWrapper, type Node, need, UnknownSyntax } from '../../ast/node.ts';
import type { Binding, Scope, Scopes } from '../../ast/scopes.ts';
import { isErased, SHAPES } from '../../ast/shape.ts';
import type { Part } from '../summary.ts';
import { Recorder, type When } from './recorder.ts';

/** Writes the tokens of one kind of node, where its shape alone is not enough. */
export type Handler = (walker: Walker, node: Node) => void;
export type Handlers = Readonly<Record<string, Handler>>;

/** Context that all pieces of a file share. */
export interface FileContext {
  readonly handlers: Handlers;
  readonly scopes: Scopes;
  readonly top: Scope;
  /** End offsets of `@__PURE__` comments. */
  readonly pure: readonly number[];
  /** `@jsx` comments, such as `jsx h`. */
  readonly jsx: readonly string[];
  readonly source: string;
  lineOf(offset: number): number;
  /** The import that binds a name. */
  importOf(name: string): { readonly from: string; readonly name: string } | undefined;
}

/** Expressions whose value is, or holds, the value of one of their children. */
const HOLDERS: ReadonlySet<string> = new Set([
  'ObjectExpression',
  'ArrayExpression',
  'Property',
  'SpreadElement',
  'ConditionalExpression',
  'LogicalExpression',
  'AssignmentExpression',
]);

/** The meaning of `this` in the code being read. */
export type This = 'instance' | 'static' | 'other';

/** Walks one piece of code and records its tokens, references and facts. */
export class Walker {
  readonly out = new Recorder();
  /** The node being read, after its ancestors. */
  readonly path: Node[] = [];
  scope: Scope;
  when: When = 'eager';
  self: This;
  /** The function node of the method being read: its `this` is that of the class. */
  method: Node | undefined;
  /** Top-level names that the piece declares. */
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

  /** Records a node by its shape. */
  shape(node: Node): void {
    const fields = SHAPES[node.type];
    if (!fields) throw new UnknownSyntax(node.type);
    this.out.token(node.type);
    for (const field of fields) {
      if (field.startsWith('=')) this.out.token(`=${String(node[field.slice(1)])}`);
      else this.value(node[field]);
    }
  }

  /** Records a child, a list of children, or a missing child. */
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

  /** Reads the body of a function: it runs later if the piece only holds the function; otherwise it may run at once. */
  inside(node: Node, read: () => void): void {
    const { when, self } = this;
    if (this.#isHeld()) this.when = 'later';
    if (node.type !== 'ArrowFunctionExpression' && node !== this.method) this.self = 'other';
    read();
    this.when = when;
    this.self = self;
  }

  /** True if the function at the end of the path is, or is part of, the value that the piece declares or assigns. */
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
