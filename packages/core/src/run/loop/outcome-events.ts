import { type CacheEntry, formatReason, pathOf, type Reason, readsOf } from '../../cache/index.ts';

import type { Digest, Reference, References, RunEvent, TaskOutcome, WrittenArtifact } from '../../contract/index.ts';
import type { OriginTask } from '../plan/resume-source.ts';

/** What an outcome means for the journal: one event, and the bytes it brings along. */
export interface OutcomeEntry {
  readonly event: RunEvent;
  readonly bytes: Map<Digest, Uint8Array>;
}

/** A task that ended well. */
export function succeededEntry(
  task: string,
  attempt: number,
  outcome: TaskOutcome & { ok: true },
  at: number,
  why?: Reason,
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
    ...(outcome.reads.length > 0 && { reads: outcome.reads }),
    ...(why && { why: formatReason(why) }),
    ...(outcome.log && { log: keep(outcome.log, bytes) }),
    ms: outcome.ms,
  };
  return { event, bytes, writes };
}

/** A task that was not executed: another run, or another task of this one, has its result. */
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
    ...(log && { log }),
    ms,
    from: pathOf(entry),
  };
}

/** A task that the run which is resumed had done. */
export function clonedEvent(task: string, kept: OriginTask, at: number): RunEvent {
  const { writes, deletes, reads, log, ms, from, caught } = kept;
  return {
    ...{ type: 'task-succeeded', at, task, attempt: 1, via: 'cloned', writes, ms, from },
    ...(deletes.length > 0 && { deletes }),
    ...(reads.length > 0 && { reads }),
    ...(log && { log }),
    ...(caught && { caught }),
  };
}

/** A task whose last attempt failed, and whose error the step's `catch` took as its result. */
export function caughtEntry(
  task: string,
  attempt: number,
  outcome: TaskOutcome & { ok: false },
  artifacts: Readonly<Record<string, WrittenArtifact>>,
  at: number,
): OutcomeEntry & { readonly writes: References } {
  const { ms, log, error } = outcome;
  const result = { ok: true, ms, writes: artifacts, deletes: [], reads: [], ...(log && { log }) } as const;
  const { event, bytes, writes } = succeededEntry(task, attempt, result, at);
  return { event: { ...event, caught: error } as RunEvent, bytes, writes };
}

/** An attempt that failed, was stopped, or is followed by another. */
export function failedEntry(
  task: string,
  attempt: number,
  outcome: TaskOutcome & { ok: false },
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
