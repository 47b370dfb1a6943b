import {
  ambientReads,
  type CacheEntry,
  formatReason,
  pathOf,
  type Reason,
  readsOf,
  type Tokens,
} from '../../cache/index.ts';
import type { Digest, Reference, References, RunEvent, WrittenArtifact } from '../../contract/index.ts';
import type { Failure, Success } from '../plan/job.ts';
import type { OriginTask } from '../plan/resume-source.ts';

/** One event for the journal, and the bytes of the small artifacts that it names. */
export interface OutcomeEntry {
  readonly event: RunEvent;
  readonly bytes: Map<Digest, Uint8Array>;
}

/** An attempt that succeeded. */
export function succeededEntry(
  task: string,
  attempt: number,
  outcome: Success,
  at: number,
  /** What it read outside of the run, as it is stored. */
  ambient: Tokens,
  { why, unkept }: { readonly why?: Reason | undefined; readonly unkept?: string | undefined } = {},
): OutcomeEntry & { readonly writes: References } {
  const bytes = new Map<Digest, Uint8Array>();
  const writes: Record<string, Reference> = Object.create(null);
  for (const [name, artifact] of Object.entries(outcome.writes)) writes[name] = keep(artifact, bytes);
  const event: RunEvent = {
    type: 'task-succeeded',
    at,
    task,
    attempt,
    via: 'executed',
    writes,
    ...(outcome.deletes.length > 0 && { deletes: outcome.deletes }),
    ...readsIn(outcome.reads, [...ambient]),
    ...(why && { why: formatReason(why) }),
    ...(unkept !== undefined && { unkept }),
    ...(outcome.log && { log: keep(outcome.log, bytes) }),
    ms: outcome.ms,
  };
  return { event, bytes, writes };
}

/** A task that was not executed: another run, or an equal task of this one, has its result. */
export function cachedEvent(task: string, entry: CacheEntry, at: number): RunEvent {
  const { writes, deletes, reads, log, ms } = entry;
  return {
    type: 'task-succeeded',
    at,
    task,
    attempt: 1,
    via: 'cached',
    writes,
    ...(deletes.length > 0 && { deletes }),
    ...(reads.length > 0 && { reads: readsOf(entry) }),
    ...ambientIn(ambientReads(entry)),
    ...(log && { log }),
    ms,
    from: pathOf(entry),
  };
}

/** A task that the resumed run had finished. */
export function clonedEvent(task: string, origin: OriginTask, at: number): RunEvent {
  const { writes, deletes, reads, ambient, log, ms, from, caught } = origin;
  return {
    ...{ type: 'task-succeeded', at, task, attempt: 1, via: 'cloned', writes, ms, from },
    ...(deletes.length > 0 && { deletes }),
    ...(reads.length > 0 && { reads }),
    ...(ambient && { ambient }),
    ...(log && { log }),
    ...(caught && { caught }),
  };
}

type AmbientTokens = readonly (readonly [read: string, token: string])[];

function readsIn(reads: readonly string[], ambient: AmbientTokens): Partial<RunEvent & { type: 'task-succeeded' }> {
  if (ambient.length === 0) return reads.length > 0 ? { reads } : {};
  return { reads: [...reads, ...ambient.map(([read]) => read)].sort(), ...ambientIn(ambient) };
}

function ambientIn(ambient: AmbientTokens): { readonly ambient?: Readonly<Record<string, string>> } {
  return ambient.length > 0 ? { ambient: Object.fromEntries(ambient) } : {};
}

/** A task whose last attempt failed, and whose error became its result through the step's `catch`. */
export function caughtEntry(
  task: string,
  attempt: number,
  outcome: Failure,
  artifacts: Readonly<Record<string, WrittenArtifact>>,
  at: number,
): OutcomeEntry & { readonly writes: References } {
  const { ms, log, error } = outcome;
  const result = { ok: true, ms, writes: artifacts, deletes: [], reads: [], ...(log && { log }) } as const;
  const { event, bytes, writes } = succeededEntry(task, attempt, result, at, new Map());
  return { event: { ...event, caught: error } as RunEvent, bytes, writes };
}

/** An attempt that failed or was stopped. `retrying`: another one follows. */
export function failedEntry(
  task: string,
  attempt: number,
  outcome: Failure,
  at: number,
  retrying: boolean,
  why?: Reason,
): OutcomeEntry {
  const bytes = new Map<Digest, Uint8Array>();
  if (outcome.cancelled) {
    return { event: { type: 'task-cancelled', at, task, attempt, reason: outcome.error.message }, bytes };
  }
  const log = outcome.log && { log: keep(outcome.log, bytes) };
  const reason = why && { why: formatReason(why) };
  return {
    event: {
      type: 'task-failed',
      at,
      task,
      attempt,
      error: outcome.error,
      retrying,
      ...reason,
      ...log,
      ms: outcome.ms,
    },
    bytes,
  };
}

function keep(artifact: WrittenArtifact, bytes: Map<Digest, Uint8Array>): Reference {
  if (artifact.bytes) bytes.set(artifact.reference.digest, artifact.bytes);
  return artifact.reference;
}
