import type { CodeFingerprint } from '@varve/core/contract';

/** What a step reaches, as an indented list: every piece once, below the piece through which it was reached first. */
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

function facts({
  packages,
  assets,
  env,
  envComputed,
  timeZone,
  native,
  moduleState,
}: CodeFingerprint): readonly string[] {
  return [
    ...packages.map(({ name, version, via }) => `package ${name} ${version} (via ${via})`),
    ...assets.map(({ file, digest }) => `file ${file} ${digest === null ? 'missing' : shorten(digest)}`),
    ...env.map((name) => `env ${name}`),
    ...(envComputed ? ['env of any name'] : []),
    ...(timeZone ? ['time zone'] : []),
    ...(native ? ['platform and CPU'] : []),
    ...moduleState.map((label) => `module state ${label}`),
  ];
}
