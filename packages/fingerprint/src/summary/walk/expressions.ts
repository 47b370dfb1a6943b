import { child, list, memberName, type Node, nameOf, need, text } from '../../ast/node.ts';
import { isErased } from '../../ast/shape.ts';
import { dynamicImport, noteCall, noteMember } from './loads.ts';
import type { Handler, Handlers, Walker } from './walker.ts';

/** Handlers for nodes whose tokens differ from their shape, so that spelling alone changes nothing. */
export const expressionHandlers: Handlers = {
  Literal: (walker, node) => walker.out.token(literalToken(node)),
  TemplateElement(walker, node) {
    const { raw, cooked } = node.value as { raw: string; cooked: string | null };
    const tagged = walker.path.at(-3)?.type === 'TaggedTemplateExpression';
    walker.out.token(`quasi ${JSON.stringify(tagged ? [cooked, raw] : cooked)}`);
  },
  MetaProperty(walker, node) {
    const name = `${nameOf(need(node, 'meta'))}.${nameOf(need(node, 'property'))}`;
    walker.out.token(name);
    if (name === 'import.meta') walker.out.flag('place');
  },
  MemberExpression: member,
  CallExpression: call,
  NewExpression: call,
  ImportExpression: dynamicImport,
  LogicalExpression(walker, node) {
    walker.out.token(`Logical ${text(node, 'operator')}`);
    for (const operand of operands(node, text(node, 'operator'))) walker.visit(operand);
    walker.out.token(')');
  },
  PrivateIdentifier(walker, node) {
    const name = `#${text(node, 'name')}`;
    walker.out.token(name);
    walker.out.refer({ kind: 'private', name }, 0, walker.when, walker.line(node));
  },
  Property(walker, node) {
    // `{ __proto__: x }` sets the prototype, `{ __proto__ }` does not.
    const short = node.shorthand === true && nameOf(need(node, 'key')) === '__proto__' ? ' short' : '';
    walker.out.token(`Property ${node.method === true ? 'method' : text(node, 'kind')}${short}`);
    readKey(walker, node);
    walker.visit(need(node, 'value'));
  },
  TSEnumMember(walker, node) {
    walker.out.token(`member ${JSON.stringify(nameOf(need(node, 'id')))}`);
    walker.value(node.initializer);
  },
  WithStatement(walker, node) {
    walker.out.hazard({ kind: 'with', line: walker.line(node) });
    walker.out.flag('project');
    walker.shape(node);
  },
};

/** `a && (b && c)` and `a && b && c` are the same. */
function operands(node: Node, operator: string): readonly Node[] {
  return [need(node, 'left'), need(node, 'right')].flatMap((side) =>
    side.type === 'LogicalExpression' && side.operator === operator ? operands(side, operator) : [side],
  );
}

function literalToken(node: Node): string {
  const regex = node.regex as { pattern: string; flags: string } | undefined;
  if (regex) return `regex ${JSON.stringify(regex.pattern)} ${[...regex.flags].sort().join('')}`;
  if (typeof node.bigint === 'string') return `bigint ${node.bigint}`;
  return `${typeof node.value} ${typeof node.value === 'number' ? String(node.value) : JSON.stringify(node.value)}`;
}

/** Records the key of a property or class member: `'a'` and `a` are the same. */
export function readKey(walker: Walker, node: Node): void {
  const key = need(node, 'key');
  if (key.type === 'PrivateIdentifier') walker.out.token(`key #${text(key, 'name')}`);
  else if (node.computed === true) {
    walker.out.token('computed');
    walker.visit(key);
  } else walker.out.token(`key ${JSON.stringify(nameOf(key))}`);
}

function member(walker: Walker, node: Node): void {
  noteMember(walker, node);
  const name = memberName(node);
  walker.out.token(`Member ${node.optional === true ? '?' : ''}${name === undefined ? '' : JSON.stringify(name)}`);
  walker.visit(need(node, 'object'));
  if (name === undefined) walker.visit(need(node, 'property'));
  else if (name.startsWith('#') && node.computed !== true) walker.visit(need(node, 'property'));
}

function call(walker: Walker, node: Node): void {
  noteCall(walker, node);
  walker.shape(node);
}

/** Handlers for functions, blocks and statements with a body. */
export const blockHandlers: Handlers = {
  FunctionDeclaration: readFunction,
  FunctionExpression: readFunction,
  ArrowFunctionExpression: readFunction,
  BlockStatement(walker, node) {
    walker.out.token('{');
    readStatements(walker, list(node, 'body'));
  },
  Program(walker, node) {
    readStatements(walker, list(node, 'body'));
  },
  IfStatement: withBodies(['test'], ['consequent', 'alternate']),
  ForStatement: withBodies(['init', 'test', 'update'], ['body']),
  ForInStatement: withBodies(['left', 'right'], ['body']),
  ForOfStatement: withBodies(['=await', 'left', 'right'], ['body']),
  WhileStatement: withBodies(['test'], ['body']),
  DoWhileStatement: withBodies(['test'], ['body']),
};

function readStatements(walker: Walker, statements: readonly Node[]): void {
  for (const statement of statements) if (!isErased(statement)) walker.visit(statement);
  walker.out.token(')');
}

function readFunction(walker: Walker, node: Node): void {
  const id = child(node, 'id');
  const marks = `${node.async === true ? 'async ' : ''}${node.generator === true ? '* ' : ''}`;
  walker.out.token(`${node.type} ${marks}${id ? text(id, 'name') : ''}`);
  const local = id && walker.find(text(id, 'name'));
  if (local && !local.top) walker.out.token(`L${walker.out.local(local)}`);
  walker.inside(node, () => {
    for (const each of list(node, 'params')) {
      if (!(each.type === 'Identifier' && each.name === 'this')) walker.visit(each);
    }
    walker.out.token(')');
    walker.visit(need(node, 'body'));
  });
}

/** A single statement and a block around it are the same. */
function withBodies(heads: readonly string[], bodies: readonly string[]): Handler {
  return (walker, node) => {
    walker.out.token(node.type);
    for (const head of heads) {
      if (head.startsWith('=')) walker.out.token(String(node[head.slice(1)]));
      else walker.value(node[head]);
    }
    for (const body of bodies) readBody(walker, child(node, body));
  };
}

function readBody(walker: Walker, body: Node | undefined): void {
  if (!body) return walker.out.token('_');
  const isBlock = body.type === 'BlockStatement';
  if (isBlock) return walker.visit(body);
  walker.out.token('{');
  if (body.type !== 'EmptyStatement') walker.visit(body);
  walker.out.token(')');
}
