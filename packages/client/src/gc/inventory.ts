import {
  type CallOptions,
  type Datastore,
  type MetadataProvider,
  type ObjectInfo,
  VarveError,
} from '@varve/core/contract';
import {
  CACHE,
  CAS,
  type FenceOptions,
  fenceRun,
  HEARTBEAT_MS,
  isStale,
  isTrialKey,
  LEASES,
  PINS,
  QUARANTINE,
  RUNS,
  TRIALS,
} from '@varve/core/internal';

/** The objects in a store that could be deleted. Keys that varve does not write are left out. */
export interface Inventory {
  /** Objects written by runs, by `runs/<flow>/<id>/`. */
  readonly runs: ReadonlyMap<string, RunObjects>;
  readonly pages: readonly ObjectInfo[];
  readonly blobs: readonly ObjectInfo[];
  readonly quarantine: readonly ObjectInfo[];
  /** Leases of tasks, without those of collectors. */
  readonly leases: readonly ObjectInfo[];
  /** What trials of `varve doctor` have left that were killed. */
  readonly trials: readonly ObjectInfo[];
  /** Keys. */
  readonly pins: ReadonlySet<string>;
}

/** Objects written by one run besides its record. */
export interface RunObjects {
  /** Commit batches, whose bytes other runs may refer to. */
  readonly batches: readonly ObjectInfo[];
  /** Summary, heartbeat and markers. */
  readonly others: readonly ObjectInfo[];
  /** Its heartbeat. */
  readonly live?: ObjectInfo;
  /** Another process has taken it over: its own, if that lives, writes nothing more. */
  readonly fenced?: boolean;
}

const RUN = /^(runs\/[^/]+\/[^/]+\/)(?:((?:batch|bytes)\/\d{8})|summary|live|fence|cancel)$/;
const PAGE = /^cache\/v1\/[^/]+\/[^/]+-\d{8}$/;
const BLOB = /^cas\/[^/]+\/[0-9a-f]{2}\/[0-9a-f]+(\.gz)?$/;

/** Lists the store, once for each kind of object. */
export async function takeInventory(store: Datastore, options: CallOptions = {}): Promise<Inventory> {
  const all = (prefix: string, pattern: RegExp) => listed(store, prefix, pattern, options);
  const [runs, pages, blobs, quarantine, leases, pins, probes] = await Promise.all([
    all(RUNS, RUN),
    all(CACHE, PAGE),
    all(CAS, BLOB),
    all(QUARANTINE, /./),
    all(LEASES, /^leases\/(?!gc\/)[^/]+\/\d{8}$/),
    all(PINS, /./),
    all(TRIALS, /./),
  ]);
  const trials = probes.filter(({ key }) => isTrialKey(key));
  return { runs: byRun(runs), pages, blobs, quarantine, leases, trials, pins: new Set(pins.map(({ key }) => key)) };
}

async function listed(store: Datastore, prefix: string, pattern: RegExp, options: CallOptions): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(prefix, options)) if (pattern.test(info.key)) found.push(info);
  return found;
}

function byRun(objects: readonly ObjectInfo[]): Map<string, RunObjects> {
  const runs = new Map<string, { batches: ObjectInfo[]; others: ObjectInfo[]; live?: ObjectInfo; fenced?: boolean }>();
  for (const info of objects) {
    const [, prefix = '', batch] = RUN.exec(info.key) ?? [];
    const run = runs.get(prefix) ?? { batches: [], others: [] };
    runs.set(prefix, run);
    (batch === undefined ? run.others : run.batches).push(info);
    if (info.key === `${prefix}live`) run.live = info;
    if (info.key === `${prefix}fence`) run.fenced = true;
  }
  return runs;
}

/** Prefixes of running runs, by their heartbeats: a run may write one before it is recorded. */
export function liveRuns({ runs }: Inventory, ended: ReadonlySet<string>, now: number): Set<string> {
  const isFresh = (live: ObjectInfo | undefined) =>
    live !== undefined && !isStale({ modifiedAt: live.modifiedAt, intervalMs: HEARTBEAT_MS }, now);
  const isLive = ([prefix, { live, fenced }]: [string, RunObjects]) => isFresh(live) && !fenced && !ended.has(prefix);
  return new Set([...runs].filter(isLive).map(([prefix]) => prefix));
}

/**
 * Fences every run without a recorded end. Its process may only be asleep: when it wakes up, it must not commit anything
 * that refers to deleted objects. `ended` holds the prefixes of runs with a recorded end.
 */
export async function fenceLostRuns(
  store: Datastore,
  { runs }: Inventory,
  ended: ReadonlySet<string>,
  options: FenceOptions = {},
): Promise<void> {
  for (const [prefix, { live, fenced }] of runs) {
    if (!live || fenced || ended.has(prefix)) continue;
    await fenceRun(store, prefix, 'gc', options);
  }
}

/**
 * Prefixes of runs whose record must be there and was not listed. A removal deletes the heartbeat before the record, and a
 * process that slept through the removal of its run finds a fence.
 */
export function unrecordedRuns({ runs }: Inventory, known: ReadonlySet<string>): Set<string> {
  const found = [...runs].filter(
    ([prefix, { batches, live, others }]) =>
      live !== undefined &&
      batches.length > 0 &&
      !known.has(prefix) &&
      !others.some(({ key }) => key === `${prefix}fence`),
  );
  return new Set(found.map(([prefix]) => prefix));
}

/** Those of `unrecordedRuns` that were not removed since their objects were listed. */
export async function stillUnrecorded(
  store: Datastore,
  prefixes: ReadonlySet<string>,
  options: CallOptions = {},
): Promise<Set<string>> {
  const still = new Set<string>();
  for (const prefix of prefixes) if (await store.stat(`${prefix}live`, options)) still.add(prefix);
  return still;
}

/**
 * Errors for runs with bytes in this store whose journals are kept elsewhere, so that the objects they need are unknown.
 * `known` holds the prefixes of the runs whose records were found.
 */
export function unknownRuns(
  { runs }: Inventory,
  known: ReadonlySet<string>,
  metadata: MetadataProvider | undefined,
): VarveError[] {
  const found = [...runs].filter(([prefix, { batches, live }]) => {
    if (known.has(prefix) || batches.length === 0) return false;
    // A heartbeat is deleted before the record of its run, so the remains of a removed run have none.
    return metadata ? live !== undefined : batches.some(({ key }) => key.startsWith(`${prefix}bytes/`));
  });
  return found.map(([prefix]) => {
    const where = metadata ? `is not known to ${metadata.name}` : 'is recorded by a metadata plugin';
    return new VarveError('VARVE_GC_STRANGER', `The run ${prefix.slice(0, -1)} ${where}.`, {
      hint: 'Collect with the configuration it ran with, which knows what it refers to.',
    });
  });
}
