import type { Val } from '../summary/doing/doing.ts';
import { methodKey } from './outcome.ts';
import type { Proof } from './proof.ts';
import type { Activation, Value } from './value.ts';

/** What is changed of an object: a property by name, any property, or the content of a container. */
export type Changed = string | null | typeof CONTENT;

/** Stands for the content of a container: changing it runs no setter. */
export const CONTENT = Symbol('content');

/** Notes that code assigns or deletes a property of a value, or changes its content. */
export function write(proof: Proof, at: Activation, to: Value, name: Changed, line: number, isPlain = false): void {
  if (!isPlain && (name === 'length' || name === 'lastIndex') && proof.hidden.onUse()) {
    proof.doubt(at, line, `may run the conversion of a ${name}`);
  }
  switch (to.kind) {
    case 'made':
      if (replacesMethod(to.type, name, isPlain)) proof.doubt(at, line, 'may replace a method of a built-in object');
      if (to.type === 'class' && !isPlain && name !== CONTENT) proof.outcome.replaces.add(methodKey('*', name));
      if (!to.at.live) proof.doubt(at, line, 'changes an object that a finished call made');
      else if (to.type === 'odd' && runsSetter(proof, name)) proof.doubt(at, line, 'may run a setter');
      return;
    case 'instance':
      if (!to.at.live) proof.doubt(at, line, 'changes an object that a finished call made');
      else if (runsSetter(proof, name)) proof.doubt(at, line, 'may run a setter');
      if (!isPlain) replace(proof, to.type, name);
      return;
    case 'fn':
      // A function that the code itself made.
      if (!to.at?.live) proof.doubt(at, line, 'changes a function');
      return;
    case 'either':
      for (const each of to.options) write(proof, at, each, name, line, isPlain);
      return;
    case 'node':
      return writeNode(proof, at, to.node, name, line, isPlain);
    case 'global':
      if (to.path !== 'Error' || name !== 'stackTraceLimit') proof.doubt(at, line, `changes ${to.path}`);
      return;
    default:
      proof.doubt(at, line, 'changes an object that is not known before it runs');
  }
}

/** A variable that holds an object of its own, a class or a function: only code that names it can see the change. */
function writeNode(proof: Proof, at: Activation, number: number, name: Changed, line: number, isPlain: boolean): void {
  const node = proof.nodeAt(number);
  if (name !== CONTENT) proof.outcome.shapes.add(number);
  if (!node || node.reassigned || proof.rules.isOpen(number) || runsSetter(proof, name)) {
    proof.doubt(at, line, `changes ${node?.label ?? 'something'}`);
  } else if (node.kind === 'class' || node.kind === 'function') {
    proof.outcome.writes.add(number);
    if (!isPlain) replace(proof, number, name);
  } else if (holdsItsOwn(node.value) && !replacesMethod(node.value[2], name, isPlain)) {
    proof.outcome.writes.add(number);
  } else {
    proof.doubt(at, line, `changes ${node.label}`);
  }
}

function runsSetter({ hidden }: Proof, name: Changed): boolean {
  return name !== CONTENT && hidden.onSet(name);
}

/** Notes that a method may not be that of the source any more. */
function replace({ outcome }: Proof, node: number, name: Changed): void {
  if (name !== CONTENT) outcome.replaces.add(methodKey(node, name));
}

/** True if assigning a property of a built-in object may replace one of its methods, or its prototype. */
function replacesMethod(type: Made, name: Changed, isPlain: boolean): boolean {
  if (name === CONTENT) return false;
  if (name === '__proto__') return true;
  if (type === 'object' || type === 'odd' || type === 'class' || isPlain) return false;
  return name === null || !/^(\d+|length|lastIndex|message|cause|name)$/.test(name);
}

type Made = Extract<Val, readonly ['new', ...unknown[]]>[2];

/** True if a variable holds an object that was made for it. */
function holdsItsOwn(value: Val | undefined): value is Extract<Val, readonly ['new', ...unknown[]]> {
  return Array.isArray(value) && value[0] === 'new' && value[2] !== 'odd' && value[2] !== 'promise';
}
