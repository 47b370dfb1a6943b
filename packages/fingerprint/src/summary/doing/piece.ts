import { child, isFunction, list, type Node, need, unwrap } from '../../ast/node.ts';
import type { Scope } from '../../ast/scopes.ts';
import { hideMember, readDecorators, readReplacement, readStaticPart } from './classes.ts';
import type { Deeds, Doing, Val } from './doing.ts';
import { readExpression } from './expressions.ts';
import { bindPattern } from './patterns.ts';
import { type PieceContext, Reader } from './reader.ts';
import { readStatement } from './statements.ts';

const READERS = { expression: readExpression, statement: readStatement, bind: bindPattern };

function open(piece: PieceContext, scope: Scope): Reader {
  return new Reader(piece, READERS, scope);
}

function close({ hidden }: Reader, found: Deeds): Deeds {
  const { load, ...others } = found;
  const isEmpty = !load || (load.deeds.length === 0 && !load.fns);
  return { ...(!isEmpty && { load }), ...others, ...(hidden.length > 0 && { hidden }) };
}

/** Reads a top-level declaration, statement or default export. */
export function deedsOfUnit(piece: PieceContext, node: Node): Deeds {
  const reader = open(piece, piece.file.top);
  const init = node.type === 'VariableDeclarator' ? child(node, 'init') : node;
  const inner = init && unwrap(init);
  if (inner && isFunction(inner)) return close(reader, { call: reader.function(inner) });
  if (node.type === 'VariableDeclarator') {
    const value = init ? reader.expression(init) : 'data';
    bindPattern(reader, need(node, 'id'), value);
    const load = reader.finish();
    return close(reader, { load, ...(need(node, 'id').type === 'Identifier' && { value }) });
  }
  if (isStatement(node)) {
    reader.statement(node);
    return close(reader, { load: reader.finish(), ...(node.type === 'TSEnumDeclaration' && { value: ENUM }) });
  }
  const value = reader.expression(node);
  return close(reader, { load: reader.finish(), value });
}

const ENUM: Val = ['new', 0, 'object', ['data']];

function isStatement({ type }: Node): boolean {
  return /(Statement|Declaration)$/.test(type);
}

/** Reads the head of a top-level class, and the members that have no name to look them up by. */
export function deedsOfHeader(piece: PieceContext, node: Node, scope: Scope, unnamed: readonly Node[]): Deeds {
  const reader = open(piece, scope);
  const base = child(node, 'superClass');
  const value = base ? reader.expression(base) : 'data';
  readDecorators(reader, node);
  for (const member of unnamed) {
    readDecorators(reader, member);
    readStaticPart(reader, member);
    if (member.type !== 'StaticBlock') hideMember(reader, member);
  }
  const load = reader.finish();
  const use = readUse(piece, node, scope, unnamed);
  return close(reader, { load, value, ...(use.deeds.length > 0 && { use }) });
}

/** Reads what runs when the class is used: what its decorators return, and its fields without a name. */
function readUse(piece: PieceContext, node: Node, scope: Scope, unnamed: readonly Node[]): Doing {
  const reader = open(piece, scope);
  readReplacement(reader, node);
  for (const member of unnamed) {
    const value = member.static === true ? undefined : child(member, 'value');
    if (value && member.type !== 'MethodDefinition') reader.expression(value);
    if (member.type !== 'StaticBlock') readReplacement(reader, member);
  }
  return reader.finish();
}

/** Reads a named member of a top-level class. */
export function deedsOfMember(piece: PieceContext, member: Node, scope: Scope): Deeds {
  const reader = open(piece, scope);
  readDecorators(reader, member);
  const load = reader.finish();
  const other = open(piece, scope);
  hideMember(other, member);
  const value = child(member, 'value');
  if (value && member.type === 'MethodDefinition')
    return close(other, { load, call: other.function(value, () => readReplacement(other, member)) });
  if (value) other.expression(value);
  readReplacement(other, member);
  return close(other, { load, call: other.finish() });
}

/** Reads the options of a step: the arguments of its decorators. */
export function deedsOfOptions(piece: PieceContext, decorators: readonly Node[], scope: Scope): Deeds {
  const reader = open(piece, scope);
  for (const each of decorators) {
    const call = unwrap(need(each, 'expression'));
    if (call.type === 'CallExpression') for (const argument of list(call, 'arguments')) reader.expression(argument);
  }
  return close(reader, { load: reader.finish() });
}
