import type {
  Location,
  Reference,
  References,
  RunEvent,
  RunRecord,
  RunSummary,
  SourceLocation,
  StepKeyed,
  StepOutline,
  StoredError,
  TaskStatus,
} from '../../contract/index.ts';
import { isDigest } from '../objects/digest.ts';
import {
  asArray,
  asBoolean,
  asCount,
  asFields,
  asNumber,
  asOneOf,
  asRecord,
  asString,
  asStrings,
  optional,
  ShapeError,
  type ShapeFields,
} from '../objects/shape.ts';

/** Turns the stored place of a reference into a location. */
export type ResolveLocation = (value: unknown, path: string) => Location;

const ERROR_DEPTH_MAX = 32;

/**
 * Checks a stored event field by field. `undefined` for a type this version does not know: a later version added it, and
 * the rule is that such events may be left out without changing the meaning of the others. They keep their place in the
 * count. Throws `ShapeError`.
 */
export function readEvent(value: unknown, path: string, resolve: ResolveLocation): RunEvent | undefined {
  const fields = asFields(value, path);
  const read = READERS[asString(fields.type, `${path}.type`)];
  return read?.(fields, asNumber(fields.at, `${path}.at`), path, resolve);
}

type Reader = (fields: ShapeFields, at: number, path: string, resolve: ResolveLocation) => RunEvent;

const READERS: Readonly<Record<string, Reader | undefined>> = Object.assign(Object.create(null), {
  'run-keyed': (f, at, path, resolve) => ({
    type: 'run-keyed',
    at,
    steps: asRecord(f.steps, `${path}.steps`, (one, p) => readStepKeyed(one, p, resolve)),
  }),
  'foreach-expanded': (f, at, path) => ({
    type: 'foreach-expanded',
    at,
    step: asString(f.step, `${path}.step`),
    parent: asString(f.parent, `${path}.parent`),
    labels: asStrings(f.labels, `${path}.labels`),
    ...optional(f, 'digests', path, asStrings),
  }),
  'task-started': (f, at, path) => ({ type: 'task-started', at, ...attemptOf(f, path) }),
  'task-succeeded': (f, at, path, resolve) => ({
    type: 'task-succeeded',
    at,
    ...attemptOf(f, path),
    via: asOneOf(f.via, ['executed', 'cached', 'cloned'], `${path}.via`),
    writes: readReferences(f.writes, `${path}.writes`, resolve),
    ...optional(f, 'deletes', path, asStrings),
    ...optional(f, 'reads', path, asStrings),
    ...optional(f, 'ambient', path, (v, p) => asRecord(v, p, asString)),
    ...optional(f, 'why', path, asString),
    ...optional(f, 'unkept', path, asString),
    ...optional(f, 'log', path, (v, p) => readReference(v, p, resolve)),
    ms: asNumber(f.ms, `${path}.ms`),
    ...optional(f, 'from', path, asString),
    ...optional(f, 'caught', path, (v, p) => readError(v, p)),
  }),
  'task-failed': (f, at, path, resolve) => ({
    type: 'task-failed',
    at,
    ...attemptOf(f, path),
    error: readError(f.error, `${path}.error`),
    ...optional(f, 'why', path, asString),
    retrying: asBoolean(f.retrying, `${path}.retrying`),
    ...optional(f, 'log', path, (v, p) => readReference(v, p, resolve)),
    ms: asNumber(f.ms, `${path}.ms`),
  }),
  'task-skipped': (f, at, path) => ({
    type: 'task-skipped',
    at,
    task: asString(f.task, `${path}.task`),
    reason: asString(f.reason, `${path}.reason`),
  }),
  'task-cancelled': (f, at, path) => ({
    type: 'task-cancelled',
    at,
    ...attemptOf(f, path),
    reason: asString(f.reason, `${path}.reason`),
  }),
  'run-ended': (f, at, path) => ({
    type: 'run-ended',
    at,
    status: asOneOf(f.status, ['succeeded', 'failed', 'cancelled'], `${path}.status`),
  }),
} satisfies Record<RunEvent['type'], Reader>);

function attemptOf(fields: ShapeFields, path: string): { readonly task: string; readonly attempt: number } {
  return { task: asString(fields.task, `${path}.task`), attempt: asCount(fields.attempt, `${path}.attempt`) };
}

function readStepKeyed(value: unknown, path: string, resolve: ResolveLocation): StepKeyed {
  const fields = asFields(value, path);
  const key = asString(fields.key, `${path}.key`);
  if (!/^[0-9a-f]{64}$/.test(key)) throw new ShapeError(`${path}.key`, '64 hex digits');
  return { key, components: readReference(fields.components, `${path}.components`, resolve) };
}

function readReferences(value: unknown, path: string, resolve: ResolveLocation): References {
  return asRecord(value, path, (one, at) => readReference(one, at, resolve));
}

/** Checks a stored reference, also its digest, because that becomes part of a key. */
function readReference(value: unknown, path: string, resolve: ResolveLocation = readLocation): Reference {
  const fields = asFields(value, path);
  const digest = asString(fields.digest, `${path}.digest`);
  if (!isDigest(digest)) throw new ShapeError(`${path}.digest`, 'a digest');
  return {
    digest,
    size: asCount(fields.size, `${path}.size`),
    codec: asString(fields.codec, `${path}.codec`),
    ...optional(fields, 'at', path, resolve),
  };
}

/** Checks the stored place of bytes in another object. */
export function readLocation(value: unknown, path: string): Location {
  const fields = asFields(value, path);
  return {
    object: asString(fields.object, `${path}.object`),
    offset: asCount(fields.offset, `${path}.offset`),
    length: asCount(fields.length, `${path}.length`),
  };
}

function readError(value: unknown, path: string, depth = 0): StoredError {
  const fields = asFields(value, path);
  return {
    name: asString(fields.name, `${path}.name`),
    message: asString(fields.message, `${path}.message`),
    ...optional(fields, 'code', path, asString),
    ...optional(fields, 'hint', path, asString),
    ...optional(fields, 'location', path, readPlace),
    ...optional(fields, 'stack', path, asString),
    ...(depth < ERROR_DEPTH_MAX ? optional(fields, 'cause', path, (v, p) => readError(v, p, depth + 1)) : {}),
  };
}

function readPlace(value: unknown, path: string): SourceLocation {
  const fields = asFields(value, path);
  return {
    file: asString(fields.file, `${path}.file`),
    line: asCount(fields.line, `${path}.line`),
    ...optional(fields, 'column', path, asCount),
  };
}

/** Checks a stored run record. Throws `ShapeError`. */
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

/** Checks a stored run summary. Statuses this version does not know are left out of the counts. */
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
