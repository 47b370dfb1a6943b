import type { ObjectInfo, RunRecord } from '@varve/core/contract';
import { type CacheEntry, type Page, pathOf } from '@varve/core/internal';

/** A page of results with its place in the store. */
export interface ReadPage {
  readonly info: ObjectInfo;
  readonly page: Page;
}

/** Rules that keep a page. */
export interface PageRules {
  /** Ids of the kept runs. */
  readonly runs: ReadonlySet<string>;
  /** `Flow/number/task` of results that a kept run has used. */
  readonly used: ReadonlySet<string>;
  /** Pages written at this time or later are kept: ms since the Unix epoch, by the store's clock. */
  readonly since: number;
}

/**
 * Keeps pages with a result that a kept run computed or used. A page that invalidates or replaces a result is kept with
 * any other page of its key, because without it the old result would be used again.
 */
export function choosePages(pages: readonly ReadPage[], rules: PageRules): { kept: ReadPage[]; removed: ReadPage[] } {
  const keys = new Set(pages.filter((one) => isKept(one, rules)).map(({ page }) => page.key));
  const kept: ReadPage[] = [];
  const removed: ReadPage[] = [];
  for (const one of pages) {
    const isLive = isKept(one, rules) || (one.page.entries.some(replaces) && keys.has(one.page.key));
    (isLive ? kept : removed).push(one);
  }
  return { kept, removed };
}

function isKept({ info, page }: ReadPage, { runs, used, since }: PageRules): boolean {
  if (info.modifiedAt >= since) return true;
  return page.entries.some((entry) => runs.has(entry.origin.runId) || used.has(pathOf(entry)));
}

function replaces({ generation, withdrawn }: CacheEntry): boolean {
  return generation > 0 || withdrawn !== undefined;
}

/** The facts that decide whether a run is kept. */
export interface RunFacts {
  readonly record: RunRecord;
  /** Ms since the Unix epoch; absent for a run without a recorded end. */
  readonly endedAt?: number;
  /** True if it has not ended and its heartbeat is fresh. */
  readonly live: boolean;
  readonly pinned: boolean;
}

export interface Retention {
  /** Number of newest runs of each flow that are kept, whatever their age. */
  readonly keepLast: number;
  /** Ms. Younger runs are kept. */
  readonly olderMs: number;
}

/** Reason to keep a run. */
export type KeepReason = 'live' | 'pinned' | 'last' | 'young' | 'starting' | 'origin';

export interface ChosenRuns {
  readonly kept: readonly { readonly record: RunRecord; readonly why: KeepReason }[];
  readonly removed: readonly RunRecord[];
}

/** Ms. A younger run without an end may be starting: its first heartbeat may not be written yet. */
const STARTING_MS = 3_600_000;

/** Chooses the runs to keep, newest first. A run is removed only when there is no reason to keep it. */
export function chooseRuns(runs: readonly RunFacts[], retention: Retention, now: number): ChosenRuns {
  const newestFirst = [...runs].sort((a, b) => (a.record.id < b.record.id ? 1 : -1));
  const seen = new Map<string, number>();
  const reasons = new Map<string, KeepReason>();
  for (const run of newestFirst) {
    const { flow, id, spin } = run.record;
    // Spins are counted separately, so that many of them do not push out the runs of the flow.
    const among = spin === undefined ? flow : `${flow} spin`;
    const place = seen.get(among) ?? 0;
    seen.set(among, place + 1);
    const why = reasonFor(run, place, retention, now);
    if (why) reasons.set(id, why);
  }
  keepOrigins(newestFirst, reasons);
  const kept = newestFirst.flatMap(({ record }) => {
    const why = reasons.get(record.id);
    return why ? [{ record, why }] : [];
  });
  return { kept, removed: newestFirst.map(({ record }) => record).filter(({ id }) => !reasons.has(id)) };
}

function reasonFor(run: RunFacts, place: number, retention: Retention, now: number): KeepReason | undefined {
  const age = now - (run.endedAt ?? run.record.createdAt);
  if (run.live) return 'live';
  if (run.pinned) return 'pinned';
  if (place < retention.keepLast) return 'last';
  if (age < retention.olderMs) return 'young';
  return run.endedAt === undefined && age < STARTING_MS ? 'starting' : undefined;
}

/** Keeps the runs that a kept run resumed, directly or indirectly. */
function keepOrigins(runs: readonly RunFacts[], reasons: Map<string, KeepReason>): void {
  const origins = new Map(runs.map(({ record }) => [record.id, record.origin]));
  for (const id of [...reasons.keys()]) {
    for (let origin = origins.get(id); origin !== undefined && !reasons.has(origin); origin = origins.get(origin)) {
      if (origins.has(origin)) reasons.set(origin, 'origin');
      else break;
    }
  }
}
