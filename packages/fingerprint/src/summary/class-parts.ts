import { child, isFunction, list, memberName, type Node, nameOf, need, text, unwrap } from '../ast/node.ts';
import type { ClassShape, Member, Part } from './summary.ts';
import { membersOf, readClassHead, readMember } from './walk/classes.ts';
import { isFrameworkDecorator, readStepDecorator } from './walk/step-options.ts';
import { type FileContext, type This, Walker } from './walk/walker.ts';

/** Splits a class of the top scope into its header and its members, each with a hash of its own. */
export function shapeClass(file: FileContext, node: Node): ClassShape {
  const members = membersOf(node);
  const named = members.filter(hasName);
  const base = child(node, 'superClass');
  const name = base && baseName(unwrap(base));
  return {
    ...(name ? { base: name } : {}),
    opaqueBase: base !== undefined && !name,
    header: readHeader(
      file,
      node,
      members.filter((member) => !hasName(member)),
    ),
    members: named.map((member) => readPart(file, node, member)),
  };
}

function baseName(base: Node): ClassShape['base'] {
  if (base.type === 'Identifier') return { name: text(base, 'name') };
  if (base.type !== 'MemberExpression') return undefined;
  const [object, member] = [unwrap(need(base, 'object')), memberName(base)];
  return object.type === 'Identifier' && member !== undefined ? { name: text(object, 'name'), member } : undefined;
}

/** Static fields and blocks run when the class is made; what has a computed key cannot be looked up by name. */
function hasName(member: Node): boolean {
  if (member.type === 'StaticBlock' || member.computed === true) return false;
  return member.static !== true || member.type === 'MethodDefinition';
}

function readHeader(file: FileContext, node: Node, members: readonly Node[]): Part {
  const walker = classWalker(file, node, 'static');
  walker.self = 'other';
  readClassHead(walker, node);
  for (const member of members) readMember(walker, member, isStatic(member) ? 'static' : 'instance');
  return walker.part(node);
}

function isStatic(member: Node): boolean {
  return member.static === true || member.type === 'StaticBlock';
}

function classWalker(file: FileContext, node: Node, self: This): Walker {
  const walker = new Walker(file, self, file.scopes.get(node) ?? file.top);
  walker.path.push(node, need(node, 'body'));
  return walker;
}

function readPart(file: FileContext, node: Node, member: Node): Member {
  const walker = classWalker(file, node, 'other');
  readMember(walker, member, isStatic(member) ? 'static' : 'instance');
  const key = need(member, 'key');
  const name = key.type === 'PrivateIdentifier' ? `#${text(key, 'name')}` : nameOf(key);
  const isMethod = member.type === 'MethodDefinition';
  return {
    ...walker.part(member),
    name,
    kind: !isMethod ? 'field' : member.kind === 'constructor' ? 'constructor' : 'method',
    static: member.static === true,
    ...readOptions(file, node, member),
    remade: !isMethod && isRemade(member, name),
  };
}

function readOptions(file: FileContext, node: Node, member: Node): Pick<Member, 'options'> {
  const walker = classWalker(file, node, 'other');
  const steps = list(member, 'decorators').filter((each) => isFrameworkDecorator(walker, each, 'step'));
  if (steps.length === 0) return {};
  for (const each of steps) readStepDecorator(walker, each);
  return { options: walker.part(member) };
}

/** Whether every task makes the field anew; any other field is an artifact and comes by value. */
function isRemade(member: Node, name: string): boolean {
  if (name.startsWith('#') || member.type === 'AccessorProperty' || list(member, 'decorators').length > 0) return true;
  const value = child(member, 'value');
  const inner = value && unwrap(value);
  return inner !== undefined && (isFunction(inner) || inner.type === 'ClassExpression');
}
