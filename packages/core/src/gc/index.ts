/** What may be deleted, and deleting it. */
export type { ChosenRuns, KeepReason, Retention } from '../client/gc/choose.ts';
export { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from '../client/gc/collect.ts';
export { Maintenance as Upkeep, type RemoveOptions } from '../client/gc/maintenance.ts';
export type { Slack, SweepPlan } from '../client/gc/sweep.ts';

export { CollectorLease, collectorOf, type WaitOptions, waitForGc } from '../store/coordination/gc-lease.ts';
export { listPins, type Pin, pinRun } from '../store/coordination/pins.ts';
