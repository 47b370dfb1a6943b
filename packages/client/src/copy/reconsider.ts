import type { RunListing, RunRecord } from '@varve/core/contract';
import { recordKey } from '@varve/core/internal';
import type { ReadPage } from '../gc/choose.ts';
import { forEach } from '../gc/for-each.ts';
import { callOptions, followManifests, Marks, markRuns } from '../gc/mark-store.ts';
import { prefixOf, type Survey, type SurveyParts, sourcesOf } from './survey.ts';

/** What may be made known in the target. */
export interface Remaining {
  readonly runs: readonly RunListing[];
  readonly pages: readonly ReadPage[];
  /** Runs that are not made known, because a part of their journal is missing. */
  readonly heldBack: RunRecord[];
}

/** Runs looked at at once. */
const WIDTH = 16;

/**
 * Looks again at the source when something of it could not be copied. Runs and pages that were deleted meanwhile are left out,
 * and what only they needed is no loss; the other losses are told with the names of the runs that need them.
 */
export async function reconsider(survey: Survey, parts: SurveyParts): Promise<Remaining> {
  const { tally } = parts;
  if (tally.lostKeys.length === 0) return { runs: survey.runs, pages: survey.pages, heldBack: [] };
  const [runs, heldBack, pages] = await Promise.all([
    stillThere(survey.runs, parts),
    stillThere(survey.unreadable, parts),
    pagesStillThere(survey.pages, parts),
  ]);
  for (const record of survey.unreadable) if (!heldBack.includes(record)) tally.forgive(prefixOf(record));
  const needs = await namesByLoss(runs, parts);
  const byPages = new Marks();
  for (const { page } of pages) byPages.addPage(page);
  await followManifests(byPages, { ...sourcesOf(parts), onUnreadable: () => {} });
  for (const key of tally.lostKeys) {
    const names = needs.get(key) ?? [];
    if (isArtifact(key) && names.length === 0 && !holds(byPages, key)) tally.forgive(key);
    else tally.blame(key, [...names].sort());
  }
  return { runs, pages, heldBack };
}

/** Those whose records are in the source now, in the same order. */
async function stillThere<T extends RunListing | RunRecord>(runs: readonly T[], parts: SurveyParts): Promise<T[]> {
  const { store, tally } = parts;
  const gone = new Set<T>();
  await forEach(runs, { width: WIDTH, ...callOptions(parts) }, async (one) => {
    const { flow, number, id } = 'record' in one ? one.record : one;
    if (await store.stat(recordKey(flow, id), callOptions(parts))) return;
    gone.add(one);
    tally.note(`${flow}/${number} was removed from the source meanwhile.`);
  });
  return runs.filter((one) => !gone.has(one));
}

async function pagesStillThere(pages: readonly ReadPage[], parts: SurveyParts): Promise<ReadPage[]> {
  const there: ReadPage[] = [];
  await forEach(pages, { width: WIDTH, ...callOptions(parts) }, async (read) => {
    if (await parts.store.stat(read.info.key, callOptions(parts))) there.push(read);
  });
  return there;
}

/** By key of a lost object: the names of the runs that need it. */
async function namesByLoss(runs: readonly RunListing[], parts: SurveyParts): Promise<Map<string, string[]>> {
  const needs = new Map<string, string[]>();
  await forEach(runs, { width: WIDTH, ...callOptions(parts) }, async ({ record }) => {
    const name = `${record.flow}/${record.number}`;
    for (const key of await lostOf(record, parts)) needs.set(key, [...(needs.get(key) ?? []), name]);
  });
  return needs;
}

/** Keys of lost objects that a run needs. */
async function lostOf(record: RunRecord, parts: SurveyParts): Promise<string[]> {
  const marks = new Marks();
  const sources = { ...sourcesOf(parts), onUnreadable: () => {} };
  await markRuns(marks, [record], sources);
  await followManifests(marks, sources);
  return parts.tally.lostKeys.filter((key) => key.startsWith(prefixOf(record)) || holds(marks, key));
}

function holds(marks: Marks, key: string): boolean {
  return marks.hasBlob(key) || marks.bytesOf(key) !== undefined;
}

/** Only these may have been deleted with the last run that needed them. */
function isArtifact(key: string): boolean {
  return /^cas\/|^runs\/[^/]+\/[^/]+\/batch\//.test(key);
}
