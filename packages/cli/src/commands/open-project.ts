import type { CodeFingerprint } from '@varve/core/contract';
import {
  findSetup,
  type OpenHistory,
  openHistory,
  openPart,
  type Preparation,
  prepare,
  type Setup,
} from '@varve/runtime';
import { DEFAULTS } from '../default-stack-url.ts';
import type { CommonOptions } from './options.ts';
import { parseTarget } from './targets.ts';

/** Finds the project around the working directory, and its config. */
export function findProject(options: CommonOptions): Promise<Setup> {
  const root = process.cwd();
  const loader = () => openPart({ defaults: DEFAULTS, projectRoot: root, stateDir: root }, 'loader');
  return findSetup(DEFAULTS, loader, { ...options, from: root });
}

/** Opens the history of the project for the duration of `use`. */
export async function withHistory<T>(options: CommonOptions, use: (opened: OpenHistory) => Promise<T>): Promise<T> {
  const opened = await openHistory(await findProject(options));
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** Loads a flow for the duration of `use`, then ends its threads. Writes nothing to the store. */
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

/** Computes the code fingerprints of a flow's steps, in the order of the class. */
export async function fingerprintsOf({
  setup,
  compilation,
  description,
}: Preparation): Promise<readonly CodeFingerprint[]> {
  const fingerprinter = await openPart(setup, 'fingerprinter');
  const steps = description.steps.map((step) => step.name);
  return fingerprinter.fingerprint(compilation.graph, description.name, steps);
}
