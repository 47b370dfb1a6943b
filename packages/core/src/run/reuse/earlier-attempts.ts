import type { AmbientReads } from '../../contract/index.ts';
import type { Failure, Job, Success } from '../plan/job.ts';

const ATTEMPT = '@run.attempt';
/** A file that a task wrote: a later attempt may leave something else, and what the last one leaves counts. */
const WROTE = '@wrote ';

/**
 * The outcome of an attempt without the number of the attempt among its reads: it is no input. In its place stands what the
 * earlier attempts had read, since with the same reads they fail again. The number stays where that is not so: what they had
 * read is not known, has changed meanwhile, or none of them failed.
 */
export function withEarlierAttempts(job: Job, outcome: Success): Success {
  if (!outcome.reads.includes(ATTEMPT) || job.rerun) return outcome;
  const failures = job.failures ?? [];
  if (failures.length !== job.attempt - 1) return outcome;
  const known = failures.flatMap((failure) => (isKnown(failure) ? [failure] : []));
  const seen = known.length === failures.length ? merged([...known, outcome].map(({ ambient }) => ambient)) : undefined;
  if (seen === undefined) return outcome;
  const reads = new Set([...known, outcome].flatMap((attempt) => attempt.reads));
  reads.delete(ATTEMPT);
  const { ambient: _, ...rest } = outcome;
  return { ...rest, reads: [...reads].sort(), ...(seen && { ambient: seen }) };
}

type Known = Failure & { readonly reads: readonly string[] };

function isKnown(failure: Failure): failure is Known {
  return failure.reads !== undefined && failure.lost === undefined;
}

/** All of it together; `null` for nothing, `undefined` when one saw something else than another. */
function merged(attempts: readonly (AmbientReads | undefined)[]): AmbientReads | null | undefined {
  const tokens = new Map<string, string>();
  const loads = new Set(attempts.map((seen) => seen?.load));
  if (loads.size > 1) return undefined;
  for (const seen of attempts)
    for (const [read, token] of Object.entries(seen?.tokens ?? {})) {
      if (!read.startsWith(WROTE) && (tokens.get(read) ?? token) !== token) return undefined;
      tokens.set(read, token);
    }
  const seen = attempts.filter((each) => each !== undefined);
  if (seen.length === 0) return null;
  const unrecorded = seen.find((each) => each.unrecorded !== undefined)?.unrecorded;
  const calls = new Map(seen.flatMap((each) => each.calls ?? []).map((call) => [call.call, call]));
  const [load] = loads;
  return {
    tokens: Object.fromEntries([...tokens].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(calls.size > 0 && { calls: [...calls.values()] }),
    ...(load !== undefined && { load }),
    ...(unrecorded !== undefined && { unrecorded }),
  };
}
