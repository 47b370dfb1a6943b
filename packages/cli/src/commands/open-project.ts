import type { CodeFingerprint } from '@varve/core/contract';
import {
  type Composition,
  findStack,
  type OpenHistory,
  type Patience,
  type Preparation,
  prepareAt,
} from '@varve/runtime';
import { DEFAULTS } from '../default-stack-url.ts';
import type { CommonOptions } from './options.ts';
import { parseTarget } from './targets.ts';

/** Finds the project around the working directory, and the stack of its config. */
export function findProject(options: CommonOptions): Promise<Composition> {
  return findStack(DEFAULTS, { ...options, from: process.cwd() });
}

/** Opens the history of the project for the duration of `use`. `patience`: `long` for work that nobody waits for. */
export async function withHistory<T>(
  options: CommonOptions,
  use: (opened: OpenHistory) => Promise<T>,
  patience: Patience = 'short',
): Promise<T> {
  const stack = await findProject(options);
  stack.patience = patience;
  try {
    return await use(await stack.get('history'));
  } finally {
    await stack.close();
  }
}

/** Loads a flow for the duration of `use`, then ends its threads. Writes nothing to the store. */
export async function withFlow<T>(
  file: string,
  options: CommonOptions,
  use: (flow: Preparation) => Promise<T>,
): Promise<T> {
  const prepared = await prepareAt(DEFAULTS, parseTarget(file), options);
  try {
    return await use(prepared);
  } finally {
    await prepared.close();
  }
}

/** Computes the code fingerprints of a flow's steps, in the order of the class. */
export async function fingerprintsOf({
  stack,
  compilation,
  description,
}: Preparation): Promise<readonly CodeFingerprint[]> {
  const fingerprinter = await stack.get('fingerprinter');
  const steps = description.steps.map((step) => step.name);
  return fingerprinter.fingerprint(compilation.graph, description.name, steps);
}
