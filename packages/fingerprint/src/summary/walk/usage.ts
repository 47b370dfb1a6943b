import { child, isFunction, isWrapper, list, memberName, type Node, need, text } from '../../ast/node.ts';
import { CHANGERS, leavesArgument, methodUse } from '../builtins.ts';
import { Use } from '../summary.ts';
import { isGivenFill } from './fills.ts';

/** The use of an identifier, derived from the nodes around it. */
export interface Usage {
  readonly uses: number;
  /** True if the uses apply to a part of it, as in `a.b = 1`. */
  readonly part: boolean;
  /** `b` of `a.b`; `undefined` if computed. */
  readonly member: string | undefined;
  /** The pattern that takes the value or a part of it: uses of those names count as uses of it. */
  readonly boundTo?: Node;
  /** `boundTo` takes a copy, which shares only the parts of its parts. */
  readonly copied?: true;
  /** The uses are of the value itself, or of a part of it, but of nothing deeper. */
  readonly shallow: boolean;
  /** The call whose callee is the identifier or a member of it. */
  readonly call?: Node;
}

/** `path` ends with the identifier, after its ancestors. `isGlobal` is true for undeclared names. */
export function usageOf(path: readonly Node[], isGlobal: (name: string) => boolean): Usage {
  const climb = new Climb(path, isGlobal);
  return climb.run();
}

/** Climbs from an identifier to the node that decides its use. */
class Climb {
  #at: number;
  #uses = 0;
  #depth = 0;
  #member: string | undefined;
  #lastMember: string | undefined;
  #call: Node | undefined;
  #first = true;
  /** Members named before the value was spread into a new object or array. */
  #spreadAt: number | undefined;

  constructor(
    readonly path: readonly Node[],
    readonly isGlobal: (name: string) => boolean,
  ) {
    this.#at = path.length - 1;
  }

  run(): Usage {
    for (;;) {
      const [node, parent] = [this.path[this.#at], this.path[this.#at - 1]];
      if (!node || !parent) return this.#end(Use.Alias);
      if (isWrapper(parent) || parent.type === 'ChainExpression') this.#at--;
      else if (parent.type === 'MemberExpression' && parent.object === node) this.#enterMember(parent);
      else if (isCalleeOf(node, parent)) this.#enterCall(parent);
      else if (passesOn(node, parent)) this.#passOn(node, parent);
      else if (isHeldBy(node, parent, this.path[this.#at - 2])) this.#enterLiteral(parent);
      else return this.#settle(node, parent);
    }
  }

  #enterMember(parent: Node): void {
    this.#lastMember = memberName(parent);
    if (this.#first) this.#member = this.#lastMember;
    this.#first = false;
    this.#depth++;
    this.#at--;
  }

  /** The left side decides whether the right one runs. */
  #passOn(node: Node, parent: Node): void {
    if (parent.type === 'LogicalExpression' && parent.left === node) this.#uses |= Use.Read;
    this.#at--;
  }

  /** Uses of an inline object or array may apply to what it holds. */
  #enterLiteral({ type }: Node): void {
    if (type === 'SpreadElement') this.#spreadAt = this.#depth;
    this.#first = false;
    this.#lastMember = undefined;
    this.#at--;
  }

  #enterCall(parent: Node): void {
    const own = this.#depth === 1 && this.#member !== undefined && !this.#call;
    this.#uses |= Use.Call | (this.#depth === 0 ? 0 : own ? Use.Own : this.#methodUse());
    this.#call ??= parent;
    this.#first = false;
    this.#lastMember = undefined;
    // Uses of a result may apply to a part of the callee.
    this.#at--;
  }

  /** `[...a].sort()` changes the copy. */
  #methodUse(): number {
    const isOfCopy = !this.#call && this.#spreadAt !== undefined && this.#depth === this.#spreadAt + 1;
    return isOfCopy && CHANGERS.has(this.#lastMember ?? '') ? Use.Read : methodUse(this.#lastMember);
  }

  #settle(node: Node, parent: Node): Usage {
    const pattern = assignedAt(this.path, this.#at);
    if (pattern === 'declared') return this.#end(0);
    if (pattern) return this.#end(this.#assignment(pattern));
    if (parent.type === 'UpdateExpression') return this.#end(Use.Assign | Use.Read);
    if (parent.type === 'UnaryExpression') return this.#end(parent.operator === 'delete' ? Use.Assign : Use.Read);
    if (parent.type === 'ExpressionStatement') return this.#end(0);
    if (isArgumentOf(node, parent)) return this.#end(this.#argumentUse(node, parent));
    if (READS.has(parent.type)) return this.#end(Use.Read);
    if (parent.test === node) return this.#end(Use.Read);
    return this.#end(Use.Alias, boundBy(node, parent));
  }

  /** `Object.keys(x)` only reads `x`; so does `Object.assign(y, x)`, but parts of `x` live on in `y`. */
  #argumentUse(node: Node, call: Node): number {
    const callee = need(call, 'callee');
    if (callee.type !== 'MemberExpression') return Use.Argument;
    const [object, member] = [need(callee, 'object'), memberName(callee)];
    if (object.type !== 'Identifier' || member === undefined || !this.isGlobal(text(object, 'name')))
      return Use.Argument;
    if (!leavesArgument(text(object, 'name'), member, list(call, 'arguments').indexOf(node))) return Use.Argument;
    return /^(create|keys|is\w*|hasOwn|stringify)$/.test(member) ? Use.Read : Use.Alias;
  }

  #assignment(assignment: Node): number {
    const operator = text(assignment, 'operator');
    const given = isGivenFill(this.path, assignment) ? Use.Given : 0;
    if (operator === '=') return isGuarded(this.path, this.#at) ? Use.Fill | given : Use.Assign;
    const fill = this.#depth > 0 || this.#call ? Use.FillPart : Use.Fill;
    if (['??=', '||='].includes(operator)) return fill | given | Use.Alias;
    return Use.Assign | Use.Read;
  }

  #end(uses: number, boundTo?: Node): Usage {
    return {
      uses: this.#uses | uses,
      part: this.#depth > 0 || this.#call !== undefined,
      member: this.#member,
      ...(boundTo ? { boundTo } : {}),
      ...(boundTo?.type === 'Identifier' && this.#spreadAt === this.#depth ? { copied: true } : {}),
      shallow: this.#depth === 1 && !(this.#uses & Use.Call && !(this.#uses & Use.Own)),
      ...(this.#call ? { call: this.#call } : {}),
    };
  }
}

/** True if `parent` is an object or array literal, or part of one, that holds the node. */
function isHeldBy(node: Node, parent: Node, outer: Node | undefined): boolean {
  if (parent.type === 'ArrayExpression' || parent.type === 'ObjectExpression' || parent.type === 'SpreadElement')
    return true;
  return parent.type === 'Property' && parent.value === node && outer?.type === 'ObjectExpression';
}

/** True if the value of `parent` may be the value of `node`. */
function passesOn(node: Node, parent: Node): boolean {
  if (parent.type === 'AwaitExpression' || parent.type === 'LogicalExpression') return true;
  return parent.type === 'ConditionalExpression' && parent.test !== node;
}

const READS: ReadonlySet<string> = new Set(['BinaryExpression', 'TemplateLiteral', 'ThrowStatement', 'ForInStatement']);

function isCalleeOf(node: Node, parent: Node): boolean {
  return parent.callee === node || (parent.type === 'TaggedTemplateExpression' && parent.tag === node);
}

function isArgumentOf(node: Node, parent: Node): boolean {
  return (parent.type === 'CallExpression' || parent.type === 'NewExpression') && parent.callee !== node;
}

/** The pattern `p` of `const p = node` or `for (const p of node)`. */
function boundBy(node: Node, parent: Node): Node | undefined {
  if (parent.type === 'VariableDeclarator') return child(parent, 'id');
  if (parent.type === 'ForOfStatement' && parent.right === node) {
    const left = need(parent, 'left');
    const [declared] = list(left, 'declarations');
    return declared ? child(declared, 'id') : left;
  }
  if (parent.type === 'AssignmentExpression' && parent.right === node) return child(parent, 'left');
  return undefined;
}

/** The assignment that assigns the node at `at`, through patterns; `declared` if a declaration does. */
export function assignedAt(path: readonly Node[], at: number): Node | 'declared' | undefined {
  for (let i = at; ; i--) {
    const [node, parent] = [path[i], path[i - 1]];
    if (!node || !parent) return undefined;
    if (
      parent.type === 'AssignmentExpression' ||
      parent.type === 'ForOfStatement' ||
      parent.type === 'ForInStatement'
    ) {
      return parent.left === node ? parent : undefined;
    }
    if (parent.type === 'VariableDeclarator') return parent.id === node ? 'declared' : undefined;
    if (parent.type === 'AssignmentPattern' && parent.left !== node) return undefined;
    if (isParameterOf(node, parent)) return 'declared';
    if (!PATTERNS.has(parent.type) && !isWrapper(parent)) return undefined;
    if (parent.type === 'Property' && (parent.value !== node || path[i - 2]?.type !== 'ObjectPattern'))
      return undefined;
  }
}

const PATTERNS: ReadonlySet<string> = new Set([
  'ArrayPattern',
  'ObjectPattern',
  'Property',
  'RestElement',
  'AssignmentPattern',
  'TSParameterProperty',
]);

function isParameterOf(node: Node, parent: Node): boolean {
  if (isFunction(parent)) return list(parent, 'params').includes(node) || parent.id === node;
  return parent.type === 'CatchClause' && parent.param === node;
}

/** True if an assignment is inside an `if` that tests that the same name has no value yet. */
function isGuarded(path: readonly Node[], at: number): boolean {
  const target = path[at];
  if (target?.type !== 'Identifier') return false;
  for (let i = at; i > 0; i--) {
    const node = path[i];
    if (node && isFunction(node)) return false;
    if (node?.type === 'IfStatement' && testsForEmpty(need(node, 'test'), text(target, 'name'))) {
      return node.consequent === path[i + 1];
    }
  }
  return false;
}

function testsForEmpty(test: Node, name: string): boolean {
  const isName = (node: Node | undefined) => node?.type === 'Identifier' && node.name === name;
  if (test.type === 'UnaryExpression') return test.operator === '!' && isName(child(test, 'argument'));
  if (test.type !== 'BinaryExpression' || !/^===?$/.test(text(test, 'operator'))) return false;
  const [left, right] = [child(test, 'left'), child(test, 'right')];
  const other = isName(left) ? right : isName(right) ? left : undefined;
  if (other?.type === 'Identifier') return other.name === 'undefined';
  return other?.type === 'Literal' && other.value === null;
}
