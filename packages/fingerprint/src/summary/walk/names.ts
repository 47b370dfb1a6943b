import { boundNames } from '../../ast/bindings.ts';
import { child, isAnonymous, type Node, nameOf, need, text } from '../../ast/node.ts';
import type { Binding } from '../../ast/scopes.ts';
import { CHANGERS, methodUse } from '../builtins.ts';
import { Use } from '../summary.ts';
import { noteGlobal } from './globals.ts';
import { isMarkedPureAt } from './pure-marks.ts';
import { Shallow } from './recorder.ts';
import { assignedAt, type Usage, usageOf } from './usage.ts';
import type { Handlers, Walker } from './walker.ts';

/** Handlers for names: they record the binding and the uses of each. */
export const nameHandlers: Handlers = {
  Identifier: (walker, node) => readName(walker, text(node, 'name'), node),
  JSXIdentifier: (walker, node) => readTag(walker, node),
  VariableDeclarator(walker, node) {
    walker.out.token('VariableDeclarator');
    const id = need(node, 'id');
    noteInferredName(walker, id, child(node, 'init'));
    walker.visit(id);
    walker.value(node.init);
  },
  AssignmentExpression(walker, node) {
    noteInferredName(walker, need(node, 'left'), child(node, 'right'));
    walker.shape(node);
  },
  AssignmentPattern(walker, node) {
    noteInferredName(walker, need(node, 'left'), child(node, 'right'));
    walker.shape(node);
  },
  LabeledStatement(walker, node) {
    walker.out.token(`label ${nameOf(need(node, 'label'))}`);
    walker.visit(need(node, 'body'));
  },
  BreakStatement: jump,
  ContinueStatement: jump,
  TSQualifiedName(walker, node) {
    walker.out.token(`qualified ${nameOf(need(node, 'right'))}`);
    walker.visit(need(node, 'left'));
  },
};

function jump(walker: Walker, node: Node): void {
  const label = child(node, 'label');
  walker.out.token(`${node.type} ${label ? nameOf(label) : ''}`);
}

/** Code can read the name that an anonymous function takes from its variable. */
function noteInferredName(walker: Walker, target: Node, value: Node | undefined): void {
  if (target.type === 'Identifier' && isAnonymous(value)) walker.out.token(`named ${text(target, 'name')}`);
}

/** A lower-case tag is an intrinsic element, any other refers to a name. */
function readTag(walker: Walker, node: Node): void {
  const name = text(node, 'name');
  const parent = walker.path.at(-2);
  const isWord = /^[a-z]/.test(name) && parent?.type === 'JSXOpeningElement';
  const isPart = parent?.type === 'JSXAttribute' || parent?.type === 'JSXNamespacedName';
  if (isWord || isPart || (parent?.type === 'JSXMemberExpression' && parent.property === node)) {
    walker.out.token(`tag ${JSON.stringify(name)}`);
  } else readName(walker, name, node);
}

/** Records one occurrence of a name. */
export function readName(walker: Walker, name: string, node: Node): void {
  const binding = walker.find(name);
  if (!binding) return noteGlobal(walker, name, node);
  const usage = usageOf(walker.path, (each) => walker.find(each) === undefined);
  if (binding.top) readTop(walker, binding, usage, node);
  else readLocal(walker, binding, usage);
}

function readLocal(walker: Walker, binding: Binding, usage: Usage): void {
  walker.out.token(binding.shown ? `shown ${JSON.stringify(binding.name)}` : `L${walker.out.local(binding)}`);
  walker.out.useLocal(binding, usesOfLocal(usage), walker.when);
  for (const local of boundLocals(walker, usage)) walker.out.bind(local, binding, usage.copied);
}

function usesOfLocal({ uses, part, member, shallow }: Usage): number {
  const others = uses & ~(Use.Assign | Use.Fill | Use.Own);
  // Assigning the variable does not change the value it had.
  const assigned = part && uses & Use.Assign ? (shallow ? Shallow.Assign : Use.Assign) : 0;
  const called = uses & Use.Own ? methodUse(member) : 0;
  const isChanger = called === Use.Method && CHANGERS.has(member ?? '');
  return others | assigned | (isChanger ? Shallow.Method : called);
}

function readTop(walker: Walker, binding: Binding, usage: Usage, node: Node): void {
  const { name } = binding;
  if (walker.binds.includes(name) && assignedAt(walker.path, walker.path.length - 1) === 'declared') {
    walker.out.token(`D${walker.binds.indexOf(name)}`);
    return;
  }
  if (usage.uses & (Use.Assign | Use.Fill) && !usage.part) walker.out.addFact('assigns', name);
  const pure = usage.call && isMarkedPureAt(walker.file, usage.call);
  const uses = pure ? Use.Read : usage.uses | (assignsTopName(walker, usage) ? Use.Method : 0);
  const member = usage.member === undefined ? {} : { member: usage.member };
  const ref = walker.out.refer({ kind: 'name', name, ...member }, uses, walker.when, walker.line(node));
  for (const local of boundLocals(walker, usage)) walker.out.bind(local, ref, usage.copied);
}

function boundLocals(walker: Walker, { boundTo }: Usage): readonly Binding[] {
  return boundTo
    ? boundNames(boundTo)
        .flatMap((name) => walker.find(name) ?? [])
        .filter(({ top }) => !top)
    : [];
}

/** True if an assignment gives the value another name in the top scope: code may then change it by that name. */
function assignsTopName(walker: Walker, { boundTo }: Usage): boolean {
  if (!boundTo) return false;
  return boundNames(boundTo).some((name) => walker.find(name)?.top === true && !walker.binds.includes(name));
}
