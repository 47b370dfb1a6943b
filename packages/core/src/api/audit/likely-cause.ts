import type { CodeFingerprint } from '../../contract/index.ts';
import type { Graph } from '../../flow/describe/graph.ts';
import type { AuditDifference } from './compare-runs.ts';

/** Why a task is probably not the same: `impure` has the call, `follows` the step before that differs already. */
export type AuditCause =
  | { readonly kind: 'impure'; readonly call: string; readonly file: string; readonly line: number }
  | { readonly kind: 'follows'; readonly step: string }
  /** Both times it was executed: it is not deterministic, whatever is kept. */
  | { readonly kind: 'unsteady' }
  /** Its result depends on something that is neither in its code nor among what it reads. */
  | { readonly kind: 'unseen' };

export interface ExplainedDifference extends AuditDifference {
  readonly cause: AuditCause;
}

/** Adds to each difference where it probably comes from. */
export function explain(
  differences: readonly AuditDifference[],
  graph: Graph,
  fingerprints: readonly CodeFingerprint[],
): ExplainedDifference[] {
  const differing = new Set(differences.map(({ step }) => step));
  const code = new Map(fingerprints.map((one) => [one.step, one]));
  const parents = new Map(graph.steps.map(({ name, parents }) => [name, parents]));
  return differences.map((one) => {
    const [call] = code.get(one.step)?.purity ?? [];
    if (call) return { ...one, cause: { kind: 'impure', ...call } };
    const before = differingBefore(one.step, parents, differing);
    if (before !== undefined) return { ...one, cause: { kind: 'follows', step: before } };
    return { ...one, cause: { kind: one.from === undefined ? 'unsteady' : 'unseen' } };
  });
}

/** The nearest step before it that differs. */
function differingBefore(
  step: string,
  parents: ReadonlyMap<string, readonly string[]>,
  differing: ReadonlySet<string>,
): string | undefined {
  const seen = new Set([step]);
  let level = parents.get(step) ?? [];
  while (level.length > 0) {
    const found = level.find((name) => differing.has(name));
    if (found !== undefined) return found;
    for (const name of level) seen.add(name);
    level = level.flatMap((name) => parents.get(name) ?? []).filter((name) => !seen.has(name));
  }
  return undefined;
}
