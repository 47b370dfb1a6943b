import { child, isFunction, list, type Node, nameOf, need, unwrap } from '../../ast/node.ts';
import { children, isErased } from '../../ast/shape.ts';
import { isFrameworkDecoratorIn } from '../walk/framework-decorators.ts';
import { readKeyOf, runsImplicitly } from './common.ts';
import type { Val } from './doing.ts';
import type { Reader } from './reader.ts';

/** Reads the code of a class that runs when the class is made. Its constructor is not followed. */
export function readClass(reader: Reader, node: Node): Val {
  const base = child(node, 'superClass');
  if (base) reader.expression(base);
  readDecorators(reader, node);
  for (const member of membersOf(node)) {
    readDecorators(reader, member);
    // There `this` is the class.
    if (isStatic(member) && mentionsThis(member)) reader.unknown(member, 'a static part');
    readStaticPart(reader, member);
    if (member.type !== 'StaticBlock') hideMember(reader, member);
  }
  return ['new', reader.frame.id, 'class', []];
}

/** The members that are code. */
function membersOf(node: Node): readonly Node[] {
  return list(need(node, 'body'), 'body').filter((member) => !isErased(member));
}

/** Decorators get the class or the member, which nobody else holds yet. Returns what they may put in its place. */
export function readDecorators(reader: Reader, node: Node): readonly Val[] {
  const results: Val[] = [];
  readParameterDecorators(reader, node);
  for (const each of list(node, 'decorators')) {
    const expression = need(each, 'expression');
    if (isFrameworkDecoratorIn(reader.piece.file, each)) {
      const call = unwrap(expression);
      if (call.type === 'CallExpression') for (const argument of list(call, 'arguments')) reader.expression(argument);
      continue;
    }
    const decorator = reader.expression(expression);
    results.push(reader.call(each, decorator, [['new', reader.frame.id, 'class', []], 'any', 'any'], true));
  }
  return results;
}

/** What the decorators of parameters return is dropped. */
function readParameterDecorators(reader: Reader, member: Node): void {
  const value = member.type === 'MethodDefinition' ? child(member, 'value') : undefined;
  for (const parameter of value ? list(value, 'params') : []) readDecorators(reader, parameter);
}

/** Reads what runs in place of a decorated class or member, or beside it: what its decorators return. */
export function readReplacement(reader: Reader, node: Node): void {
  for (const each of readDecorators(reader, node)) reader.add(['replaced', each, reader.line(node)]);
}

/** True for a class or member with a decorator that is not the framework's. */
export function isDecorated(reader: Reader, node: Node): boolean {
  return list(node, 'decorators').some((each) => !isFrameworkDecoratorIn(reader.piece.file, each));
}

/** Reads the key of a member, and its code if it is static. */
export function readStaticPart(reader: Reader, member: Node): void {
  if (member.type === 'StaticBlock') {
    reader.statement(member);
    return;
  }
  readKeyOf(reader, member);
  const value = child(member, 'value');
  if (member.static !== true || member.type === 'MethodDefinition') return;
  if (value) reader.expression(value);
  readReplacement(reader, member);
}

/** Registers the code of a member that runs without a call in the source. */
export function hideMember(reader: Reader, member: Node): void {
  const value = child(member, 'value');
  const replace = isDecorated(reader, member) ? () => readReplacement(reader, member) : undefined;
  const key = member.computed === true ? '*' : nameOf(need(member, 'key'));
  // A decorator may make accessors of a field.
  if (replace && member.type !== 'MethodDefinition')
    for (const kind of ['get', 'set']) reader.hideCode(`${kind}:${key}`, replace);
  if (!value) return;
  const isAccessor = member.kind === 'get' || member.kind === 'set';
  const inner = unwrap(value);
  if (isAccessor) reader.hide(`${String(member.kind)}:${key}`, value, replace);
  else if (isFunction(inner) && runsImplicitly(member)) reader.hide('implicit', inner, replace);
}

function isStatic(member: Node): boolean {
  return member.static === true || member.type === 'StaticBlock';
}

function mentionsThis(node: Node): boolean {
  return node.type === 'ThisExpression' || children(node).some(mentionsThis);
}
