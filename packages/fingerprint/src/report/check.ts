import type { CodeFingerprint, Hazard, PurityFinding } from '@varve/core/contract';

/** A hazard with the steps it costs something. */
export interface HazardReport extends Hazard {
  readonly steps: readonly string[];
}

/** A call that makes results depend on more than the inputs, with the steps that reach it. */
export interface PurityReport extends PurityFinding {
  readonly steps: readonly string[];
}

/** What `check` says of the code of a flow: every hazard and every impure call once, with the steps that reach it. */
export function checkFingerprints(fingerprints: readonly CodeFingerprint[]): {
  readonly hazards: readonly HazardReport[];
  readonly purity: readonly PurityReport[];
  /** Labels of module bindings that steps change while they run, with those steps. */
  readonly moduleState: readonly { readonly label: string; readonly steps: readonly string[] }[];
} {
  return {
    hazards: gather(fingerprints, ({ hazards }) => hazards),
    purity: gather(fingerprints, ({ purity }) => purity),
    moduleState: gather(fingerprints, ({ moduleState }) => moduleState.map((label) => ({ label }))),
  };
}

function gather<T extends object>(
  fingerprints: readonly CodeFingerprint[],
  of: (fingerprint: CodeFingerprint) => readonly T[],
): readonly (T & { readonly steps: readonly string[] })[] {
  const found = new Map<string, { readonly item: T; readonly steps: string[] }>();
  for (const fingerprint of fingerprints) {
    for (const item of of(fingerprint)) {
      const key = JSON.stringify(item);
      const known = found.get(key) ?? { item, steps: [] };
      known.steps.push(fingerprint.step);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ item, steps }) => ({ ...item, steps }));
}
