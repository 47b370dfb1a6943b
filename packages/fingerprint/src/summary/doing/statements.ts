import { namespaceName } from '../../ast/bindings.ts';
import { child, list, type Node, nameOf, need, unwrap } from '../../ast/node.ts';
import { isErased } from '../../ast/shape.ts';
import { readClass } from './classes.ts';
import { assign, bindPattern } from './patterns.ts';
import type { Reader } from './reader.ts';

type Read = (reader: Reader, node: Node) => void;

/** Reads a statement. */
export function readStatement(reader: Reader, node: Node): void {
  if (isErased(node)) return;
  const read = STATEMENTS[node.type];
  if (read) read(reader, node);
  else reader.unknown(node, node.type);
}

const STATEMENTS: Readonly<Record<string, Read>> = {
  ExpressionStatement: (reader, node) => void reader.expression(need(node, 'expression'), false),
  BlockStatement: (reader, node) => readBlock(reader, list(node, 'body')),
  StaticBlock: (reader, node) => readBlock(reader, list(node, 'body')),
  TSModuleBlock: (reader, node) => readBlock(reader, list(node, 'body')),
  VariableDeclaration(reader, node) {
    if (/using/.test(String(node.kind))) reader.unknown(node, 'using');
    for (const each of list(node, 'declarations')) readDeclarator(reader, each);
  },
  FunctionDeclaration: (reader, node) => void reader.fn(node),
  ClassDeclaration(reader, node) {
    const value = readClass(reader, node);
    const id = child(node, 'id');
    if (id) reader.declare(nameOf(id), value);
  },
  IfStatement(reader, node) {
    reader.expression(need(node, 'test'));
    reader.statement(need(node, 'consequent'));
    optional(reader, node, 'alternate');
  },
  ForStatement(reader, node) {
    const init = child(node, 'init');
    if (init?.type === 'VariableDeclaration') reader.statement(init);
    else if (init) reader.expression(init, false);
    for (const field of ['test', 'update']) {
      const each = child(node, field);
      if (each) reader.expression(each, field === 'test');
    }
    reader.statement(need(node, 'body'));
  },
  ForInStatement: readLoop,
  ForOfStatement: readLoop,
  WhileStatement: readWhile,
  DoWhileStatement: readWhile,
  ReturnStatement(reader, node) {
    const value = child(node, 'argument');
    reader.frame.returns.push(value ? reader.expression(value) : 'data');
  },
  ThrowStatement: (reader, node) => void reader.expression(need(node, 'argument')),
  TryStatement(reader, node) {
    reader.statement(need(node, 'block'));
    optional(reader, node, 'handler');
    optional(reader, node, 'finalizer');
  },
  CatchClause(reader, node) {
    const param = child(node, 'param');
    if (param) bindPattern(reader, param, 'any');
    reader.statement(need(node, 'body'));
  },
  SwitchStatement(reader, node) {
    reader.expression(need(node, 'discriminant'));
    hoist(
      reader,
      list(node, 'cases').flatMap((each) => list(each, 'consequent')),
    );
    for (const each of list(node, 'cases')) reader.statement(each);
  },
  SwitchCase(reader, node) {
    const test = child(node, 'test');
    if (test) reader.expression(test);
    for (const each of list(node, 'consequent')) reader.statement(each);
  },
  LabeledStatement: (reader, node) => reader.statement(need(node, 'body')),
  BreakStatement: () => undefined,
  ContinueStatement: () => undefined,
  ExportNamedDeclaration: (reader, node) => optional(reader, node, 'declaration'),
  TSEnumDeclaration: readEnum,
  TSImportEqualsDeclaration: () => undefined,
  TSModuleDeclaration(reader, node) {
    reader.declare(namespaceName(node), 'any');
    optional(reader, node, 'body');
  },
};

function optional(reader: Reader, node: Node, field: string): void {
  const each = child(node, field);
  if (each) reader.statement(each);
}

function readBlock(reader: Reader, statements: readonly Node[]): void {
  hoist(reader, statements);
  for (const each of statements) reader.statement(each);
}

/** Functions of a block may be called before their declaration. */
function hoist(reader: Reader, statements: readonly Node[]): void {
  for (const each of statements) {
    const node = each.type === 'ExportNamedDeclaration' ? child(each, 'declaration') : each;
    const id = node?.type === 'FunctionDeclaration' && !isErased(node) ? child(node, 'id') : undefined;
    if (node && id) reader.declare(nameOf(id), reader.fn(node));
  }
}

function readDeclarator(reader: Reader, node: Node): void {
  const init = child(node, 'init');
  bindPattern(reader, need(node, 'id'), init ? reader.expression(init) : 'data');
}

function readLoop(reader: Reader, node: Node): void {
  if (node.await === true && !reader.frame.parent) reader.unknown(node, 'await');
  const right = need(node, 'right');
  reader.see(right, reader.expression(right));
  const left = need(node, 'left');
  const item = node.type === 'ForInStatement' ? 'data' : 'any';
  if (left.type === 'VariableDeclaration') {
    for (const each of list(left, 'declarations')) bindPattern(reader, need(each, 'id'), item);
  } else assign(reader, unwrap(left), item);
  reader.statement(need(node, 'body'));
}

function readWhile(reader: Reader, node: Node): void {
  reader.expression(need(node, 'test'));
  reader.statement(need(node, 'body'));
}

function readEnum(reader: Reader, node: Node): void {
  for (const each of list(need(node, 'body'), 'members')) {
    const value = child(each, 'initializer');
    if (value) reader.expression(value);
  }
}
