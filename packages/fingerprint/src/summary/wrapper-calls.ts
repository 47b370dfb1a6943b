import { child, isFunction, isWrapper, list, memberName, type Node, need, text, unwrap } from '../ast/node.ts';
import { children, isErased } from '../ast/shape.ts';
import type { Unit } from './summary.ts';
import type { FileContext } from './walk/walker.ts';

/** A call that makes the value of a variable from functions and names. */
export interface WrapperCall {
  readonly to: NonNullable<Unit['handsTo']>;
  /** The argument nodes at those positions. */
  readonly nodes: readonly Node[];
}

/**
 * Recognises `const x = f(…)` and `const x = ns.f(…)`, where `f` is a top-level name and the arguments are literals,
 * functions and names; `undefined` for anything else.
 */
export function wrapperCall(file: FileContext, declarator: Node): WrapperCall | undefined {
  const init = child(declarator, 'init');
  const call = init && unwrap(init);
  if (call?.type !== 'CallExpression' || call.optional === true) return undefined;
  const callee = calleeOf(file, unwrap(need(call, 'callee')));
  const args = list(call, 'arguments');
  if (!callee || !args.every((each) => each.type === 'Literal' || isFunctionOrName(unwrap(each)))) return undefined;
  const positions = args.flatMap((each, position) => (isFunctionOrName(unwrap(each)) ? [position] : []));
  if (positions.length === 0) return undefined;
  return { to: { ...callee, positions }, nodes: args.filter((_, position) => positions.includes(position)) };
}

function calleeOf(file: FileContext, callee: Node): { readonly name: string; readonly member?: string } | undefined {
  if (callee.type === 'Identifier')
    return file.top.has(text(callee, 'name')) ? { name: text(callee, 'name') } : undefined;
  if (callee.type !== 'MemberExpression' || callee.optional === true) return undefined;
  const [object, member] = [unwrap(need(callee, 'object')), memberName(callee)];
  if (object.type !== 'Identifier' || member === undefined || !file.top.has(text(object, 'name'))) return undefined;
  return { name: text(object, 'name'), member };
}

/** True if evaluating the argument runs no code. */
function isFunctionOrName(node: Node): boolean {
  if (node.type === 'MemberExpression') {
    return memberName(node) !== undefined && isFunctionOrName(unwrap(need(node, 'object')));
  }
  return node.type === 'Identifier' || isFunction(node);
}

/**
 * Positions of the parameters that a call of this function only keeps for the function it returns: neither they nor
 * anything they hold is called, changed or stored during the call. Empty unless all of the function's own code is of
 * the few kinds listed below: unknown code counts as using its parameters.
 */
export function keptParameters(node: Node): readonly number[] {
  if (node.async === true || node.generator === true) return [];
  const names = list(node, 'params').map(parameterName);
  const check = new ParameterCheck(new Set(names.filter((name) => name !== undefined)));
  for (const parameter of list(node, 'params')) check.parameter(parameter);
  const body = need(node, 'body');
  if (body.type === 'BlockStatement') check.visit(body);
  else check.returned(body);
  const { used, isKnown } = check;
  return isKnown ? names.flatMap((name, at) => (name !== undefined && !used.has(name) ? [at] : [])) : [];
}

function parameterName(parameter: Node): string | undefined {
  const target = parameter.type === 'AssignmentPattern' ? need(parameter, 'left') : parameter;
  return target.type === 'Identifier' ? text(target, 'name') : undefined;
}

/** Kinds of nodes that do not use a parameter unless they name it. */
const KNOWN: ReadonlySet<string> = new Set(
  `BlockStatement ReturnStatement IfStatement SwitchStatement SwitchCase BreakStatement ThrowStatement ExpressionStatement
  VariableDeclaration VariableDeclarator UnaryExpression BinaryExpression LogicalExpression ConditionalExpression
  MemberExpression CallExpression NewExpression Identifier Literal TemplateLiteral TemplateElement`.split(/\s+/),
);

/** Operators that only inspect a value. */
const INSPECTIONS: Readonly<Record<string, RegExp | undefined>> = {
  UnaryExpression: /^(typeof|!)$/,
  BinaryExpression: /^([!=]==?|[<>]=?)$/,
};

/** Finds the parameters that a function's own code uses. */
class ParameterCheck {
  /** Parameters that are not merely inspected. */
  readonly used = new Set<string>();
  isKnown = true;

  constructor(readonly names: ReadonlySet<string>) {}

  /** Visits a parameter: default values and patterns are code. */
  parameter(node: Node): void {
    if (node.type === 'AssignmentPattern') {
      this.parameter(need(node, 'left'));
      this.visit(need(node, 'right'));
    } else if (node.type !== 'Identifier') this.mentions(node);
  }

  visit(node: Node): void {
    if (isErased(node)) return;
    if (isWrapper(node)) return this.visit(need(node, 'expression'));
    if (isFunction(node)) return this.mentions(node);
    if (!KNOWN.has(node.type)) this.isKnown = false;
    if (node.type === 'Identifier') return this.#use(node);
    if (node.type === 'ReturnStatement') return this.returned(child(node, 'argument'));
    for (const each of children(node)) if (!this.#isInspected(each, node)) this.visit(each);
  }

  /** Only functions may be returned: any other value could be a parameter. */
  returned(value: Node | undefined): void {
    if (value && !isFunction(unwrap(value))) this.isKnown = false;
  }

  /** Counts every name in a piece of code as used, without resolving it. */
  mentions(node: Node): void {
    if (node.type === 'Identifier') this.#use(node);
    else for (const each of children(node)) this.mentions(each);
  }

  #use(node: Node): void {
    const name = text(node, 'name');
    // Both give access to the parameters without naming them.
    if (name === 'arguments' || name === 'eval') this.isKnown = false;
    this.used.add(name);
  }

  /** True if a parameter is only compared, tested or put into a template here. */
  #isInspected(node: Node, parent: Node): boolean {
    const inner = unwrap(node);
    if (inner.type !== 'Identifier' || !this.names.has(text(inner, 'name'))) return false;
    const isTest = parent.test === node || parent.discriminant === node;
    return (
      isTest || parent.type === 'TemplateLiteral' || INSPECTIONS[parent.type]?.test(text(parent, 'operator')) === true
    );
  }
}
