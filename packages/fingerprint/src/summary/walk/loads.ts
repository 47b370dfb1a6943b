import { isBuiltin } from 'node:module';
import { boundNames, pickedNames } from '../../ast/bindings.ts';
import { isFunction, list, literalText, memberName, type Node, need, text, unwrap } from '../../ast/node.ts';
import { Use } from '../summary.ts';
import { foldedNames } from './folded-names.ts';
import type { Walker } from './walker.ts';

/** Records the modules that a call names literally, and hazards for computed ones. */
export function noteCall(walker: Walker, node: Node): void {
  const callee = need(node, 'callee');
  const name = calleeName(callee);
  const args = list(node, 'arguments');
  const [first] = args;
  if (name === undefined || !first) return;
  if (node.type === 'NewExpression') return noteConstruction(walker, node, name, args);
  if (name === 'require' && callee.type === 'Identifier') noteLoad(walker, node, first, 'require');
  else if (name === 'createRequire' && mayComeFrom(walker, callee, 'module')) noteRequire(walker, node);
  else if (name === 'fork' && namesFile(first) && mayComeFrom(walker, callee, 'child_process'))
    noteProcess(walker, node, 'fork()');
}

/**
 * `createRequire(…)('pkg')` and `createRequire(…).resolve('pkg')` name the package; a stored `require` may load
 * anything, which is observed.
 */
function noteRequire(walker: Walker, node: Node): void {
  const [parent, outer] = [walker.path.at(-2), walker.path.at(-3)];
  const isMember = parent?.type === 'MemberExpression' && parent.object === node && memberName(parent) === 'resolve';
  const call = isMember ? outer : parent;
  const [source] = call?.type === 'CallExpression' ? list(call, 'arguments') : [];
  const name = source && literalText(source);
  const isCallee =
    call !== undefined &&
    unwrap(need(call.type === 'CallExpression' ? call : node, 'callee')) === (isMember ? parent : node);
  if (name === undefined || !isCallee) return noteUnknownLoad(walker, node, 'createRequire()');
  if (isBuiltin(name)) return;
  // The content of a file is observed when it is loaded.
  if (!/^\.{0,2}\//.test(name)) walker.out.refer({ kind: 'installed', name }, 0, walker.when, walker.line(node));
}

/** True unless the argument cannot be the file of `fork`: other functions of that name take other arguments. */
function namesFile(source: Node): boolean {
  const inner = unwrap(source);
  return (
    !isFunction(inner) &&
    inner.type !== 'ObjectExpression' &&
    inner.type !== 'ThisExpression' &&
    inner.type !== 'CallExpression'
  );
}

/** True if a callee is, or may be, an export of that Node module. */
function mayComeFrom(walker: Walker, callee: Node, module: string): boolean {
  const inner = unwrap(callee);
  if (inner.type === 'MemberExpression') return mayComeFrom(walker, need(inner, 'object'), module);
  if (inner.type !== 'Identifier') return true;
  const binding = walker.find(text(inner, 'name'));
  if (!binding?.top) return true;
  const from = walker.file.importOf(text(inner, 'name'))?.from;
  return from?.replace(/^node:/, '') === module;
}

function calleeName(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return text(callee, 'name');
  return callee.type === 'MemberExpression' ? memberName(callee) : undefined;
}

function noteConstruction(walker: Walker, node: Node, name: string, args: readonly Node[]): void {
  if (args.length > 0 && name === 'Worker' && mayComeFrom(walker, need(node, 'callee'), 'worker_threads'))
    noteProcess(walker, node, 'new Worker()');
}

/** Code that another thread or process runs is not in the module graph. */
function noteProcess(walker: Walker, node: Node, detail: string): void {
  walker.out.hazard({ kind: 'other-process', line: walker.line(node), detail });
  walker.out.flag('project');
}

/** Handles `import(x)`: a literal loads its file; what any other name leads to is observed. */
export function dynamicImport(walker: Walker, node: Node): void {
  const source = need(node, 'source');
  walker.out.token('ImportExpression');
  noteLoad(walker, node, source, 'dynamic');
  walker.value(node.source);
  walker.value(node.options);
}

/** Records the modules that `import()` or `require()` of `source` may load. */
function noteLoad(walker: Walker, node: Node, source: Node, kind: 'dynamic' | 'require'): void {
  const name = literalText(source);
  for (const each of name === undefined ? foldedNames(source) : [name]) {
    const picked = pickedAt(walker);
    const member = picked ? { member: picked.join(',') } : {};
    walker.out.refer({ kind, name: each, ...member }, Use.Alias | Use.Call, walker.when, walker.line(node));
  }
  if (name !== undefined) return;
  const folder = fixedFolder(source);
  if (folder === undefined) return noteUnknownLoad(walker, node, kind === 'dynamic' ? 'import()' : 'require()');
  walker.out.hazard({ kind: 'computed-folder', line: walker.line(node), detail: folder });
}

/** The folder of `'./p/' + x` or of a template with such a prefix. */
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

/** The exports that code uses of the module loaded at the end of the path; `undefined` if it may use any. */
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

/** Handles `.then((m) => m.a)` and `.then(({ a }) => …)`. */
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

/** Records facts that follow from the name of a member alone. */
export function noteMember(walker: Walker, node: Node): void {
  const name = memberName(node);
  if (name === '_load' && walker.path.at(-2)?.callee === node) noteUnknownLoad(walker, node, '_load');
}

/** Records that this code loads files whose names are not known before it runs; what it loads is observed then. */
function noteUnknownLoad(walker: Walker, node: Node, detail: string): void {
  walker.out.hazard({ kind: 'computed-import', line: walker.line(node), detail });
}
