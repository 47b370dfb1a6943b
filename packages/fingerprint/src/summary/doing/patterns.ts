import { list, memberName, type Node, nameOf, need, text, unwrap } from '../../ast/node.ts';
import { ownerOf, readKeyOf, runsImplicitly } from './common.ts';
import type { Val } from './doing.ts';
import { join } from './frame.ts';
import type { Reader } from './reader.ts';

/** Gives the names of a declaration their values. */
export function bindPattern(reader: Reader, pattern: Node, value: Val): void {
  takeApart(reader, pattern, value, (target, taken) => {
    if (target.type === 'Identifier') reader.declare(text(target, 'name'), taken);
    else assign(reader, target, taken);
  });
}

/** Assigns a value to a name, a member or a pattern. */
export function assign(reader: Reader, target: Node, value: Val): void {
  takeApart(reader, target, value, (each, taken) => {
    const inner = unwrap(each);
    if (inner.type === 'Identifier') assignName(reader, inner);
    else if (inner.type === 'MemberExpression') assignMember(reader, inner, taken);
    else reader.unknown(inner, inner.type);
  });
}

type Take = (target: Node, value: Val) => void;

function takeApart(reader: Reader, pattern: Node, value: Val, take: Take): void {
  const node = unwrap(pattern);
  switch (node.type) {
    case 'TSParameterProperty':
      return takeApart(reader, need(node, 'parameter'), value, take);
    case 'AssignmentPattern': {
      const fallback = reader.expression(need(node, 'right'));
      return takeApart(reader, need(node, 'left'), join(value, fallback), take);
    }
    case 'RestElement':
      return takeApart(reader, need(node, 'argument'), 'any', take);
    case 'ArrayPattern':
      reader.see(node, value);
      for (const each of list(node, 'elements')) takeApart(reader, each, 'any', take);
      return;
    case 'ObjectPattern':
      for (const each of list(node, 'properties')) takeProperty(reader, each, value, take);
      return;
    default:
      return take(node, value);
  }
}

function takeProperty(reader: Reader, node: Node, value: Val, take: Take): void {
  if (node.type !== 'Property') {
    reader.get(node, value, null);
    return takeApart(reader, node, 'any', take);
  }
  readKeyOf(reader, node);
  const name = node.computed === true ? null : nameOf(need(node, 'key'));
  takeApart(reader, need(node, 'value'), reader.get(node, value, name), take);
}

function assignName(reader: Reader, node: Node): void {
  const name = text(node, 'name');
  const binding = reader.scope.find(name);
  if (!binding) {
    reader.unknown(node, `the global ${name}`);
  } else if (binding.top) {
    const ref = reader.refOf('name', name);
    if (ref === undefined) reader.unknown(node, name);
    else reader.add(['assign', ref, reader.line(node)]);
  } else {
    const owner = reader.local(binding)?.frame ?? (reader.frame.parent ? -1 : reader.frame.id);
    if (owner === reader.frame.id) return;
    reader.keeps(owner);
    reader.add(['outer', owner, reader.line(node)]);
  }
}

function assignMember(reader: Reader, node: Node, value: Val): void {
  const [object, name] = [unwrap(need(node, 'object')), memberName(node)];
  if (object.type === 'Super') return void reader.unknown(node, 'super');
  if (name !== undefined) {
    if (runsImplicitly({ ...node, computed: false, key: { ...node, type: 'Identifier', name } }))
      reader.hideUnknown(value);
    return reader.set(node, ownerOf(reader, object, name), name, value);
  }
  const of = reader.expression(object);
  const property = need(node, 'property');
  const key = reader.expression(property);
  reader.see(property, key);
  // A computed name may be that of a method that the language calls.
  if (key !== 'data') reader.hideUnknown(value);
  reader.set(node, of, null, value);
}
