import type { NetworkNode } from '../link/network.ts';
import { LISTENS } from '../summary/doing/calls.ts';
import type { Call, Proof } from './proof.ts';
import type { Value } from './value.ts';

/** True for Node's class of emitters: making one changes nothing. */
export function isEmitterClass(node: NetworkNode | undefined): boolean {
  const { module, name = '' } = node?.external ?? {};
  return node?.kind === 'builtin' && module === 'node:events' && /^(EventEmitter|default)$/.test(name);
}

/**
 * Follows a call that adds a listener to an emitter which a variable made for itself; `undefined` for any other call. The
 * listener runs with an event of that name only: what causes one is followed by itself.
 */
export function addListener(proof: Proof, number: number, name: string, call: Call): Value | undefined {
  const node = proof.nodeAt(number);
  if (!node || node.reassigned || !LISTENS.test(name) || call.args[0]?.kind !== 'data') return undefined;
  if (!isOwnEmitter(proof, node)) return undefined;
  proof.outcome.writes.add(number);
  return { kind: 'node', node: number };
}

function isOwnEmitter(proof: Proof, { load, value, tops }: NetworkNode): boolean {
  if (!Array.isArray(value) || value[0] !== 'slot') return false;
  const made = load?.deeds.find((deed) => deed[0] === 'call' && deed[1] === value[1] && deed[6] === 1);
  const callee = made?.[0] === 'call' ? made[2] : undefined;
  const [isMember, only, ...others] = (Array.isArray(callee) && callee[0] === 'top' && tops?.[callee[1]]) || [];
  return isMember === 0 && only !== undefined && others.length === 0 && isEmitterClass(proof.nodeAt(only));
}
