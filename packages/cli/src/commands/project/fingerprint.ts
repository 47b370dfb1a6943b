import { type CodeFingerprint, VarveError } from '@varve/core/contract';

import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { fingerprintsOf, withFlow } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

export interface FingerprintCommandOptions extends CommonOptions {
  readonly step?: string;
  readonly tree?: boolean;
  readonly why?: string;
}

/** `varve fingerprint`: hashes the code each step can reach; `--tree` and `--why` show the paths to it. */
export function fingerprint(file: string, options: FingerprintCommandOptions): Promise<number> {
  return withFlow(file, options, async (flow) => {
    const all = await fingerprintsOf(flow);
    const chosen = options.step === undefined ? all : [stepOf(all, options.step)];
    if (options.json) printJson({ flow: flow.description.name, fingerprints: chosen });
    else if (options.why !== undefined) await printWhy(chosen, options.why);
    else if (options.tree) await printTrees(chosen);
    else print(table(['STEP', 'CODE', 'PIECES', 'PACKAGES', 'HAZARDS'], chosen.map(row)));
    return EXIT.ok;
  });
}

function row({ step, code, nodes, packages, hazards }: CodeFingerprint): string[] {
  return [step, code.slice(0, 19), String(nodes.length), String(packages.length), String(hazards.length)];
}

function stepOf(all: readonly CodeFingerprint[], name: string): CodeFingerprint {
  const found = all.find(({ step }) => step === name);
  if (found) return found;
  throw new VarveError('VARVE_USAGE', `--step ${name}: the flow has no such step`, {
    hint: `Steps: ${all.map(({ step }) => step).join(', ')}`,
  });
}

async function printTrees(fingerprints: readonly CodeFingerprint[]): Promise<void> {
  const { renderTree } = await import('@varve/fingerprint');
  print(fingerprints.map(renderTree).join('\n\n'));
}

async function printWhy(fingerprints: readonly CodeFingerprint[], label: string): Promise<void> {
  const { whyReached } = await import('@varve/fingerprint');
  for (const one of fingerprints) {
    const chain = whyReached(one, label);
    print(chain ? chain.join(' -> ') : `${one.step} does not reach ${label}`);
  }
}
