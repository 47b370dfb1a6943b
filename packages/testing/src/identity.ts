import type { RunRecord } from '@varve/core/contract';
import { createRunIds, formatDigest, outlineOf, type RunIdentity, sha256Hasher, VERSION } from '@varve/core/internal';

import type { TestedFlow } from './tested-flow.ts';

/** There is no compiled module. */
const NOWHERE = { bundle: 'memory:', digest: formatDigest('sha256', sha256Hasher.hash([])) };

/** A run of a test: the first of its flow, each time. */
export function identify({ loaded }: TestedFlow): RunIdentity {
  const flow = loaded.Class.name;
  const startedAt = Date.now();
  const runId = createRunIds(() => startedAt)();
  return { flow, runId, runNumber: 1, startedAt, code: { ...NOWHERE, flow } };
}

export function recordOf(
  { loaded }: TestedFlow,
  { flow, runId, runNumber, startedAt, code }: RunIdentity,
  parameters: Readonly<Record<string, string>>,
): RunRecord {
  return {
    ...{ id: runId, flow, number: runNumber, tags: [], createdAt: startedAt, parameters },
    ...{ user: 'test', host: 'test', varve: VERSION, bundle: code.digest },
    graph: outlineOf(loaded.description),
  };
}
