import { child, isFunction, list, memberName, type Node, nameOf, need, text, unwrap } from '../../ast/node.ts';
import { readCall, readNew, readTagged } from './calls.ts';
import { readClass } from './classes.ts';
import { made, ownerOf, readItem, readKeyOf, runsImplicitly } from './common.ts';
import type { Made, Val } from './doing.ts';
import { join } from './frame.ts';
import { assign } from './patterns.ts';
import type { Reader } from './reader.ts';

type Read = (reader: Reader, node: Node, used: boolean) => Val;

/** Reads an expression; the result is its value. */
export function readExpression(reader: Reader, node: Node, used: boolean): Val {
  const inner = unwrap(node);
  if (inner !== node) return reader.expression(inner, used);
  if (isFunction(node)) return reader.fn(node);
  const read = EXPRESSIONS[node.type];
  return read ? read(reader, node, used) : reader.unknown(node, node.type);
}

const EXPRESSIONS: Readonly<Record<string, Read>> = {
  Identifier: readName,
  Literal: (reader, node) => (node.regex ? made(reader, 'regexp') : 'data'),
  TemplateLiteral(reader, node) {
    for (const each of list(node, 'expressions')) reader.see(each, reader.expression(each));
    return 'data';
  },
  ArrayExpression: (reader, node) =>
    made(
      reader,
      'array',
      list(node, 'elements').map((each) => readItem(reader, each)),
    ),
  ObjectExpression: readObject,
  MemberExpression: readMember,
  CallExpression: readCall,
  NewExpression: readNew,
  TaggedTemplateExpression: readTagged,
  ClassExpression: readClass,
  AssignmentExpression: readAssignment,
  UpdateExpression(reader, node) {
    const target = unwrap(need(node, 'argument'));
    reader.see(target, reader.expression(target));
    assign(reader, target, 'data');
    return 'data';
  },
  UnaryExpression: readUnary,
  BinaryExpression: readBinary,
  LogicalExpression(reader, node, used) {
    const left = reader.expression(need(node, 'left'));
    return join(left, reader.expression(need(node, 'right'), used));
  },
  ConditionalExpression(reader, node, used) {
    reader.expression(need(node, 'test'));
    const value = reader.expression(need(node, 'consequent'), used);
    return join(value, reader.expression(need(node, 'alternate'), used));
  },
  SequenceExpression(reader, node, used) {
    const all = list(node, 'expressions');
    return all.map((each, at) => reader.expression(each, used && at === all.length - 1)).at(-1) ?? 'data';
  },
  AwaitExpression(reader, node, used) {
    const value = reader.expression(need(node, 'argument'), used);
    if (!reader.frame.parent) return reader.unknown(node, 'await');
    reader.see(node, value);
    return 'any';
  },
  YieldExpression(reader, node) {
    const argument = child(node, 'argument');
    if (argument) reader.see(argument, reader.expression(argument));
    return 'any';
  },
  ThisExpression: () => 'this',
  MetaProperty: () => 'data',
  PrivateIdentifier: () => 'data',
  JSXElement: readElement,
  JSXFragment: readElement,
};

function readName(reader: Reader, node: Node): Val {
  const name = text(node, 'name');
  const binding = reader.scope.find(name);
  if (!binding) return name === 'undefined' || name === 'NaN' || name === 'Infinity' ? 'data' : ['global', name];
  if (!binding.top) return reader.local(binding)?.value ?? 'any';
  return reader.piece.binds.includes(name) ? 'any' : reader.top(name);
}

function readObject(reader: Reader, node: Node): Val {
  const parts: Val[] = [];
  let type: Made = 'object';
  for (const each of list(node, 'properties')) {
    if (each.type === 'SpreadElement') {
      const value = reader.expression(need(each, 'argument'));
      reader.get(each, value, null);
      parts.push(Array.isArray(value) && value[0] === 'top' ? value : 'any');
    } else if (each.kind === 'get' || each.kind === 'set') {
      type = 'odd';
      const key = each.computed === true ? '*' : nameOf(need(each, 'key'));
      reader.hide(`${text(each, 'kind')}:${key}`, need(each, 'value'));
      readKeyOf(reader, each);
    } else parts.push(readProperty(reader, each));
  }
  return made(reader, type, parts);
}

function readProperty(reader: Reader, node: Node): Val {
  const key = readKeyOf(reader, node);
  const inner = unwrap(need(node, 'value'));
  const value = reader.expression(inner);
  if (!runsImplicitly(node)) return value;
  if (isFunction(inner)) reader.hide('implicit', inner);
  else if (key !== 'data' || node.computed !== true) reader.hideUnknown(value);
  return value;
}

function readMember(reader: Reader, node: Node): Val {
  const name = memberName(node);
  const object = unwrap(need(node, 'object'));
  if (object.type === 'Super') return reader.unknown(node, 'super');
  if (name === undefined) {
    const value = reader.expression(object);
    const property = need(node, 'property');
    reader.see(property, reader.expression(property));
    return reader.get(node, value, null);
  }
  const of = ownerOf(reader, object, name);
  return Array.isArray(of) && of[0] === 'global' ? ['global', `${of[1]}.${name}`] : reader.get(node, of, name);
}

function readAssignment(reader: Reader, node: Node): Val {
  const [left, operator] = [unwrap(need(node, 'left')), text(node, 'operator')];
  const value = reader.expression(need(node, 'right'));
  if (operator === '=') {
    assign(reader, left, value);
    return value;
  }
  const before = reader.expression(left);
  if (/^(\|\||&&|\?\?)=$/.test(operator)) {
    assign(reader, left, value);
    return join(before, value);
  }
  reader.see(left, before);
  reader.see(node, value);
  assign(reader, left, 'data');
  return 'data';
}

function readUnary(reader: Reader, node: Node): Val {
  const [operator, argument] = [text(node, 'operator'), unwrap(need(node, 'argument'))];
  if (operator === 'delete') {
    if (argument.type === 'MemberExpression') assign(reader, argument, 'data');
    else reader.expression(argument);
    return 'data';
  }
  const value = reader.expression(argument, operator !== 'void');
  if (/^[-+~]$/.test(operator)) reader.see(argument, value);
  return 'data';
}

function readBinary(reader: Reader, node: Node): Val {
  const operator = text(node, 'operator');
  for (const side of [need(node, 'left'), need(node, 'right')]) {
    const value = reader.expression(side);
    if (operator !== '===' && operator !== '!==') reader.see(side, value);
  }
  return 'data';
}

/** An element is a call of the function that makes elements. */
function readElement(reader: Reader, node: Node): Val {
  if (reader.piece.file.jsx.length > 0) return reader.unknown(node, 'a function for elements of its own');
  const parts: Val[] = [];
  const visit = (each: Node): void => {
    if (each.type === 'JSXExpressionContainer' || each.type === 'JSXSpreadChild') {
      const inner = need(each, 'expression');
      if (inner.type !== 'JSXEmptyExpression') parts.push(reader.expression(inner));
    } else if (each.type === 'JSXSpreadAttribute') reader.get(each, reader.expression(need(each, 'argument')), null);
    else if (each !== node && /^JSX(Element|Fragment)$/.test(each.type)) parts.push(reader.expression(each));
    else for (const inner of jsxParts(each)) visit(inner);
  };
  visit(node);
  const ref = reader.refOf('jsx', 'jsx');
  return reader.call(node, ref === undefined ? 'any' : ['top', ref], ['data', made(reader, 'object', parts)], true);
}

function jsxParts(node: Node): readonly Node[] {
  const opening = child(node, 'openingElement');
  const value = child(node, 'value');
  return [
    ...(opening ? [opening] : []),
    ...list(node, 'attributes'),
    ...(value ? [value] : []),
    ...list(node, 'children'),
  ];
}
