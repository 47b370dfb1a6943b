import type { Reference, References } from '@varve/core/contract';
import { sameValue, type TaskState } from '@varve/core/internal';

/** One artifact of a task, then and now. */
export interface SpunArtifact {
  readonly name: string;
  readonly change: 'same' | 'changed' | 'new' | 'gone';
  readonly before?: Reference;
  readonly now?: Reference;
}

/** Compares the artifacts that a task writes now with those it had written, by name. A deleted one counts as not written. */
export function compareResults(before: Pick<TaskState, 'writes'> | undefined, now: References): SpunArtifact[] {
  const then = before?.writes ?? {};
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort();
  return names.map((name) => {
    const [old, fresh] = [own(then, name), own(now, name)];
    if (!fresh) return { name, change: 'gone', ...(old && { before: old }) };
    if (!old) return { name, change: 'new', now: fresh };
    return { name, change: sameValue(old, fresh) ? 'same' : 'changed', before: old, now: fresh };
  });
}

function own(references: References, name: string): Reference | undefined {
  return Object.hasOwn(references, name) ? references[name] : undefined;
}
