import { isFunction, list, memberName, type Node, need, unwrap } from '../../ast/node.ts';
import { isMarkedPureAt } from '../walk/pure-marks.ts';
import { made, ownerOf, readItem } from './common.ts';
import type { Made, Val } from './doing.ts';
import type { Reader } from './reader.ts';

/** Reads a call. A function that is called where it is written is read like any other. */
export function readCall(reader: Reader, node: Node, used: boolean): Val {
  const callee = unwrap(need(node, 'callee'));
  if (isMarkedPureAt(reader.piece.file, node)) return readMarked(reader, node);
  if (callee.type === 'Super') {
    const args = readArguments(reader, node);
    for (const each of args) reader.see(node, each);
    // The constructor of the base class is read with the class; it may call what it is given.
    return args.some((each) => Array.isArray(each) && each[0] === 'fn') ? reader.unknown(node, 'super()') : 'data';
  }
  return invoke(reader, node, callee, () => readArguments(reader, node), used);
}

export function readTagged(reader: Reader, node: Node, used: boolean): Val {
  const args = (): readonly Val[] => {
    const values = list(need(node, 'quasi'), 'expressions').map((each) => reader.expression(each));
    return [['new', reader.frame.id, 'array', []], ...values];
  };
  return invoke(reader, node, unwrap(need(node, 'tag')), args, used);
}

export function readNew(reader: Reader, node: Node, used: boolean): Val {
  if (isMarkedPureAt(reader.piece.file, node)) return readMarked(reader, node);
  const callee = unwrap(need(node, 'callee'));
  const to = reader.expression(callee);
  if (Array.isArray(to) && to[0] === 'global' && to[1] === 'Proxy') hideHandler(reader, node);
  const args = readArguments(reader, node);
  const value = reader.call(node, to, args, used, true);
  const type = Array.isArray(to) && to[0] === 'global' ? CONTAINERS[to[1]] : undefined;
  return type ? made(reader, type, args) : value;
}

/** Built-in classes whose objects hold nothing but what they are given. */
const CONTAINERS: Readonly<Record<string, Made | undefined>> = {
  Map: 'map',
  WeakMap: 'map',
  Set: 'set',
  WeakSet: 'set',
  Array: 'array',
  Date: 'date',
  RegExp: 'regexp',
};

/** An accessor of which nothing is known. */
const WILD = ['wild', { frame: -1, deeds: [['unknown', 0, 'an accessor']] }] as const;

/** Every operation on a proxy may run its handler. */
function hideHandler(reader: Reader, node: Node): void {
  const handler = list(node, 'arguments')[1];
  const inner = handler && unwrap(handler);
  const parts = inner?.type === 'ObjectExpression' ? list(inner, 'properties') : [];
  const functions = parts.map((each) => (each.type === 'Property' ? unwrap(need(each, 'value')) : each));
  if (inner?.type === 'ObjectExpression' && functions.every(isFunction)) {
    for (const each of functions) reader.hide('proxy', each);
  } else reader.hidden.push(['proxy', WILD[1]]);
}

function readMarked(reader: Reader, node: Node): Val {
  const callee = unwrap(need(node, 'callee'));
  if (callee.type === 'MemberExpression') reader.expression(need(callee, 'object'));
  readArguments(reader, node);
  return 'any';
}

function readArguments(reader: Reader, node: Node): readonly Val[] {
  return list(node, 'arguments').map((each) => readItem(reader, each));
}

function invoke(reader: Reader, node: Node, callee: Node, args: () => readonly Val[], used: boolean): Val {
  if (callee.type !== 'MemberExpression') {
    const to = reader.expression(callee);
    return reader.call(node, to, args(), used);
  }
  const [object, name] = [unwrap(need(callee, 'object')), memberName(callee)];
  if (object.type === 'Super') return reader.unknown(node, 'super');
  if (name === undefined) {
    reader.expression(object);
    reader.expression(need(callee, 'property'));
    args();
    return reader.unknown(node, 'a computed member');
  }
  noteDescriptors(reader, node, name);
  const on = ownerOf(reader, object, name);
  const given = args();
  // Of a listener only one whose event is written out, and is none of its own, is known not to run at the next such call.
  const [, ...others] = LISTENS.test(name) && !isNamedEvent(list(node, 'arguments')[0]) ? given : [];
  return reader.method(node, on, name, others.length > 0 ? ['any', ...others] : given, used);
}

/** Methods of an emitter that only add a listener. */
export const LISTENS = /^(on|once|addListener|prependListener|prependOnceListener)$/;

/** True for the name of an event that adding or removing a listener does not cause. */
function isNamedEvent(node: Node | undefined): boolean {
  return node?.type === 'Literal' && typeof node.value === 'string' && !/^(new|remove)Listener$/.test(node.value);
}

/** Accessors that a call defines may run whenever a property is read or assigned. */
function noteDescriptors(reader: Reader, node: Node, name: string): void {
  if (!/^(defineProperty|defineProperties|__define[GS]etter__)$/.test(name)) return;
  const descriptor = unwrap(list(node, 'arguments')[2] ?? node);
  const isPlain =
    descriptor.type === 'ObjectExpression' &&
    list(descriptor, 'properties').every(
      (each) => each.type === 'Property' && each.computed !== true && isDataKey(each),
    );
  if (!isPlain) reader.hidden.push(WILD);
}

function isDataKey(property: Node): boolean {
  const key = need(property, 'key');
  return /^(value|writable|enumerable|configurable)$/.test(String(key.name ?? key.value));
}
