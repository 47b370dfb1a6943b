import type { ObjectInfo, RunRecord } from '@varve/core/contract';
import { type CacheEntry, type Page, pathOf } from '@varve/core/internal';

/** A page of results that was read. */
export interface ReadPage {
  readonly info: ObjectInfo;
  readonly page: Page;
}

/** What decides whether a page is kept. */
export interface PageRules {
  /** Ids of the runs that stay. */
  readonly runs: ReadonlySet<string>;
  /** `Flow/number/task` of results that a run that stays has used. */
  readonly used: ReadonlySet<string>;
  /** Pages written since then stay, whosever they are: ms since the Unix epoch, by the store's clock. */
  readonly since: number;
}

/**
 * Which pages stay: those with a result of a run that stays or that such a run has used. What withdraws or replaces a
 * result stays beside any other page of its key, because without it the old result would be used again.
 */
export function choosePages(pages: readonly ReadPage[], rules: PageRules): { kept: ReadPage[]; removed: ReadPage[] } {
  const keys = new Set(pages.filter((one) => isKept(one, rules)).map(({ page }) => page.key));
  const kept: ReadPage[] = [];
  const removed: ReadPage[] = [];
  for (const one of pages) {
    const stays = isKept(one, rules) || (one.page.entries.some(replaces) && keys.has(one.page.key));
    (stays ? kept : removed).push(one);
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

/** What decides whether a run is kept. */
export interface RunFacts {
  readonly record: RunRecord;
  /** Ms since the Unix epoch; absent for a run that never said that it ended. */
  readonly endedAt?: number;
  /** Its heart beats, and it has not ended. */
  readonly live: boolean;
  readonly pinned: boolean;
}

export interface Retention {
  /** Of each flow the newest so many stay, whatever their age. */
  readonly keepLast: number;
  /** Ms. What is younger stays. */
  readonly olderMs: number;
}

/** Why a run stays. */
export type KeepReason = 'live' | 'pinned' | 'last' | 'young' | 'starting' | 'origin';

export interface ChosenRuns {
  readonly kept: readonly { readonly record: RunRecord; readonly why: KeepReason }[];
  readonly removed: readonly RunRecord[];
}

/** A run that has not ended may be one that is just starting, and gives its first heartbeat in a moment. Ms. */
const STARTING_MS = 3_600_000;

/** Which runs stay, newest first. A run is removed only when nothing speaks for it. */
export function chooseRuns(runs: readonly RunFacts[], retention: Retention, now: number): ChosenRuns {
  const newestFirst = [...runs].sort((a, b) => (a.record.id < b.record.id ? 1 : -1));
  const seen = new Map<string, number>();
  const reasons = new Map<string, KeepReason>();
  for (const run of newestFirst) {
    const { flow, id, spin } = run.record;
    // Attempts at one task are counted by themselves: many of them must not push out the runs of the flow.
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

/** What a kept run resumed is kept with it, and what that one resumed. */
function keepOrigins(runs: readonly RunFacts[], reasons: Map<string, KeepReason>): void {
  const origins = new Map(runs.map(({ record }) => [record.id, record.origin]));
  for (const id of [...reasons.keys()]) {
    for (let origin = origins.get(id); origin !== undefined && !reasons.has(origin); origin = origins.get(origin)) {
      if (origins.has(origin)) reasons.set(origin, 'origin');
      else break;
    }
  }
}
