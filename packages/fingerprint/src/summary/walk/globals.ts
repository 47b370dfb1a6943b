import { pickedNames } from '../../ast/bindings.ts';
import { literalText, memberName, type Node, need } from '../../ast/node.ts';
import { impureCall, isGlobalObject, isHarmlessGlobal, isReadingProcessMethod } from '../builtins.ts';
import { Use } from '../summary.ts';
import { type Usage, usageOf } from './usage.ts';
import type { Walker } from './walker.ts';

const FILLS = { eager: 'fillsEager', handed: 'fillsHanded', later: 'fillsLater' } as const;
const CHANGES = { eager: 'globalEager', handed: 'globalHanded', later: 'globalLater' } as const;

/** Records an undeclared name and the facts that follow from its use. */
export function noteGlobal(walker: Walker, name: string, node: Node): void {
  walker.out.token(`G:${name}`);
  const usage = usageOf(walker.path, (each) => walker.find(each) === undefined);
  if (usage.uses & Use.Fill) walker.out.flag(FILLS[walker.when]);
  if (mayBeDefinedByFiles(name, usage)) walker.out.flag('readsGlobal');
  if (changesGlobal(name, usage)) walker.out.flag(CHANGES[walker.when]);
  if (name === 'process' && usage.member === 'env') readEnv(walker, walker.path.length - 2);
  if (name === 'process' && usage.member === undefined && !(usage.uses & Use.Read)) walker.out.flag('envComputed');
  if (name === 'Date' || name === 'Intl' || name === 'Temporal') walker.out.flag('timeZone');
  if (name === '__filename' || name === '__dirname') walker.out.flag('place');
  const call = impureCall(name, usage.member) ?? clockRead(walker, name, node);
  if (call) walker.out.addFact('purity', { kind: call, line: walker.line(node) });
  noteEval(walker, name, usage, node);
}

/** `eval` and `new Function` may run any code. */
function noteEval(walker: Walker, name: string, usage: Usage, node: Node): void {
  const runs =
    (name === 'eval' && usage.uses & Use.Call) || (name === 'Function' && usage.uses & (Use.Call | Use.Alias));
  if (!runs || usage.member !== undefined) return;
  walker.out.hazard({ kind: 'eval', line: walker.line(node), detail: name });
  walker.out.flag('project');
  walker.out.flag(CHANGES[walker.when]);
}

/** `Date()` and `new Date()` read the clock; `new Date(x)` does not. */
function clockRead(walker: Walker, name: string, node: Node): string | undefined {
  const parent = walker.path.at(-2);
  if (name !== 'Date' || !parent || parent.callee !== node) return undefined;
  const count = Array.isArray(parent.arguments) ? parent.arguments.length : 0;
  return parent.type === 'CallExpression' || count === 0 ? 'new Date()' : undefined;
}

/** True if a global is not one of Node's own: some file may have defined it. */
function mayBeDefinedByFiles(name: string, { member }: Usage): boolean {
  if (name === 'process') return member === undefined;
  return isGlobalObject(name) ? member === undefined || !isHarmlessGlobal(member) : !isHarmlessGlobal(name);
}

function changesGlobal(name: string, { uses, member, part }: Usage): boolean {
  // The length of stack traces is not part of a result.
  if (uses & Use.Assign) return !(name === 'Error' && member === 'stackTraceLimit');
  if (isGlobalObject(name)) return changesGlobalObject(name, part ? uses & ~Use.Alias : uses, member);
  if (member === 'prototype') return changesPrototype(uses);
  if (isHarmlessGlobal(name)) return false;
  return (uses & (Use.Call | Use.Method)) !== 0;
}

/** `Object.prototype.hasOwnProperty.call(x)` only reads the prototype; passed on, it may be changed. */
function changesPrototype(uses: number): boolean {
  return (uses & Use.Method) !== 0 || (!(uses & Use.Call) && (uses & (Use.Argument | Use.Alias)) !== 0);
}

function changesGlobalObject(name: string, uses: number, member: string | undefined): boolean {
  if (member === undefined) return (uses & (Use.Argument | Use.Alias | Use.Method)) !== 0;
  if (uses & Use.Own) return !(name === 'process' ? isReadingProcessMethod(member) : isHarmlessGlobal(member));
  const shared = name === 'process' ? member === 'env' : !isHarmlessGlobal(member);
  return (uses & Use.Method) !== 0 || (shared && (uses & (Use.Argument | Use.Alias)) !== 0 && member !== 'env');
}

/**
 * Records the variables read from `process.env`, which is the node at `at` in the path. A computed name, or passing on
 * the whole environment, may read any variable.
 */
export function readEnv(walker: Walker, at: number): void {
  const env = walker.path[at];
  const parent = walker.path[at - 1];
  if (!env || !parent) return;
  if (parent.type === 'MemberExpression' && parent.object === env) return noteVariable(walker, memberName(parent));
  if (parent.type === 'BinaryExpression' && parent.operator === 'in' && parent.right === env) {
    return noteVariable(walker, literalText(need(parent, 'left')));
  }
  const picked = parent.type === 'VariableDeclarator' ? pickedNames(need(parent, 'id')) : undefined;
  if (picked) for (const name of picked) noteVariable(walker, name);
  else noteVariable(walker, undefined);
}

function noteVariable(walker: Walker, name: string | undefined): void {
  if (name === undefined) walker.out.flag('envComputed');
  else walker.out.addFact('env', name);
}
