import type { Proof } from './proof.ts';
import type { Value } from './value.ts';

/** True if an operation on a value may run code of it; `isHidden` if there is code that such an operation could run. */
export function mayRun(proof: Proof, value: Value, isHidden: boolean): boolean {
  switch (value.kind) {
    case 'any':
      if (value.type && value.type !== 'odd' && value.type !== 'other') return isHidden && HOLDS.test(value.type);
      return value.from === undefined && (isHidden || proof.hidden.onProxy());
    case 'made':
      if (isHidden && (value.type === 'odd' || value.type === 'object')) return true;
      // A built-in that is given a list or an object may convert what is in it.
      return isHidden && value.parts.some((each) => mayRun(proof, each, isHidden));
    case 'instance':
      return isHidden;
    case 'node': {
      const known = proof.valueOf(value.node);
      if (known.kind !== 'node') return mayRun(proof, known, isHidden);
      const kind = proof.nodeAt(value.node)?.kind;
      return isHidden || (kind !== 'class' && kind !== 'function' && proof.hidden.onProxy());
    }
    case 'either':
      return value.options.some((each) => mayRun(proof, each, isHidden));
    default:
      return false;
  }
}

/** Types of objects that may hold others. */
const HOLDS = /^(object|array|map|set)$/;
