import { type Node, nameOf, need, text } from '../../ast/node.ts';
import type { Made, Val } from './doing.ts';
import type { Reader } from './reader.ts';

/** An object that the code being read makes. */
export function made(reader: Reader, type: Made, parts: readonly Val[] = []): Val {
  return ['new', reader.frame.id, type, parts];
}

/** One element of an array or argument of a call. */
export function readItem(reader: Reader, node: Node): Val {
  if (node.type !== 'SpreadElement') return reader.expression(node);
  reader.see(node, reader.expression(need(node, 'argument')));
  return 'any';
}

/** Reads a computed key: making a property name of it may run code. */
export function readKeyOf(reader: Reader, node: Node): Val {
  const key = need(node, 'key');
  if (node.computed !== true) return 'data';
  const value = reader.expression(key);
  reader.see(key, value);
  return value;
}

/** True for a method that the language calls: on conversion, iteration or `await`. A computed key may be one of them. */
export function runsImplicitly(node: Node): boolean {
  return (
    node.computed === true ||
    /^(toString|toLocaleString|valueOf|toJSON|then|next|return|throw)$/.test(nameOf(need(node, 'key')))
  );
}

/** The object whose member is used. For a name of the top scope, the reference holds the member as well. */
export function ownerOf(reader: Reader, object: Node, member: string): Val {
  if (object.type !== 'Identifier') return reader.expression(object);
  const name = text(object, 'name');
  const binding = reader.scope.find(name);
  if (!binding?.top || reader.piece.binds.includes(name)) return reader.expression(object);
  return reader.top(name, member);
}
