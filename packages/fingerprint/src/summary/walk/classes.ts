import { child, list, type Node, nameOf, need, text } from '../../ast/node.ts';
import { isErased } from '../../ast/shape.ts';
import { readKey } from './expressions.ts';
import { isFrameworkDecoratorIn } from './framework-decorators.ts';
import type { Handlers, This, Walker } from './walker.ts';

/** Handlers for classes inside other code, where `this` is not the flow. */
export const classHandlers: Handlers = {
  ClassDeclaration: readClass,
  ClassExpression: readClass,
  TSEnumDeclaration(walker, node) {
    walker.out.token('enum');
    walker.visit(need(node, 'body'));
  },
  TSModuleDeclaration(walker, node) {
    walker.out.token(`namespace ${JSON.stringify(namesOf(need(node, 'id')))}`);
    walker.visit(need(node, 'body'));
  },
};

function namesOf(id: Node): readonly string[] {
  return id.type === 'TSQualifiedName' ? [...namesOf(need(id, 'left')), ...namesOf(need(id, 'right'))] : [nameOf(id)];
}

function readClass(walker: Walker, node: Node): void {
  readClassHead(walker, node);
  const { self } = walker;
  walker.self = 'other';
  for (const member of membersOf(node)) readMember(walker, member, 'other');
  walker.self = self;
  walker.out.token(')');
}

/** Records name, decorators and base class. */
export function readClassHead(walker: Walker, node: Node): void {
  const id = child(node, 'id');
  walker.out.token(`class ${id ? text(id, 'name') : ''}`);
  const local = id && walker.find(text(id, 'name'));
  if (local && !local.top) walker.out.token(`L${walker.out.local(local)}`);
  for (const decorator of list(node, 'decorators')) walker.visit(decorator);
  walker.value(node.superClass);
}

/** The members that are code. */
export function membersOf(node: Node): readonly Node[] {
  return list(need(node, 'body'), 'body').filter((member) => !isErased(member));
}

/** Records one member: its decorators, key and code. */
export function readMember(walker: Walker, member: Node, self: This): void {
  walker.path.push(member);
  const outer = { self: walker.self, scope: walker.scope, when: walker.when };
  walker.out.token(`${member.type} ${text(member, 'kind')}${member.static === true ? ' static' : ''}`);
  for (const decorator of list(member, 'decorators')) {
    // The options of a step are a piece of their own.
    if (!isFrameworkDecoratorIn(walker.file, decorator, 'step')) walker.visit(decorator);
  }
  const method = member.type === 'MethodDefinition' ? child(member, 'value') : undefined;
  for (const parameter of method ? list(method, 'params') : []) {
    for (const decorator of list(parameter, 'decorators')) walker.visit(decorator);
  }
  walker.self = self;
  if (member.type === 'StaticBlock') readStaticBlock(walker, member);
  else {
    readKey(walker, member);
    readValue(walker, member);
  }
  Object.assign(walker, outer);
  walker.path.pop();
}

function readStaticBlock(walker: Walker, member: Node): void {
  walker.scope = walker.file.scopes.get(member) ?? walker.scope;
  for (const statement of list(member, 'body')) walker.visit(statement);
  walker.out.token(')');
}

/** A method is a function node, but its `this` is that of the class. */
function readValue(walker: Walker, member: Node): void {
  const value = child(member, 'value');
  if (!value) return walker.out.token('_');
  if (member.type !== 'MethodDefinition') {
    // Instance fields are evaluated when an object is made.
    if (member.static !== true) walker.when = 'later';
    return walker.visit(value);
  }
  walker.method = value;
  walker.visit(value);
}
