import { openPart, type Preparation, prepare } from '@varve/core/app';
import type { CodeFingerprint } from '@varve/core/contract';
import { DEFAULTS, parseTarget } from '../default-stack-url.ts';
import type { CommonOptions } from './program.ts';

/** Loads a flow, hands it to `use`, and ends its threads whatever happens. Nothing is written to the store. */
export async function withFlow<T>(
  file: string,
  options: CommonOptions,
  use: (flow: Preparation) => Promise<T>,
): Promise<T> {
  const prepared = await prepare(DEFAULTS, parseTarget(file), options);
  try {
    return await use(prepared);
  } finally {
    await prepared.engine.close();
  }
}

/** The code fingerprints of a flow's steps, in the order of the class. */
export async function fingerprintsOf({
  setup,
  compilation,
  description,
}: Preparation): Promise<readonly CodeFingerprint[]> {
  const fingerprinter = await openPart(setup, 'fingerprinter');
  const steps = description.steps.map((step) => step.name);
  return fingerprinter.fingerprint(compilation.graph, description.name, steps);
}
