import { isBuiltin } from 'node:module';
import { boundNames, pickedNames } from '../../ast/bindings.ts';
import { isFunction, list, literalText, memberName, type Node, need, text, unwrap } from '../../ast/node.ts';
import { Use } from '../summary.ts';
import type { Walker } from './walker.ts';

const READERS = /^(readFile|readFileSync|createReadStream|open|openSync|readdir|readdirSync|opendir|opendirSync)$/;

/** Notes what a call loads or reads, as far as it is written out. */
export function noteCall(walker: Walker, node: Node): void {
  const callee = need(node, 'callee');
  const name = calleeName(callee);
  const args = list(node, 'arguments');
  const [first] = args;
  if (walker.when !== 'later' && !isPlainCallee(walker, callee)) {
    walker.out.flag(walker.when === 'eager' ? 'callsUnknown' : 'callsUnknownHanded');
  }
  if (name === undefined || !first) return;
  if (node.type === 'NewExpression') return noteConstruction(walker, node, name, args);
  if (name === 'require' && callee.type === 'Identifier') noteLoad(walker, node, first, 'require');
  else if (name === 'createRequire' && isOf(walker, callee, 'module')) noteRequire(walker, node);
  else if (name === 'fork' && namesFile(first) && isOf(walker, callee, 'child_process'))
    noteProcess(walker, node, first, 'fork()');
  else if (name === 'resolve' && isImportMeta(callee, 'resolve')) noteAsset(walker, first, 'module');
  else if (READERS.test(name)) noteAsset(walker, first, 'project');
  else if ((name === 'join' || name === 'resolve') && isOwnFolder(first)) noteJoined(walker, args);
}

/** Whether the callee starts with a name of the top scope, a global, or is a function written on the spot. */
function isPlainCallee(walker: Walker, callee: Node): boolean {
  const inner = unwrap(callee);
  if (isFunction(inner) || inner.type === 'Super') return true;
  if (inner.type === 'MemberExpression') return isPlainCallee(walker, need(inner, 'object'));
  if (inner.type === 'CallExpression') return isPlainCallee(walker, need(inner, 'callee'));
  if (inner.type !== 'Identifier') return false;
  const binding = walker.find(text(inner, 'name'));
  return binding === undefined || binding.top;
}

/** `createRequire(…)('pkg')` and `createRequire(…).resolve('pkg')` say what they want; kept for later, it may want anything. */
function noteRequire(walker: Walker, node: Node): void {
  const [parent, outer] = [walker.path.at(-2), walker.path.at(-3)];
  const isMember = parent?.type === 'MemberExpression' && parent.object === node && memberName(parent) === 'resolve';
  const call = isMember ? outer : parent;
  const [source] = call?.type === 'CallExpression' ? list(call, 'arguments') : [];
  const name = source && literalText(source);
  const isCallee =
    call !== undefined &&
    unwrap(need(call.type === 'CallExpression' ? call : node, 'callee')) === (isMember ? parent : node);
  if (name === undefined || !isCallee) return loadsAnything(walker, node, 'createRequire()');
  if (isBuiltin(name)) return;
  if (/^\.{0,2}\//.test(name)) walker.out.find('assets', { path: name, base: 'module', line: walker.line(node) });
  else walker.out.refer({ kind: 'installed', name }, 0, walker.when, walker.line(node));
}

/** What else is called `fork` is not given a file. */
function namesFile(source: Node): boolean {
  const inner = unwrap(source);
  return (
    !isFunction(inner) &&
    inner.type !== 'ObjectExpression' &&
    inner.type !== 'ThisExpression' &&
    inner.type !== 'CallExpression'
  );
}

/** Whether a callee comes from that part of Node, or may: it is a global, or nothing that a file declares at its top. */
function isOf(walker: Walker, callee: Node, module: string): boolean {
  const inner = unwrap(callee);
  if (inner.type === 'MemberExpression') return isOf(walker, need(inner, 'object'), module);
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
  const [first, base] = args;
  if (!first) return;
  if (name === 'URL' && isImportMeta(base, 'url')) return noteUrl(walker, node, first);
  if (name === 'Worker' && isOf(walker, need(node, 'callee'), 'worker_threads'))
    noteProcess(walker, node, first, 'new Worker()');
}

function noteUrl(walker: Walker, node: Node, first: Node): void {
  if (literalText(first) !== undefined) return noteAsset(walker, first, 'module');
  walker.out.hazard({ kind: 'computed-path', line: walker.line(node), detail: 'new URL()' });
}

function noteAsset(walker: Walker, source: Node, base: 'module' | 'project'): void {
  const path = literalText(source);
  if (path === undefined || /^[a-z][a-z\d+.-]+:/i.test(path)) return;
  walker.out.find('assets', { path, base, line: walker.line(source) });
}

/** `join(import.meta.dirname, 'a', 'b')`. */
function noteJoined(walker: Walker, [folder, ...rest]: readonly Node[]): void {
  const parts = rest.map(literalText);
  if (!folder) return;
  if (parts.some((part) => part === undefined)) {
    walker.out.hazard({ kind: 'computed-path', line: walker.line(folder), detail: 'join()' });
    return;
  }
  walker.out.find('assets', { path: `./${parts.join('/')}`, base: 'module', line: walker.line(folder) });
}

/** What another thread or process runs is not in the module graph. */
function noteProcess(walker: Walker, node: Node, first: Node, detail: string): void {
  noteAsset(walker, first, 'project');
  walker.out.hazard({ kind: 'other-process', line: walker.line(node), detail });
  walker.out.flag('project');
}

/** `import(x)`: a literal leads to its file, a fixed beginning to a folder, anything else to the whole project. */
export function dynamicImport(walker: Walker, node: Node): void {
  const source = need(node, 'source');
  walker.out.token('ImportExpression');
  noteLoad(walker, node, source, 'dynamic');
  walker.value(node.source);
  walker.value(node.options);
}

/** Notes what an `import()` or a `require()` of `source` may load. */
function noteLoad(walker: Walker, node: Node, source: Node, kind: 'dynamic' | 'require'): void {
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

/** Notes what the name of a member alone says. */
export function noteMember(walker: Walker, node: Node): void {
  const name = memberName(node);
  if (name?.startsWith('toLocale')) walker.out.flag('timeZone');
  if (name === '_load' && walker.path.at(-2)?.callee === node) loadsAnything(walker, node, '_load');
}

/** Says that from here any file of the project may be loaded. */
function loadsAnything(walker: Walker, node: Node, detail: string): void {
  walker.out.hazard({ kind: 'computed-import', line: walker.line(node), detail });
  walker.out.flag('project');
}

/** Whether a node is `import.meta.<name>`. */
function isImportMeta(node: Node | undefined, name: string): boolean {
  if (node?.type !== 'MemberExpression' || memberName(node) !== name) return false;
  return (node.object as Node).type === 'MetaProperty';
}

/** Whether a node is the folder of the file. */
function isOwnFolder(node: Node | undefined): boolean {
  return isImportMeta(node, 'dirname') || (node?.type === 'Identifier' && text(node, 'name') === '__dirname');
}
