import { isEmitterClass } from './emitters.ts';
import { madeByGlobal } from './methods.ts';
import { mayRun } from './opaque.ts';
import { methodKey } from './outcome.ts';
import type { Call, Proof } from './proof.ts';
import type { Activation, Value } from './value.ts';

/** Follows a method of a class of the flow's files, found from the most derived class. */
export function callMember(
  proof: Proof,
  at: Activation,
  type: number,
  name: string,
  isStatic: boolean,
  call: Call,
): Value {
  const chain = chainOf(proof, type) ?? [];
  followUse(proof, chain, call);
  for (const each of chain) {
    const node = proof.nodeAt(each);
    if (!node || node.reassigned) break;
    proof.outcome.relies.add(methodKey(each, name));
    const found = node.members?.find(([member, own]) => member === name && own === isStatic);
    if (found) {
      const [, , kind, member] = found;
      if (kind !== 'method') break;
      return proof.applyNode(member, call);
    }
  }
  return proof.doubt(at, call.line, `calls ${name} of ${proof.nodeAt(type)?.label ?? 'a class'}`);
}

/** A class and its base classes, most derived first; `undefined` if one of them is not known. */
function chainOf(proof: Proof, type: number): readonly number[] | undefined {
  const chain: number[] = [];
  for (let at: number | undefined = type; at !== undefined; ) {
    const node = proof.nodeAt(at);
    if (node?.kind !== 'class' || node.reassigned || chain.includes(at)) return undefined;
    chain.push(at);
    const base = baseOf(proof, at);
    if (base === 'unknown') return undefined;
    at = base;
  }
  return chain;
}

/** The base class of a class; `undefined` if it has none that runs code. */
function baseOf(proof: Proof, type: number): number | 'unknown' | undefined {
  const header = proof.nodeAt(proof.nodeAt(type)?.edges[0] ?? -1);
  const value = header?.value ?? 'data';
  if (value === 'data') return undefined;
  if (!Array.isArray(value)) return 'unknown';
  if (value[0] === 'global') return madeByGlobal(String(value[1])) ? undefined : 'unknown';
  const targets = value[0] === 'top' ? header?.tops?.[Number(value[1])] : undefined;
  const [, only, ...others] = targets ?? [];
  if (only === undefined || others.length > 0) return 'unknown';
  const node = proof.nodeAt(only);
  if (node?.kind === 'framework' || isEmitterClass(node)) return undefined;
  return node?.kind === 'class' ? only : 'unknown';
}

/** Follows the making of an object: the fields and constructors of the class and its bases. */
export function construct(proof: Proof, at: Activation, type: number, call: Call): Value {
  const chain = chainOf(proof, type);
  if (!chain || !call.isNew) return proof.doubt(at, call.line, `constructs ${proof.nodeAt(type)?.label ?? 'a class'}`);
  followUse(proof, chain, call);
  const self: Value = { kind: 'instance', type, at };
  for (const each of chain) proof.outcome.relies.add(methodKey(each, 'constructor'));
  followBuiltInBase(proof, at, chain, { ...call, self });
  for (const each of [...chain].reverse()) {
    for (const [, isStatic, kind, member] of proof.nodeAt(each)?.members ?? []) {
      if (isStatic || kind === 'method') continue;
      proof.applyNode(member, { ...call, self, args: kind === 'constructor' && each === type ? call.args : [] });
    }
  }
  return self;
}

/** Follows what runs when classes are used, besides their members. */
function followUse(proof: Proof, chain: readonly number[], call: Call): void {
  for (const type of chain) {
    const header = proof.nodeAt(type)?.edges[0] ?? -1;
    const doing = proof.nodeAt(header)?.use;
    if (doing) proof.apply({ kind: 'fn', doing, at: undefined, node: header }, { ...call, args: [] });
  }
}

/** Follows what a constructor of the language calls of an object of a class that extends it. */
function followBuiltInBase(proof: Proof, at: Activation, chain: readonly number[], call: Call): void {
  const base = builtInBaseOf(proof, chain.at(-1));
  if (base === undefined) return;
  const hasOwn = chain.some((type) => proof.nodeAt(type)?.members?.some(([name]) => name === 'constructor'));
  const isGiven = hasOwn || call.args.some(({ kind }) => kind !== 'data');
  if (base === 'Promise' && isGiven) proof.doubt(at, call.line, 'constructs a subclass of Promise');
  if (call.args.some((each) => mayRun(proof, each, proof.hidden.onUse()))) {
    proof.doubt(at, call.line, `${base} may run conversions`);
  }
  const filled = /^(Weak)?Map$/.test(base) ? 'set' : /^(Weak)?Set$/.test(base) ? 'add' : undefined;
  const isOverridden = (type: number) => proof.nodeAt(type)?.members?.some(([name, own]) => name === filled && !own);
  const type = filled !== undefined && isGiven ? chain.find(isOverridden) : undefined;
  if (type !== undefined) callMember(proof, at, chain[0] ?? type, String(filled), false, { ...call, args: [] });
}

/** The global that the last class of a chain extends. */
function builtInBaseOf(proof: Proof, type: number | undefined): string | undefined {
  const value = proof.nodeAt(proof.nodeAt(type ?? -1)?.edges[0] ?? -1)?.value;
  return Array.isArray(value) && value[0] === 'global' ? String(value[1]) : undefined;
}
