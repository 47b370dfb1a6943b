import { boundNames, declaredNames } from '../../../src/ast/bindings.ts';
import { child, isClass, list, type Node, nameOf, need, text, unwrap } from '../../../src/ast/node.ts';
import { loadParser } from '../../../src/ast/parse.ts';

/** A declaration, statement or class member as it stands in a file. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** The name that it binds, or `Class.member`; empty for a statement. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

const parse = await loadParser();

/** Finds the pieces of a file by their places alone, innermost last. */
export function piecesOf(source: string, name: string): readonly Piece[] {
  const parsed = parse(source, loaderOf(name));
  if ('kind' in parsed) throw new Error(parsed.message);
  const lineOf = ({ start }: Node) => source.slice(0, start).split('\n').length;
  return list(parsed.program, 'body').flatMap((statement) => {
    const inner = child(statement, 'declaration') ?? statement;
    const all = inner.type === 'VariableDeclaration' ? list(inner, 'declarations') : [inner];
    return all.flatMap((each) => {
      const init = child(each, 'init');
      const node = init && isClass(unwrap(init)) ? unwrap(init) : each;
      const [name = ''] = each.type === 'VariableDeclarator' ? boundNames(need(each, 'id')) : declaredNames(each);
      // Decorators may stand before `export`.
      const start = all.length === 1 ? Math.min(statement.start, node.start) : each.start;
      const piece = { start, end: each.end, name: name || fallback(statement), line: lineOf(node) };
      return [piece, ...(isClass(node) ? membersOf(node, piece, lineOf) : [])];
    });
  });
}

function loaderOf(name: string): 'ts' | 'tsx' | 'js' {
  if (name.endsWith('x')) return 'tsx';
  return /\.[cm]?js$/.test(name) ? 'js' : 'ts';
}

function fallback({ type }: Node): string {
  return type === 'ExportDefaultDeclaration' ? 'default' : '';
}

/** Members with a hash of their own; static fields and blocks belong to the class. */
function membersOf(node: Node, { name }: Piece, lineOf: (node: Node) => number): readonly Piece[] {
  const members = list(need(node, 'body'), 'body').filter((member) => {
    const isMethod = member.type === 'MethodDefinition';
    return member.type !== 'StaticBlock' && member.computed !== true && (member.static !== true || isMethod);
  });
  return members.map((member) => {
    const key = need(member, 'key');
    const own = key.type === 'PrivateIdentifier' ? `#${text(key, 'name')}` : nameOf(key);
    return { start: member.start, end: member.end, name: `${name}.${own}`, line: lineOf(member) };
  });
}
