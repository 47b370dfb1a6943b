import type { CodeFingerprint, FingerprintNode, Hazard, PurityFinding } from '@varve/core/contract';

/** A hazard with the steps that reach it. */
export interface HazardReport extends Hazard {
  readonly steps: readonly string[];
}

/** A call that makes results depend on more than the inputs, with the steps that reach it. */
export interface PurityReport extends PurityFinding {
  readonly steps: readonly string[];
}

/** Lists every hazard, impure call and shared variable of a flow once, with the steps that reach it. */
export function checkFingerprints(fingerprints: readonly CodeFingerprint[]): {
  readonly hazards: readonly HazardReport[];
  readonly purity: readonly PurityReport[];
  /** Top-level variables that steps change while they run, with those steps. */
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

/**
 * Renders the code that a step reaches as an indented list: every piece once, below the piece that first reached it.
 */
export function renderTree(fingerprint: CodeFingerprint): string {
  const { nodes, step, code } = fingerprint;
  const below = new Map<number, number[]>();
  nodes.forEach(({ from }, index) => {
    below.set(from, [...(below.get(from) ?? []), index]);
  });
  const lines = [`${step} ${code}`];
  const show = (index: number, depth: number): void => {
    const node = nodes[index];
    if (!node) return;
    const line = node.line > 1 || node.label.includes('#') ? `:${node.line}` : '';
    lines.push(`${'  '.repeat(depth)}${node.label}${line} ${shorten(node.own)}`);
    for (const next of below.get(index) ?? []) show(next, depth + 1);
  };
  for (const root of below.get(-1) ?? []) show(root, 1);
  return [...lines, ...facts(fingerprint)].join('\n');
}

function shorten(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 9);
}

function facts({ packages, assets, native, moduleState }: CodeFingerprint): readonly string[] {
  return [
    ...packages.map(({ name, version, via }) => `package ${name} ${version} (via ${via})`),
    ...assets.map(({ file, digest }) => `file ${file} ${digest === null ? 'missing' : shorten(digest)}`),
    ...(native ? ['platform and CPU'] : []),
    ...moduleState.map((label) => `module state ${label}`),
  ];
}

/**
 * Explains why a step reaches a piece of code: labels from the step to the piece, each reached through the one before.
 * `label` is a label (`lib/math.ts#normalize`), a name (`normalize`) or a file. `undefined` if the step reaches no such
 * piece.
 */
export function whyReached(fingerprint: CodeFingerprint, label: string): readonly string[] | undefined {
  const index = findNode(fingerprint.nodes, label);
  return index < 0 ? undefined : chainTo(fingerprint, index);
}

function findNode(nodes: readonly FingerprintNode[], wanted: string): number {
  const exact = nodes.findIndex(({ label }) => label === wanted);
  if (exact >= 0) return exact;
  const named = nodes.findIndex(({ label }) => label.endsWith(`#${wanted}`) || label.endsWith(`.${wanted}`));
  return named >= 0 ? named : nodes.findIndex(({ label }) => label.startsWith(`${wanted}#`));
}

/** Labels from the step to a node, by its index. */
function chainTo({ nodes, step }: CodeFingerprint, index: number): readonly string[] {
  const chain: string[] = [];
  for (let at = index; at >= 0 && chain.length <= nodes.length; at = nodes[at]?.from ?? -1) {
    const node = nodes[at];
    if (node) chain.unshift(node.label);
  }
  return chain[0]?.endsWith(`.${step}`) ? chain : [step, ...chain];
}
