import { boundNames, pickedNames } from '../../ast/declare.ts';
import { isFunction, list, literalText, memberName, type Node, need, text, unwrap } from '../../ast/node.ts';
import { Use } from '../summary.ts';
import { loadsAnything } from './member-facts.ts';
import type { Walker } from './walker.ts';

/** `import(x)`: a literal leads to its file, a fixed beginning to a folder, anything else to the whole project. */
export function dynamicImport(walker: Walker, node: Node): void {
  const source = need(node, 'source');
  walker.out.token('ImportExpression');
  noteLoad(walker, node, source, 'dynamic');
  walker.value(node.source);
  walker.value(node.options);
}

/** Notes what an `import()` or a `require()` of `source` may load. */
export function noteLoad(walker: Walker, node: Node, source: Node, kind: 'dynamic' | 'require'): void {
  const name = literalText(source);
  if (name !== undefined) {
    const picked = pickedAt(walker);
    const member = picked ? { member: picked.join(',') } : {};
    walker.out.refer({ kind, name, ...member }, Use.Alias | Use.Call, walker.when, walker.line(node));
    return;
  }
  const folder = fixedFolder(source);
  if (folder === undefined) return loadsAnything(walker, node, kind === 'dynamic' ? 'import()' : 'require()');
  walker.out.hazard({ kind: 'computed-folder', line: walker.line(node), detail: folder });
  walker.out.find('folders', folder);
}

/** The folder that `'./p/' + x` or a template that starts with it stays in, unless `x` leaves it by `..`. */
function fixedFolder(source: Node): string | undefined {
  const start = firstText(unwrap(source));
  if (start === undefined || !/^\.{1,2}\//.test(start)) return undefined;
  return start.slice(0, start.lastIndexOf('/') + 1);
}

function firstText(node: Node): string | undefined {
  if (node.type === 'BinaryExpression' && node.operator === '+') return firstText(unwrap(need(node, 'left')));
  if (node.type !== 'TemplateLiteral') return literalText(node);
  const first = list(node, 'quasis')[0]?.value as { cooked?: unknown } | undefined;
  return typeof first?.cooked === 'string' ? first.cooked : undefined;
}

/** The exports that are taken from the module loaded at the end of the path; nothing if it may be any. */
function pickedAt({ path }: Walker): readonly string[] | undefined {
  let at = path.length - 1;
  if (path[at - 1]?.type === 'AwaitExpression') at--;
  while (path[at - 1]?.type === 'ChainExpression') at--;
  const [node, parent] = [path[at], path[at - 1]];
  if (!node || !parent) return undefined;
  if (parent.type === 'VariableDeclarator' && parent.init === node) return pickedNames(need(parent, 'id'));
  if (parent.type !== 'MemberExpression' || parent.object !== node) return undefined;
  const name = memberName(parent);
  if (name === undefined) return undefined;
  if (node.type === 'ImportExpression') return name === 'then' ? pickedByCallback(parent, path[at - 2]) : undefined;
  return [name];
}

/** `.then((m) => m.a)` and `.then(({ a }) => …)`. */
function pickedByCallback(then: Node, call: Node | undefined): readonly string[] | undefined {
  const [callback] = call?.type === 'CallExpression' && call.callee === then ? list(call, 'arguments') : [];
  if (!callback || !isFunction(callback)) return undefined;
  const [parameter, ...others] = list(callback, 'params');
  if (!parameter || others.length > 0) return undefined;
  if (parameter.type === 'ObjectPattern') return pickedNames(parameter);
  const body = unwrap(need(callback, 'body'));
  if (parameter.type !== 'Identifier' || body.type !== 'MemberExpression') return undefined;
  const object = need(body, 'object');
  const name = memberName(body);
  const isModule = object.type === 'Identifier' && text(object, 'name') === boundNames(parameter)[0];
  return isModule && name !== undefined ? [name] : undefined;
}
