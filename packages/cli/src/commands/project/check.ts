import type { CodeFingerprint } from '@varve/core/contract';
import { checkedGraph, type FlowDescription } from '@varve/core/internal';
import type { checkFingerprints } from '@varve/fingerprint';
import type { Preparation } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { counted, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { fingerprintsOf, withFlow } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

/** `varve check`: exit code 0 when the flow has no mistakes, else 3. Hazards of its code are shown, not counted. */
export function check(file: string, options: CommonOptions): Promise<number> {
  return withFlow(file, options, async (flow) => {
    const { description } = flow;
    const fingerprints = description.findings.length > 0 ? [] : await fingerprintsOf(flow);
    if (options.json) return printFindings(flow, fingerprints);
    const graph = checkedGraph(description);
    print(
      `${description.name}: ${counted(graph.steps.length, 'step')}, ${counted(description.params.length, 'parameter')}, no mistakes`,
    );
    const { checkFingerprints } = await import('@varve/fingerprint');
    const open = omitDeclared(fingerprints, description);
    for (const line of renderHazards(checkFingerprints(open), painter(process.stdout))) print(line);
    return EXIT.ok;
  });
}

/** Drops impurity findings of steps that set `effect`, `cache: false` or a TTL: these have dealt with them. */
function omitDeclared(fingerprints: readonly CodeFingerprint[], { steps }: FlowDescription): CodeFingerprint[] {
  const isSettled = ({ cache, effect }: FlowDescription['steps'][number]) =>
    effect !== undefined || cache === false || cache?.ttlMs !== undefined;
  const settled = new Set(steps.filter(isSettled).map(({ name }) => name));
  return fingerprints.map((one) => (settled.has(one.step) ? { ...one, purity: [] } : one));
}

async function printFindings({ description }: Preparation, fingerprints: readonly CodeFingerprint[]): Promise<number> {
  const { checkFingerprints } = await import('@varve/fingerprint');
  printJson({ flow: description.name, findings: description.findings, ...checkFingerprints(fingerprints) });
  return description.findings.length === 0 ? EXIT.ok : EXIT.flow;
}

type Report = ReturnType<typeof checkFingerprints>;

/** Renders hazards, impure calls and module state of a flow's code as warnings. */
export function renderHazards({ hazards, purity, moduleState }: Report, paint: Paint): string[] {
  const lines = hazards.map(
    ({ file, line, message, steps }) =>
      `${paint('yellow', '!')} ${file}:${line} ${message}  ${paint('dim', steps.join(', '))}`,
  );
  for (const { call, file, line, steps } of purity) {
    lines.push(
      `${paint('yellow', '!')} ${file}:${line} calls ${call}: results can differ from run to run, and are cached all the same. Give the step cache: { ttl: '1d' }, effect or cache: false.  ${paint('dim', steps.join(', '))}`,
    );
  }
  for (const { label, steps } of moduleState) {
    lines.push(
      `${paint('yellow', '!')} ${label} is read and changed by steps: it is not carried from task to task, and they are not cached. Keep it in a field of the flow.  ${paint('dim', steps.join(', '))}`,
    );
  }
  return lines;
}
