import type { RunRecord, RunSummary, StepOutline, TaskStatus } from '../../contract/index.ts';
import {
  asArray,
  asCount,
  asFields,
  asNumber,
  asOneOf,
  asRecord,
  asString,
  asStrings,
  optional,
} from '../objects/shape.ts';
import { readReference } from './event-shape.ts';

const TASK_STATUSES: readonly TaskStatus[] = [
  'queued',
  'running',
  'succeeded',
  'cached',
  'cloned',
  'failed',
  'skipped',
  'cancelled',
  'lost',
];

/** A run's record as it was read back. Throws `ShapeError`. */
export function readRecord(value: unknown): RunRecord {
  const f = asFields(value, '');
  return {
    id: asString(f.id, '.id'),
    flow: asString(f.flow, '.flow'),
    number: asCount(f.number, '.number'),
    tags: asStrings(f.tags, '.tags'),
    createdAt: asNumber(f.createdAt, '.createdAt'),
    user: asString(f.user, '.user'),
    host: asString(f.host, '.host'),
    varve: asString(f.varve, '.varve'),
    parameters: asRecord(f.parameters, '.parameters', asString),
    ...optional(f, 'file', '', asString),
    bundle: asString(f.bundle, '.bundle'),
    ...optional(f, 'code', '', (v, p) => readReference(v, p)),
    graph: asArray(f.graph, '.graph').map((step, i) => readOutline(step, `.graph[${i}]`)),
    ...optional(f, 'origin', '', asString),
    ...optional(f, 'spin', '', asString),
  };
}

function readOutline(value: unknown, path: string): StepOutline {
  const f = asFields(value, path);
  return {
    name: asString(f.name, `${path}.name`),
    after: asStrings(f.after, `${path}.after`),
    ...optional(f, 'foreach', path, asString),
    ...optional(f, 'join', path, asString),
  };
}

/** A run's summary as it was read back. Statuses this version does not know are left out of the counts. */
export function readSummary(value: unknown): RunSummary {
  const f = asFields(value, '');
  const counts = asRecord(f.counts, '.counts', asCount);
  const known: Partial<Record<TaskStatus, number>> = {};
  for (const status of TASK_STATUSES) if (counts[status] !== undefined) known[status] = counts[status];
  return {
    status: asOneOf(f.status, ['succeeded', 'failed', 'cancelled'], '.status'),
    endedAt: asNumber(f.endedAt, '.endedAt'),
    counts: known,
    ...optional(f, 'caught', '', asCount),
    ...optional(f, 'failure', '', asString),
    ...optional(f, 'metrics', '', (v, p) => asRecord(v, p, asNumber)),
  };
}
