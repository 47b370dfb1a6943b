import type { CallOptions, Datastore, MetadataProvider, ObjectInfo, RunRecord } from '@varve/core/contract';
import { liveKey, runPrefix } from '@varve/core/internal';

import type { ChosenRuns } from './choose.ts';
import type { Inventory, RunObjects } from './inventory.ts';
import type { Marks } from './mark-store.ts';

/** What is known when it is decided what goes. */
export interface Findings {
  readonly inventory: Inventory;
  readonly runs: ChosenRuns;
  /** Pages that go. */
  readonly pages: readonly ObjectInfo[];
  /** What stays needed. `undefined` when that could not be made out: then only runs go. */
  readonly marks: Marks | undefined;
  /** What is nobody's goes only when it was written before this: ms since the Unix epoch, by the store's clock. */
  readonly before: number;
  /** The same for damaged objects that were put aside. */
  readonly quarantineBefore: number;
}

/** What goes, in this order: never does anything that stays point to something that is gone. */
export interface SweepPlan {
  readonly pages: readonly ObjectInfo[];
  readonly runs: readonly RunRecord[];
  /** Summaries, heartbeats and markers of runs that are gone, and what runs that were killed held. */
  readonly others: readonly ObjectInfo[];
  readonly batches: readonly ObjectInfo[];
  readonly blobs: readonly ObjectInfo[];
  readonly quarantine: readonly ObjectInfo[];
  /** Batches of runs that are gone, which stay because a part of them is needed. */
  readonly slack: Slack;
}

export interface Slack {
  readonly batches: number;
  /** Of these batches together. */
  readonly bytes: number;
  /** Bytes in them that nobody needs. */
  readonly unused: number;
}

export function planSweep(findings: Findings): SweepPlan {
  const { inventory, runs, pages, marks, before, quarantineBefore } = findings;
  const going = new Set(runs.removed.map(prefixOf));
  const kept = new Set(runs.kept.map(({ record }) => prefixOf(record)));
  const gone = [...inventory.runs].filter(([prefix]) => !kept.has(prefix));
  // Of a run whose record cannot be read nothing is known: what it wrote is not nobody's.
  const isDue = (prefix: string, info: ObjectInfo) =>
    going.has(prefix) || (marks !== undefined && info.modifiedAt < before);
  const due = (pick: (run: RunObjects) => readonly ObjectInfo[]) =>
    gone.flatMap(([prefix, run]) => pick(run).filter((info) => isDue(prefix, info)));
  const batches = due((run) => run.batches);
  return {
    pages: marks ? pages : [],
    runs: runs.removed,
    others: [...due((run) => run.others), ...inventory.leases.filter((info) => info.modifiedAt < before)],
    batches: marks ? batches.filter(({ key }) => marks.bytesOf(key) === undefined) : [],
    blobs: marks ? inventory.blobs.filter((info) => info.modifiedAt < before && !marks.hasBlob(info.key)) : [],
    quarantine: inventory.quarantine.filter((info) => info.modifiedAt < quarantineBefore),
    slack: slackOf(
      gone.flatMap(([, run]) => run.batches),
      marks,
    ),
  };
}

function slackOf(batches: readonly ObjectInfo[], marks: Marks | undefined): Slack {
  const needed = batches.flatMap(({ key, size }) => {
    const bytes = marks?.bytesOf(key);
    return bytes === undefined ? [] : [{ size, bytes }];
  });
  const bytes = needed.reduce((sum, one) => sum + one.size, 0);
  return { batches: needed.length, bytes, unused: bytes - needed.reduce((sum, one) => sum + one.bytes, 0) };
}

function prefixOf({ flow, id }: RunRecord): string {
  return runPrefix(flow, id);
}

/** Objects deleted at once. */
const WIDTH = 16;

export interface SweepTools extends CallOptions {
  readonly store: Datastore;
  readonly metadata: MetadataProvider;
  /** Throws when nothing more may be deleted. */
  check(): void;
}

/**
 * Deletes what goes, one kind after the other: first what points to something, then what it pointed to. Stopped at any
 * place, what stays is whole, and the next collection finds the rest.
 */
export async function sweep(plan: SweepPlan, tools: SweepTools): Promise<void> {
  const { store, metadata, signal } = tools;
  const options = signal ? { signal } : {};
  const remove = ({ key }: ObjectInfo) => store.delete(key, options);
  await each(plan.pages, tools, remove);
  await each(plan.runs, tools, async (run) => {
    // So that what is left of a removed run is never taken for one whose process is asleep.
    await store.delete(liveKey(run.flow, run.id), options);
    await metadata.removeRun?.(run, options);
  });
  await each(plan.others, tools, remove);
  await each(plan.batches, tools, remove);
  await each(plan.blobs, tools, remove);
  await each(plan.quarantine, tools, remove);
}

/** Comes back when no deletion is under way any more, also when one of them failed. */
async function each<T>(
  items: readonly T[],
  { check, signal }: SweepTools,
  remove: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    try {
      for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
        signal?.throwIfAborted();
        check();
        await remove(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: WIDTH }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
