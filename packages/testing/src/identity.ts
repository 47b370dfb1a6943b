import type { RunRecord } from '@varve/core/contract';
import { createRunIds, formatDigest, outlineOf, type RunIdentity, sha256Hasher, VERSION } from '@varve/core/internal';

import type { TestedFlow } from './tested-flow.ts';

/** There is no compiled module. */
const NOWHERE = { bundle: 'memory:', digest: formatDigest('sha256', sha256Hasher.hash([])) };

/** Each run of a test is the first of its flow. */
export function identify({ loaded }: TestedFlow): RunIdentity {
  // A class expression may have no name, and a store needs one.
  const flow = loaded.Class.name || 'Flow';
  const startedAt = Date.now();
  const runId = createRunIds(() => startedAt)();
  return { flow, runId, runNumber: 1, startedAt, code: { ...NOWHERE, flow } };
}

export function recordOf(
  { loaded }: TestedFlow,
  { flow, runId, startedAt, code }: RunIdentity,
  parameters: Readonly<Record<string, string>>,
): Omit<RunRecord, 'number'> {
  return {
    ...{ id: runId, flow, tags: [], createdAt: startedAt, parameters },
    ...{ user: 'test', host: 'test', varve: VERSION, bundle: code.digest },
    graph: outlineOf(loaded.description),
  };
}
