import type { CallOptions, Datastore, MetadataProvider, ObjectInfo, RunRecord } from '@varve/core/contract';
import { blobKeyOf, liveKey, runPrefix } from '@varve/core/internal';

import type { ChosenRuns } from './choose.ts';
import { forEach } from './for-each.ts';
import type { Inventory, RunObjects } from './inventory.ts';
import { callOptions, type Marks } from './mark-store.ts';

/** Everything that the plan of a sweep is derived from. */
export interface Findings {
  readonly inventory: Inventory;
  readonly runs: ChosenRuns;
  /** Pages to delete. */
  readonly pages: readonly ObjectInfo[];
  /** The needed objects; `undefined` when they are not known for certain. Then only runs are removed. */
  readonly marks: Marks | undefined;
  /** Unreferenced objects are deleted when they are older than this: ms since the Unix epoch, by the store's clock. */
  readonly before: number;
  /** The same for damaged objects in quarantine. */
  readonly quarantineBefore: number;
}

/** The objects to delete, in this order: no remaining object ever refers to a deleted one. */
export interface SweepPlan {
  readonly pages: readonly ObjectInfo[];
  readonly runs: readonly RunRecord[];
  /** Summaries, heartbeats and markers of removed runs, leases of killed ones, and what killed trials of `varve doctor` left. */
  readonly others: readonly ObjectInfo[];
  readonly batches: readonly ObjectInfo[];
  readonly blobs: readonly ObjectInfo[];
  readonly quarantine: readonly ObjectInfo[];
  /** Batches of removed runs that are kept because a part of them is needed. */
  readonly slack: Slack;
}

export interface Slack {
  readonly batches: number;
  /** Total size of these batches. */
  readonly bytes: number;
  /** Bytes in them that nothing refers to. */
  readonly unused: number;
}

export function planSweep(findings: Findings): SweepPlan {
  const { inventory, runs, pages, marks, before, quarantineBefore } = findings;
  const going = new Set(runs.removed.map(prefixOf));
  const kept = new Set(runs.kept.map(({ record }) => prefixOf(record)));
  const gone = [...inventory.runs].filter(([prefix]) => !kept.has(prefix));
  // Without marks the record of a run may be unreadable: its objects are not garbage.
  const isDue = (prefix: string, info: ObjectInfo) =>
    going.has(prefix) || (marks !== undefined && info.modifiedAt < before);
  const due = (pick: (run: RunObjects) => readonly ObjectInfo[]) =>
    gone.flatMap(([prefix, run]) => pick(run).filter((info) => isDue(prefix, info)));
  const batches = due((run) => run.batches);
  return {
    pages: marks ? pages : [],
    runs: runs.removed,
    others: [
      ...due((run) => run.others),
      ...[...inventory.leases, ...inventory.trials].filter((info) => info.modifiedAt < before),
    ],
    batches: marks ? batches.filter(({ key }) => marks.bytesOf(key) === undefined) : [],
    blobs: marks
      ? inventory.blobs.filter((info) => info.modifiedAt < before && !marks.hasBlob(blobKeyOf(info.key) ?? info.key))
      : [],
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
  /** Throws when deletions must stop. */
  check(): void;
}

/**
 * Deletes one kind of object after the other: those that refer to others first. When it is interrupted, everything that
 * remains is intact, and the next collection deletes the rest.
 */
export async function sweep(plan: SweepPlan, tools: SweepTools): Promise<void> {
  const { store, metadata } = tools;
  // A deletion that waits for its service must not be made once the lease of this collection may be another's.
  const options = { ...callOptions(tools), beforeAttempt: () => tools.check() };
  const each = <T>(items: readonly T[], remove: (item: T) => Promise<void>) =>
    forEach(items, { ...options, width: WIDTH }, (item) => {
      tools.check();
      return remove(item);
    });
  const remove = ({ key }: ObjectInfo) => store.delete(key, options);
  await each(plan.pages, remove);
  await each(plan.runs, async (run) => {
    // Without a heartbeat, the remains of a removed run are not taken for a run whose process is asleep.
    await store.delete(liveKey(run.flow, run.id), options);
    await metadata.removeRun?.(run, options);
  });
  await each(plan.others, remove);
  await each(plan.batches, remove);
  await each(plan.blobs, remove);
  await each(plan.quarantine, remove);
}
