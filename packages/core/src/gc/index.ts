/** What may be deleted, and deleting it. */
export type { ChosenRuns, KeepReason, Retention } from '../client/gc/choose-runs.ts';
export { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from '../client/gc/collect.ts';
export type { Slack, SweepPlan } from '../client/gc/plan-sweep.ts';
export type { RemoveOptions } from '../client/gc/remove-run.ts';
export { Upkeep } from '../client/gc/upkeep.ts';
export { CollectorLease, collectorOf, type WaitOptions, waitForGc } from '../store/coordination/collector-lease.ts';
export { listPins, type Pin, pinRun } from '../store/coordination/pins.ts';
