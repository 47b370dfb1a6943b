/** What may be deleted, and deleting it. */
export type { ChosenRuns, KeepReason, Retention } from './choose-runs.ts';
export { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from './collect.ts';
export { CollectorLease, collectorOf, type WaitOptions, waitForGc } from './collector-lease.ts';
export { listPins, type Pin, pinRun } from './pins.ts';
export type { Slack, SweepPlan } from './plan-sweep.ts';
export type { RemoveOptions } from './remove-run.ts';
export { Upkeep } from './upkeep.ts';
