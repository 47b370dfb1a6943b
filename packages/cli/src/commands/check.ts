import { checkedGraph, type Preparation } from '@varve/core/app';
import type { CodeFingerprint } from '@varve/core/contract';
import { EXIT } from '../exit-codes.ts';
import { print, printJson } from '../open-project.ts';
import { painter } from '../print/format.ts';
import { renderHazards } from '../print/hazards.ts';
import type { CommonOptions } from '../program.ts';
import { fingerprintsOf, withFlow } from '../with-flow.ts';

/** `varve check`: exit code 0 when the flow has no mistakes, 3 when it has. Hazards of its code are shown, not counted. */
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
    for (const line of renderHazards(checkFingerprints(fingerprints), painter(process.stdout))) print(line);
    return EXIT.ok;
  });
}

async function printFindings({ description }: Preparation, fingerprints: readonly CodeFingerprint[]): Promise<number> {
  const { checkFingerprints } = await import('@varve/fingerprint');
  printJson({ flow: description.name, findings: description.findings, ...checkFingerprints(fingerprints) });
  return description.findings.length === 0 ? EXIT.ok : EXIT.flow;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
